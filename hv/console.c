/* SPDX-License-Identifier: BSD-2-Clause */
/* From the buffers to the serial line. */
#include "hv/console.h"

#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/time.h>

#include "hv/console_parts.h"
#include "hv/drivers/drivers.h"

/* What one step may write at most. */
#define LINE_ROOM (2 * (CONSOLE_LABEL + CONSOLE_COLUMNS + CONSOLE_EDIT))
#define RAW_CHUNK 256
/* Steps in one poll. */
#define POLL_BUDGET 128
/* An unfinished line (a prompt) is shown after that. */
#define PARTIAL_NS   300000000ull
#define DRAIN_ROUNDS 1000

struct console console;

void screen_write(const char *text)
{
	serial_write(text, strlen(text));
}

bool console_sees(const struct console_port *port)
{
	return console.view != VIEW_RAW || console.raw == port;
}

void console_draw_edit(void)
{
	screen_write("vireo> ");
	serial_write(console.edit, console.edit_length);
	console.edit_shown = true;
}

static void show_line(const char *name, const char *text)
{
	/* Typed characters keep a line of their own; they are drawn again when it is quiet. */
	if (console.edit_shown)
		screen_write("\r\n");
	console.edit_shown = false;
	screen_write(name);
	screen_write("| ");
	screen_write(text);
	screen_write("\r\n");
}

/* ---- lines of ours ---- */

static void put_own_line(const char *line, size_t size)
{
	if (ring_room(&console.own) < size + 1) {
		console.own_lost++;
		return;
	}
	ring_put(&console.own, (const uint8_t *)line, size);
	ring_put(&console.own, (const uint8_t *)"\n", 1);
}

void console_put_own(const char *text)
{
	while (*text) {
		size_t size = strcspn(text, "\n");

		put_own_line(text, size);
		text += size + (text[size] == '\n');
	}
}

void console_print(const char *text)
{
	lock_take(&console.lock);
	console_put_own(text);
	lock_drop(&console.lock);
	console_wake();
}

/* ---- one step each: all under the lock; true if something was shown ---- */

/* The next line of a ring. If the ring ends before the line does, nothing is shown yet. */
static bool show_ring(struct console_ring *ring, struct console_line *line, const char *name)
{
	const uint8_t *data;
	bool complete = false;

	while (ring->count && !complete) {
		size_t size = ring_peek(ring, &data);

		ring_drop(ring, console_line_feed(line, data, size, &complete));
	}
	if (complete) {
		show_line(name, line->text);
		console_line_next(line);
	}
	return complete;
}

static bool show_own(void)
{
	char text[64];

	if (show_ring(&console.own, &console.own_line, "vireo"))
		return true;
	if (!console.own_lost)
		return false;
	snprintf(text, sizeof(text), "%llu lines were too many and are lost",
	         (unsigned long long)console.own_lost);
	console.own_lost = 0;
	show_line("vireo", text);
	return true;
}

static bool show_partial(struct console_port *port)
{
	if (!port->line.length || (!port->ended && time_ns() - port->line_since < PARTIAL_NS))
		return false;
	console_line_break(&port->line);
	show_line(port->name, port->line.text);
	console_line_next(&port->line);
	return true;
}

static bool show_port(struct console_port *port)
{
	bool fresh = !port->line.length;
	char text[64];

	if (port->lost) {
		snprintf(text, sizeof(text), "(%llu bytes were not kept)",
		         (unsigned long long)port->lost);
		port->lost = 0;
		show_line(port->name, text);
		return true;
	}
	if (show_ring(&port->out, &port->line, port->name))
		return true;
	if (fresh)
		port->line_since = time_ns();
	return show_partial(port);
}

static bool show_raw(struct console_port *port)
{
	const uint8_t *data;
	size_t size = ring_peek(&port->out, &data);

	if (size > RAW_CHUNK)
		size = RAW_CHUNK;
	serial_write((const char *)data, size);
	ring_drop(&port->out, size);
	return size > 0;
}

/* The next one in turn that has something to show. */
static bool show_next(void)
{
	if (console.view == VIEW_RAW)
		return show_raw(console.raw);
	for (unsigned i = 0; i <= CONSOLE_PLACES; i++) {
		unsigned n = (console.turn + i) % (CONSOLE_PLACES + 1);

		if (n ? console.places[n - 1] && show_port(console.places[n - 1]) : show_own()) {
			console.turn = (n + 1) % (CONSOLE_PLACES + 1);
			return true;
		}
	}
	return false;
}

/* Show what there is room and budget for; true if more waits. */
static bool show(unsigned budget)
{
	while (serial_room() >= LINE_ROOM) {
		if (!budget--)
			return true;
		if (show_next())
			continue;
		if (console.view == VIEW_MONITOR && console.edit_length && !console.edit_shown)
			console_draw_edit();
		return false;
	}
	return true;
}

/* ---- the boot CPU's loop ---- */

bool console_poll(void)
{
	bool more;

	lock_take(&console.lock);
	console.polled = true;
	more = show(POLL_BUDGET);
	lock_drop(&console.lock);
	for (unsigned i = 0; i < CONSOLE_PLACES; i++) {
		if (console.places[i])
			more |= console_serve_port(console.places[i]);
	}
	return more;
}

/* When something of this guest is to be shown or given to it. */
static uint64_t port_deadline(const struct console_port *port, bool room)
{
	if (port->in_count && !port->in_blocked)
		return 0;
	if (!console_sees(port))
		return UINT64_MAX;
	if (room && (port->out.count || (console.view != VIEW_RAW && port->lost)))
		return 0;
	if (console.view == VIEW_RAW || !port->line.length)
		return UINT64_MAX;
	return port->ended ? 0 : port->line_since + PARTIAL_NS;
}

uint64_t console_deadline(void)
{
	uint64_t deadline = UINT64_MAX;
	bool room = serial_room() >= LINE_ROOM;

	lock_take(&console.lock);
	if (room && console.own.count && console.view != VIEW_RAW)
		deadline = 0;
	for (unsigned i = 0; i < CONSOLE_PLACES && deadline; i++) {
		const struct console_port *port = console.places[i];
		uint64_t at = port ? port_deadline(port, room) : UINT64_MAX;

		if (at < deadline)
			deadline = at;
	}
	lock_drop(&console.lock);
	return deadline;
}

/* Show everything, whoever waits for it. In a raw console the others' lines come as well. */
void console_drain(void)
{
	bool more = true;

	for (unsigned i = 0; i < DRAIN_ROUNDS && more; i++) {
		lock_take(&console.lock);
		if (console.view == VIEW_RAW)
			console_end_raw();
		for (unsigned n = 0; n < CONSOLE_PLACES; n++)
			if (console.places[n])
				console.places[n]->ended = true;
		more = show(POLL_BUDGET);
		lock_drop(&console.lock);
		serial_drain();
	}
}

void console_wake(void)
{
	if (cpu_id() != 0) {
		cpu_kick(0);
	} else if (!console.polled) {
		/* Start-up: nobody comes round yet. */
		lock_take(&console.lock);
		show(POLL_BUDGET);
		lock_drop(&console.lock);
		serial_drain();
	}
}

void console_start(void (*command)(const char *line))
{
	lock_take(&console.lock);
	console.command = command;
	console.view = VIEW_ALL;
	lock_drop(&console.lock);
	log_set_sink(console_print);
}
