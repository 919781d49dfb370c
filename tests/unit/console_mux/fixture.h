/* SPDX-License-Identifier: BSD-2-Clause */
/* The multiplexer on the real driver of the serial line, on the device model of a 16550: what the
 * terminal sees is in screen. */
#pragma once

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <arch/log.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/serial/uart16550.h"
#include "hv/console.h"
#include "hv/console_ring.h"
#include "hv/drivers/drivers.h"
#include "tests/lib/region.h"

#define SCREEN_SIZE (1 << 20)

struct guest {
	struct char_end device[CONSOLE_DEVICES];
	struct console_port *port;
	unsigned locked, ready;
	size_t room; /* for typed bytes */
	char typed[4096];
	size_t typed_size;
};

static struct uart16550 uart;
static struct char_end terminal;
static char screen[SCREEN_SIZE + 1];
static size_t screen_size, terminal_room;
static struct guest guests[3];
static char command[256];
static unsigned commands;

static uint32_t port_read(void *context, uint16_t port, unsigned size)
{
	(void)context;
	return (uint32_t)region_read(&uart.region, port - 0x3f8u, (uint8_t)size);
}

static void port_write(void *context, uint16_t port, unsigned size, uint32_t value)
{
	(void)context;
	region_write(&uart.region, port - 0x3f8u, (uint8_t)size, value);
}

static void uart_irq(void *context, unsigned line, bool level)
{
	static bool before;

	(void)context;
	if (level && !before)
		hosted_line_irq(line);
	before = level;
}

static size_t terminal_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	(void)end;
	if (size > terminal_room)
		size = terminal_room;
	if (size > SCREEN_SIZE - screen_size)
		size = SCREEN_SIZE - screen_size;
	memcpy(screen + screen_size, data, size);
	screen_size += size;
	screen[screen_size] = 0;
	terminal_room -= size;
	return size;
}

static void guest_lock(void *context)
{
	cr_assert_eq(((struct guest *)context)->locked++, 0);
}

static void guest_unlock(void *context)
{
	cr_assert_eq(--((struct guest *)context)->locked, 0);
}

static size_t guest_receive(struct guest *guest, const uint8_t *data, size_t size)
{
	cr_assert_eq(guest->locked, 1, "typed bytes come under the guest's lock");
	if (size > guest->room)
		size = guest->room;
	guest->room -= size;
	memcpy(guest->typed + guest->typed_size, data, size);
	guest->typed_size += size;
	return size;
}

#define GUEST_OF(end, n) ((struct guest *)((char *)(end)-offsetof(struct guest, device[n])))

static size_t virtio_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	return guest_receive(GUEST_OF(end, CONSOLE_VIRTIO), data, size);
}

static size_t com1_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	return guest_receive(GUEST_OF(end, CONSOLE_UART), data, size);
}

static void virtio_peer_ready(struct char_end *end)
{
	cr_assert_eq(GUEST_OF(end, CONSOLE_VIRTIO)->locked, 1);
	GUEST_OF(end, CONSOLE_VIRTIO)->ready++;
}

static void on_command(const char *line)
{
	commands++;
	snprintf(command, sizeof(command), "%s", line);
	if (strcmp(line, "say") == 0)
		console_print("one\ntwo");
}

/* Turns of the boot CPU's loop until nothing moves any more. */
static inline void turn(void)
{
	for (unsigned i = 0; i < 20000; i++) {
		size_t before = screen_size;
		bool more;

		serial_poll();
		more = console_poll();
		if (!more && screen_size == before && i > 2)
			return;
		if (!terminal_room)
			return;
	}
}

static inline void open_guest(unsigned n, const char *name)
{
	struct guest *guest = &guests[n];

	memset(guest, 0, sizeof(*guest));
	guest->room = sizeof(guest->typed);
	guest->device[CONSOLE_VIRTIO].receive = virtio_receive;
	guest->device[CONSOLE_VIRTIO].peer_ready = virtio_peer_ready;
	guest->device[CONSOLE_UART].receive = com1_receive;
	guest->port = console_port_open(n, name, guest_lock, guest_unlock, guest);
	for (unsigned i = 0; i < CONSOLE_DEVICES; i++)
		char_join(&guest->device[i], console_port_end(guest->port, i));
}

static inline void set_up(void)
{
	hosted_reset();
	hosted_io.port_read = port_read;
	hosted_io.port_write = port_write;
	terminal.receive = terminal_receive;
	terminal_room = SIZE_MAX;
	uart16550_init(&uart, 0x3f8, (struct irq_line){uart_irq, NULL, 4});
	char_join(&uart.end, &terminal);
	serial_start(console_input);
	console_start(on_command);
	open_guest(0, "alpha");
	open_guest(1, "beta");
	turn();
}

static inline size_t say_bytes(unsigned n, const char *data, size_t size)
{
	size_t taken;

	guest_lock(&guests[n]);
	taken = char_send(&guests[n].device[CONSOLE_VIRTIO], (const uint8_t *)data, size);
	guest_unlock(&guests[n]);
	return taken;
}

static inline size_t say(unsigned n, const char *text)
{
	return say_bytes(n, text, strlen(text));
}

static inline void type(const char *text)
{
	size_t size = strlen(text);

	while (size) {
		size_t taken = char_send(&terminal, (const uint8_t *)text, size);

		text += taken;
		size -= taken;
		turn();
	}
}

/* What came on the screen since the last call. */
static inline const char *seen(void)
{
	static size_t from;
	static char text[SCREEN_SIZE + 1];

	turn();
	memcpy(text, screen + from, screen_size - from + 1);
	from = screen_size;
	return text;
}
