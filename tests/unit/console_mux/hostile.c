/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/console_line.h"
#include "tests/unit/console_mux/fixture.h"

TestSuite(console_mux_hostile, .init = set_up);

/* Nothing but printable text and the ends of lines, and each line with a prefix of ours. */
static void expect_tame(const char *text)
{
	const char *line = text;

	for (const char *c = text; *c; c++) {
		cr_assert((*c >= ' ' && *c <= '~') || *c == '\r' || *c == '\n', "byte %02x",
		          (unsigned char)*c);
		if (*c != '\n')
			continue;
		cr_assert(strncmp(line, "alpha| ", 7) == 0 || strncmp(line, "beta| ", 6) == 0 ||
		              strncmp(line, "vireo| our", 10) == 0,
		          "%.40s", line);
		line = c + 1;
	}
}

Test(console_mux_hostile, CN_006_every_byte_and_every_pair)
{
	for (unsigned i = 0; i < 65536; i++) {
		char pair[2] = {(char)(i >> 8), (char)i};

		say_bytes(0, pair, 2);
		if (i % 512 == 0)
			turn();
	}
	say(0, "\n");
	expect_tame(seen());
}

Test(console_mux_hostile, CN_006_escape_sequences_are_taken_out)
{
	say(0, "a\x1b[31;1mb\x1b]0;title\x07"
	       "c\x1b]8;;http://x\x1b\\d\x1b(Be\x1bP+q\x1b\\f\x1b[?25lg\tT\n");
	cr_assert_str_eq(seen(), "alpha| abcdefg T\r\n");
	say(0, "x\x01\x7f\x9b"
	       "31m\xc2\x9b\b!\n");
	cr_assert_str_eq(seen(), "alpha| x^A^?\\x9b31m\\xc2\\x9!\r\n");
}

Test(console_mux_hostile, CN_006_fake_lines_of_others_carry_the_name)
{
	say(0, "\r\nvireo| all is well\r\rvireo| really\r\n\x1b[2K\rbeta| mine\r\n");
	cr_assert_str_eq(seen(), "alpha| \r\nalpha| vireo| all is well\r\n"
	                         "alpha| vireo| really\r\nalpha| beta| mine\r\n");
}

Test(console_mux_hostile, CN_006_a_sequence_without_end_hides_little)
{
	static char text[600];

	memset(text, 'x', sizeof(text) - 1);
	text[0] = 0x1b;
	text[1] = ']';
	text[sizeof(text) - 2] = '\n';
	say(0, text);
	cr_assert_gt(strlen(seen()), 300);
	say(0, "\x1b]never ended\nvisible\n");
	cr_assert_str_eq(seen(), "alpha| \r\nalpha| visible\r\n");
}

Test(console_mux_hostile, long_lines_are_broken)
{
	static char text[10001];
	const char *line;
	unsigned lines = 0, letters = 0;

	memset(text, 'x', sizeof(text) - 1);
	say(0, text);
	say(0, "\nend\n");
	line = seen();
	expect_tame(line);
	for (const char *c = line; *c; c++) {
		lines += *c == '\n';
		letters += *c == 'x';
	}
	cr_assert_eq(letters, 10000);
	cr_assert_eq(lines, (10000 + CONSOLE_COLUMNS - 1) / CONSOLE_COLUMNS + 1);
}

Test(console_mux_hostile, RS_001_a_flood_delays_itself_only)
{
	static char flood[4096];
	size_t taken = 0;
	const char *text;

	memset(flood, 'x', sizeof(flood));
	for (unsigned i = 40; i < sizeof(flood); i += 40)
		flood[i] = '\n';
	terminal_room = 0; /* the line is slow */
	for (unsigned i = 0; i < 1000; i++) {
		taken += say_bytes(0, flood, sizeof(flood));
		turn();
	}
	cr_assert_lt(taken, 3 * CONSOLE_RING);
	cr_assert_eq(guests[0].ready, 0);
	cr_assert_eq(say(1, "I am beta\n"), 10);
	terminal_room = CONSOLE_RING + 4096; /* what the driver holds, and a few lines more */
	char_ready(&terminal);
	turn();
	cr_assert(strstr(screen, "beta| I am beta"), "it did not wait for all of alpha");
	terminal_room = SIZE_MAX;
	char_ready(&terminal);
	text = seen();
	cr_assert_eq(guests[0].ready, 1, "told that there is room");
	expect_tame(text);
}

Test(console_mux_hostile, RS_001_an_unseen_guest_never_waits)
{
	type("\x1d"
	     "2");
	for (unsigned i = 0; i < 100000; i++)
		cr_assert_eq(say(0, "a line of alpha's\n"), 18);
	seen();
	type("\x1dl");
	turn();
	cr_assert(strstr(screen, "alpha| (1783616 bytes were not kept)"));
	cr_assert(strstr(screen, "alpha| a line of alpha's"));
}

Test(console_mux_hostile, a_waiting_guest_is_freed_when_its_console_is_left)
{
	static char flood[2 * CONSOLE_RING];

	memset(flood, 'x', sizeof(flood));
	type("\x1d"
	     "1");
	terminal_room = 0;
	for (unsigned i = 0; i < 10; i++) {
		say_bytes(0, flood, sizeof(flood));
		turn();
	}
	cr_assert_eq(say_bytes(0, flood, sizeof(flood)), 0);
	turn();
	guests[0].ready = 0;
	cr_assert(console_raw("beta"));
	turn();
	cr_assert_eq(guests[0].ready, 1);
	cr_assert_eq(say_bytes(0, flood, 100), 100);
}

Test(console_mux_hostile, CN_007_typed_bytes_without_room_are_dropped_at_a_limit)
{
	type("\x1d"
	     "1");
	guests[0].room = 10;
	for (unsigned i = 0; i < 1 << 16; i++)
		type("0123456789abcdef");
	cr_assert_eq(guests[0].typed_size, 10);
	guests[0].room = SIZE_MAX;
	guest_lock(&guests[0]);
	char_ready(&guests[0].device[CONSOLE_VIRTIO]);
	guest_unlock(&guests[0]);
	turn();
	cr_assert_geq(guests[0].typed_size, 1024);
	cr_assert_leq(guests[0].typed_size, 1024 + 32);
	cr_assert_eq(strncmp(guests[0].typed, "0123456789abcdef0123", 20), 0);
}

Test(console_mux_hostile, reset_forgets_typed_bytes_and_ends_the_line)
{
	type("\x1d"
	     "1");
	guests[0].room = 0;
	type("for the dead");
	console_all();
	say(0, "half a li");
	console_port_reset(guests[0].port);
	guests[0].room = 100;
	turn();
	cr_assert_eq(guests[0].typed_size, 0);
	cr_assert(strstr(screen, "alpha| half a li\r\n"));
}
