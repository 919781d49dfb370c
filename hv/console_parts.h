/* SPDX-License-Identifier: BSD-2-Clause */
/* What the console's files share: console.c (output), console_input.c (keys),
 * console_port.c (guests). */
#pragma once

#include <arch/lock.h>

#include "hv/config.h"
#include "hv/console.h"
#include "hv/console_line.h"
#include "hv/console_ring.h"

#define CONSOLE_INPUT 1024 /* typed bytes that wait for a guest; more are dropped */
#define CONSOLE_EDIT  120

/* Guest by guest: its console, then its further ports. */
#define CONSOLE_GROUP  (1 + CONFIG_PORTS)
#define CONSOLE_PLACES (CONFIG_VMS * CONSOLE_GROUP)
#define CONSOLE_LABEL  (2 * CONFIG_NAME) /* "alpha.log" */

enum console_view { VIEW_ALL, VIEW_RAW, VIEW_MONITOR };

/* One device of a guest. */
struct console_wire {
	struct char_end end;
	struct console_port *port;
	bool refused; /* it waits to hear that there is room */
};

struct console_port {
	const char *name;
	char label[CONSOLE_LABEL]; /* the name of a further port */
	void (*lock)(void *context);
	void (*unlock)(void *context);
	void *context;
	struct console_wire wires[CONSOLE_DEVICES];
	unsigned active; /* the device that wrote last */
	/* output */
	struct console_ring out;
	uint64_t lost; /* bytes of out that were dropped unseen and not told of yet */
	struct console_line line;
	uint64_t line_since; /* when the unfinished line began */
	bool ended;          /* an unfinished line is shown at once */
	/* input */
	uint8_t in[CONSOLE_INPUT];
	unsigned in_head, in_count;
	bool in_blocked; /* the device has no room and will say when it has */
};

struct console {
	struct lock lock; /* guards all of this; taken under guests' locks and the log's */
	void (*command)(const char *line);
	struct console_port first[CONFIG_VMS];       /* the consoles */
	struct console_port *places[CONSOLE_PLACES]; /* NULL: not open */
	struct console_ring own; /* the hypervisor's lines: printable text, ended by '\n' */
	struct console_line own_line;
	uint64_t own_lost;
	unsigned turn; /* whose line comes next: 0 ours, n + 1 place n */
	bool polled;   /* the boot CPU's loop runs */
	enum console_view view;
	struct console_port *raw; /* VIEW_RAW */
	/* keys; boot CPU */
	bool escaped;                /* Ctrl-] was the last key */
	unsigned key_sequence;       /* inside a terminal's escape sequence, in the monitor */
	char edit[CONSOLE_EDIT + 1]; /* the monitor's line */
	unsigned edit_length;
	bool edit_shown; /* it stands on the screen */
};
extern struct console console;

void screen_write(const char *text);
/* Does the screen show this guest's output? If not, it is kept, the newest of it. */
bool console_sees(const struct console_port *port);
/* Draw the monitor's line on a new line. */
void console_draw_edit(void);
/* Leave the raw console for all lines; under the lock. */
void console_end_raw(void);
/* Queue lines of ours; under the lock. */
void console_put_own(const char *text);
/* Output or input waits: the boot CPU has to come round. No lock of ours held. */
void console_wake(void);

/* Towards the guests: room again, and what was typed. Boot CPU, no lock held. Returns true if more
 * can be done at once. */
bool console_serve_port(struct console_port *port);
/* Queue typed bytes for a guest; under the lock. */
void console_port_type(struct console_port *port, uint8_t byte);
