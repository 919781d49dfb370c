/* SPDX-License-Identifier: BSD-2-Clause */
/* What is typed: the escape key, the monitor's line, a guest's raw console. Boot CPU. */
#include <stdio.h>
#include <string.h>

#include "hv/console_parts.h"

#define KEY_ESCAPE    0x1d /* Ctrl-] */
#define KEY_BACKSPACE 0x08
#define KEY_DELETE    0x7f
#define KEY_CTRL_C    0x03
#define KEY_CTRL_U    0x15
#define KEY_SEQUENCE  0x1b

static const char keys_text[] =
    "Ctrl-] then  l: all lines  1-9: a guest's console  n, p: next, previous one\n"
    "             m: monitor    Ctrl-]: Ctrl-] itself   ?: this help";

/* ---- views; under the lock ---- */

void console_end_raw(void)
{
	console.view = VIEW_ALL;
	/* Whatever the guest did to the terminal: colours off, cursor on, a line of its own. */
	screen_write("\x1b[0m\x1b[?25h\r\n");
}

static void leave_view(void)
{
	if (console.view == VIEW_RAW)
		console_end_raw();
	if (console.edit_shown)
		screen_write("\r\n");
	console.edit_shown = false;
	console.edit_length = 0;
	console.view = VIEW_ALL;
}

static void view_monitor(void)
{
	if (console.view == VIEW_MONITOR)
		return;
	leave_view();
	console.view = VIEW_MONITOR;
	console_put_own("monitor: 'help' lists the commands");
}

static void view_raw(struct console_port *port)
{
	char text[CONSOLE_LABEL + 80];

	if (console.view == VIEW_RAW && console.raw == port)
		return;
	leave_view();
	snprintf(text, sizeof(text), "vireo| console of %.*s; Ctrl-] l: all lines, m: monitor\r\n",
	         CONSOLE_LABEL, port->name);
	screen_write(text);
	/* The beginning of its line, a prompt maybe, stands in our buffer. */
	port->line.text[port->line.length] = 0;
	screen_write(port->line.text);
	console_line_next(&port->line);
	port->lost = 0;
	console.view = VIEW_RAW;
	console.raw = port;
}

/* The console or port step places further, round the end. */
static void view_neighbour(unsigned step)
{
	unsigned at = step == 1 ? CONSOLE_PLACES - 1 : 0;

	for (unsigned i = 0; i < CONSOLE_PLACES && console.view == VIEW_RAW; i++)
		if (console.places[i] == console.raw)
			at = i;
	for (unsigned i = 0; i < CONSOLE_PLACES; i++) {
		at = (at + step) % CONSOLE_PLACES;
		if (console.places[at]) {
			view_raw(console.places[at]);
			return;
		}
	}
}

static void view_guest(unsigned number)
{
	if (console.places[number * CONSOLE_GROUP])
		view_raw(console.places[number * CONSOLE_GROUP]);
}

bool console_raw(const char *name)
{
	struct console_port *found = NULL;

	lock_take(&console.lock);
	for (unsigned i = 0; i < CONSOLE_PLACES && !found; i++)
		if (console.places[i] && strcmp(console.places[i]->name, name) == 0)
			found = console.places[i];
	if (found)
		view_raw(found);
	lock_drop(&console.lock);
	return found;
}

void console_all(void)
{
	lock_take(&console.lock);
	leave_view();
	lock_drop(&console.lock);
}

/* ---- the monitor's line; under the lock ---- */

static void erase(unsigned count)
{
	for (; count && console.edit_length; count--) {
		console.edit_length--;
		if (console.edit_shown)
			screen_write("\b \b");
	}
}

static void edit_add(uint8_t byte)
{
	char text[2] = {(char)byte, 0};

	if (console.edit_length == CONSOLE_EDIT)
		return;
	if (!console.edit_shown)
		console_draw_edit();
	console.edit[console.edit_length++] = text[0];
	screen_write(text);
}

/* Cursor keys and the like come as sequences: nothing of them is text. */
static bool in_sequence(uint8_t byte)
{
	if (byte == KEY_SEQUENCE) {
		console.key_sequence = 1;
		return true;
	}
	if (!console.key_sequence)
		return false;
	if (console.key_sequence == 1 && (byte == '[' || byte == 'O'))
		console.key_sequence = 2;
	else if (console.key_sequence == 1 || byte >= '@')
		console.key_sequence = 0;
	return byte >= ' ';
}

/* One typed byte; true: the line is complete. */
static bool edit(uint8_t byte)
{
	if (in_sequence(byte))
		return false;
	if (byte == '\r' || byte == '\n') {
		if (console.edit_shown)
			screen_write("\r\n");
		console.edit_shown = false;
		return console.edit_length > 0;
	}
	if (byte == KEY_BACKSPACE || byte == KEY_DELETE)
		erase(1);
	else if (byte == KEY_CTRL_U || byte == KEY_CTRL_C)
		erase(CONSOLE_EDIT);
	else if (byte >= ' ' && byte < KEY_DELETE)
		edit_add(byte);
	return false;
}

/* ---- keys; under the lock ---- */

static void escape_key(uint8_t byte)
{
	if (byte == KEY_ESCAPE && console.view == VIEW_RAW)
		console_port_type(console.raw, byte);
	else if (byte == 'l' || byte == 'a')
		leave_view();
	else if (byte == 'm')
		view_monitor();
	else if (byte == 'n')
		view_neighbour(1);
	else if (byte == 'p')
		view_neighbour(CONSOLE_PLACES - 1);
	else if (byte >= '1' && byte <= '9')
		view_guest(byte - '1');
	else if (byte == '?' && console.view == VIEW_RAW)
		screen_write(
		    "\r\nvireo| Ctrl-] then l: all lines, 1-9 n p: guests, m: monitor\r\n");
	else if (byte == '?')
		console_put_own(keys_text);
}

/* True: a line for the monitor is complete. */
static bool key(uint8_t byte)
{
	if (console.escaped) {
		console.escaped = false;
		escape_key(byte);
	} else if (byte == KEY_ESCAPE) {
		console.escaped = true;
	} else if (console.view == VIEW_RAW) {
		console_port_type(console.raw, byte);
	} else if (console.view == VIEW_MONITOR) {
		return edit(byte);
	} else if (byte == '\r') {
		console_put_own(keys_text);
	}
	return false;
}

void console_input(const uint8_t *data, size_t size)
{
	char line[CONSOLE_EDIT + 1];

	for (size_t i = 0; i < size; i++) {
		bool complete;

		lock_take(&console.lock);
		complete = key(data[i]);
		if (complete) {
			memcpy(line, console.edit, console.edit_length);
			line[console.edit_length] = 0;
			console.edit_length = 0;
		}
		lock_drop(&console.lock);
		if (complete && console.command)
			console.command(line);
	}
}
