/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/console_mux/fixture.h"

TestSuite(console_mux, .init = set_up);

Test(console_mux, lines_carry_the_name)
{
	say(0, "hello\r\n");
	say(1, "be");
	say(0, "second\n\nthird\n");
	say(1, "ta\r\n");
	log_info("our own");
	turn();
	/* In turn, so that nobody is shut out: ours, alpha's, beta's. */
	cr_assert_str_eq(seen(), "vireo| our own\r\nalpha| hello\r\nbeta| beta\r\n"
	                         "alpha| second\r\nalpha| \r\nalpha| third\r\n");
}

Test(console_mux, unfinished_lines_appear_after_a_while)
{
	say(0, "login: ");
	cr_assert_str_eq(seen(), "");
	cr_assert_eq(console_deadline(), hosted_time.now_ns + 300000000);
	hosted_time.now_ns += 300000000;
	cr_assert_str_eq(seen(), "alpha| login: \r\n");
	cr_assert_eq(console_deadline(), UINT64_MAX);
	say(0, "\r\nwelcome\r\n");
	cr_assert_str_eq(seen(), "alpha| welcome\r\n", "no empty line in between");
}

Test(console_mux, raw_console_is_byte_for_byte)
{
	say(0, "alpha# ");
	turn();
	type("\x1d"
	     "1");
	cr_assert(strstr(seen(), "alpha# "), "the prompt is there");
	say(0, "\x1b[31mred\x07\xff\r\n");
	cr_assert_str_eq(seen(), "\x1b[31mred\x07\xff\r\n");
	type("ls\r\x1d\x1d");
	cr_assert_str_eq(guests[0].typed, "ls\r\x1d");
	cr_assert_eq(guests[1].typed_size, 0);
	say(1, "meanwhile\n");
	log_info("and ours");
	cr_assert_str_eq(seen(), "");
	type("\x1dl");
	turn();
	cr_assert(strstr(screen, "beta| meanwhile\r\n"));
	cr_assert(strstr(screen, "vireo| and ours\r\n"));
}

Test(console_mux, keys_walk_through_the_guests)
{
	open_guest(2, "gamma");
	type("\x1dn");
	cr_assert(strstr(seen(), "console of alpha"));
	type("\x1dn");
	cr_assert(strstr(seen(), "console of beta"));
	type("\x1dp\x1dp");
	cr_assert(strstr(seen(), "console of gamma"));
	type("\x1d"
	     "9x");
	cr_assert_str_eq(guests[2].typed, "x", "there is no guest 9");
	cr_assert(console_raw("beta"));
	cr_assert_not(console_raw("delta"));
	type("y");
	cr_assert_str_eq(guests[1].typed, "y");
	console_all();
	type("z");
	cr_assert_str_eq(guests[1].typed, "y");
}

Test(console_mux, monitor_takes_lines)
{
	type("\x1dm");
	cr_assert_str_eq(seen(), "vireo| monitor: 'help' lists the commands\r\n");
	type("lisst\x7f\x7ft\x1b[A\r");
	cr_assert_eq(commands, 1);
	cr_assert_str_eq(command, "list");
	type("\r");
	cr_assert_eq(commands, 1, "an empty line is none");
	seen();
	type("say\r");
	cr_assert_str_eq(seen(), "vireo> say\r\nvireo| one\r\nvireo| two\r\n");
	type("he");
	say(0, "in between\n");
	cr_assert_str_eq(seen(), "vireo> he\r\nalpha| in between\r\nvireo> he");
	type("lp\r");
	cr_assert_str_eq(command, "help");
	cr_assert_eq(guests[0].typed_size + guests[1].typed_size, 0);
}

Test(console_mux, a_monitor_line_has_an_end)
{
	type("\x1dm");
	for (unsigned i = 0; i < 1000; i++)
		type("x");
	type("\r");
	cr_assert_eq(strlen(command), 120);
}

Test(console_mux, input_goes_to_the_device_that_wrote_last)
{
	uint8_t byte = '$';

	guest_lock(&guests[0]);
	char_send(&guests[0].device[CONSOLE_UART], &byte, 1);
	guest_unlock(&guests[0]);
	guests[0].device[CONSOLE_VIRTIO].receive = NULL;
	type("\x1d"
	     "1a");
	cr_assert_str_eq(guests[0].typed, "a");
}

Test(console_mux, wakes_the_boot_cpu)
{
	hosted_cpu.count = 2;
	hosted_cpu.id = 1;
	say(0, "x\n");
	cr_assert(hosted_cpu.kicked[0]);
	hosted_cpu.id = 0;
	cr_assert_eq(console_deadline(), 0);
}

Test(console_mux, last_words_come_out)
{
	type("\x1d"
	     "2");
	say(0, "unfinished");
	log_info("powering off");
	console_drain();
	cr_assert(strstr(screen, "alpha| unfinished\r\n"));
	cr_assert(strstr(screen, "vireo| powering off\r\n"));
}

Test(console_mux, no_serial_line_is_no_disaster)
{
	hosted_io.port_read = NULL;
	serial_start(console_input);
	cr_assert(hosted_log_has("no 16550"));
	for (unsigned i = 0; i < 10000; i++) {
		cr_assert_eq(say(0, "lost\n"), 5);
		turn();
	}
	console_drain();
}
