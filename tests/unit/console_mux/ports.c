/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's further ports, as persons see them. */
#include "tests/unit/console_mux/fixture.h"

/* A second end of guest 0's: the device behind it is a guest of the fixture without a console. */
static struct guest *const extra = &guests[2];

static void setup(void)
{
	struct console_port *port;

	set_up();
	memset(extra, 0, sizeof(*extra));
	extra->room = sizeof(extra->typed);
	extra->locked = 1; /* the lock is guest 0's */
	extra->device[CONSOLE_VIRTIO].receive = virtio_receive;
	extra->device[CONSOLE_VIRTIO].peer_ready = virtio_peer_ready;
	port = console_port_further(guests[0].port, 1, "log");
	cr_assert_not_null(port);
	cr_assert_eq(console_port_further(guests[0].port, 1, "log"), port, "opened once");
	char_join(&extra->device[CONSOLE_VIRTIO], console_port_end(port, CONSOLE_VIRTIO));
	extra->port = port;
}

TestSuite(console_mux_ports, .init = setup);

static size_t log_says(const char *text)
{
	return char_send(&extra->device[CONSOLE_VIRTIO], (const uint8_t *)text, strlen(text));
}

Test(console_mux_ports, their_lines_carry_both_names)
{
	say(0, "to all\n");
	log_says("to the log\n");
	seen();
	cr_assert(strstr(screen, "alpha| to all\r\n"));
	cr_assert(strstr(screen, "alpha.log| to the log\r\n"));
}

Test(console_mux_ports, one_that_floods_lets_the_console_through)
{
	char flood[CONSOLE_RING + 1];

	memset(flood, '\n', CONSOLE_RING);
	flood[CONSOLE_RING] = 0;
	terminal_room = 0;
	log_says(flood);
	say(0, "here I am\n");
	terminal_room = 20000;
	turn();
	cr_assert(strstr(screen, "alpha| here I am"), "long before the flood is over");
}

Test(console_mux_ports, a_person_attaches_to_one)
{
	cr_assert(console_raw("alpha.log"));
	cr_assert(strstr(seen(), "console of alpha.log"));
	log_says("raw\x1b[1m");
	say(0, "unseen");
	cr_assert_str_eq(seen(), "raw\x1b[1m");
	type("typed");
	cr_assert_str_eq(extra->typed, "typed");
	cr_assert_eq(guests[0].typed_size, 0);
	cr_assert_not(console_raw("alpha.data"));
	cr_assert_not(console_raw("log"));
}

Test(console_mux_ports, keys_walk_through_them)
{
	type("\x1dn");
	cr_assert(strstr(seen(), "console of alpha;"));
	type("\x1dn");
	cr_assert(strstr(seen(), "console of alpha.log"));
	type("\x1dn");
	cr_assert(strstr(seen(), "console of beta"));
	type("\x1dp\x1dp");
	cr_assert(strstr(seen(), "console of alpha;"));
}

Test(console_mux_ports, an_unseen_one_never_waits)
{
	char much[CONSOLE_RING + 101];

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = 0;
	cr_assert(console_raw("beta"));
	cr_assert_eq(log_says(much), sizeof(much) - 1);
	console_all();
	cr_assert(strstr(seen(), "alpha.log| (100 bytes were not kept)"));
}

Test(console_mux_ports, a_reset_of_the_guest_is_one_of_its_ports)
{
	extra->room = 0;
	cr_assert(console_raw("alpha.log"));
	type("for the dead");
	console_all();
	log_says("half a li");
	console_port_reset(guests[0].port);
	extra->room = 100;
	turn();
	cr_assert_eq(extra->typed_size, 0);
	cr_assert(strstr(screen, "alpha.log| half a li\r\n"));
	console_port_unplug(guests[0].port);
	cr_assert_null(console_port_end(extra->port, CONSOLE_VIRTIO)->peer);
}
