/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console multiplexer on the host's serial line. In the view of all lines (the start) guests'
 * output appears as "name| text" and the hypervisor's as "vireo| text"; escape sequences are taken
 * out and whatever else could confuse a terminal is shown as visible text. In a guest's raw console
 * the serial line is the guest's, byte for byte; meanwhile the newest output of all others is kept
 * and shown afterwards.
 *
 * A guest may have further ports, each with a name; they are shown as consoles are, named
 * "guest.port".
 *
 * Keys: Ctrl-] then l or a: all lines, n: next console or port, p: previous one, 1-9: guest by
 * number, m: the monitor (all lines are shown, typed lines are commands), Ctrl-]: a Ctrl-] itself,
 * ?: the keys.
 *
 * Guests call in on any CPU; their bytes wait in a buffer for each guest until console_poll(). A
 * guest that is seen and whose buffer is full is told to wait: it delays itself only. One that is
 * not seen never waits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

/*
 * Start on top of serial_write()/serial_room() of the driver, and become the sink of the log.
 * command is called from console_input() for each line typed in the monitor, without line end.
 */
void console_start(void (*command)(const char *line));

enum console_device { CONSOLE_VIRTIO, CONSOLE_UART, CONSOLE_DEVICES };

/*
 * A guest's console; its ends are to be joined with the devices. What is typed goes to the device
 * that the guest wrote to last. lock/unlock take the guest's lock around every call towards its
 * devices. number: 0..CONFIG_VMS-1; name is kept by reference.
 */
struct console_port;
struct console_port *console_port_open(unsigned number, const char *name, void (*lock)(void *),
                                       void (*unlock)(void *), void *context);
/* The guest's further port n (0..CONFIG_PORTS-1), which the first call opens. NULL: no memory. */
struct console_port *console_port_further(struct console_port *console, unsigned n,
                                          const char *name);
struct char_end *console_port_end(struct console_port *port, enum console_device device);
/* The devices behind the ends, those of further ports too, go away: what is typed from now on is
 * dropped. Under the guest's lock. */
void console_port_unplug(struct console_port *port);
/* The guest was reset or has ended: at all its ports waiting input is dropped, waiting output still
 * appears and an unfinished line is ended. Any CPU, the guest's lock may be held. */
void console_port_reset(struct console_port *port);

/* Print text as the hypervisor's (monitor's answers); may have several lines. Any CPU. */
void console_print(const char *text);

/* Show one guest's raw console, or "guest.port", as the keys do; false: there is none. console_all:
 * all lines. */
bool console_raw(const char *name);
void console_all(void);

void console_input(const uint8_t *data, size_t size); /* from the serial line, boot CPU */
/* Move output to the serial line and input to guests; boot CPU, bounded, no lock held. Returns true
 * if there is more to do as soon as serial_room() allows. */
bool console_poll(void);
/* When console_poll() wants to run at the latest (time_ns): unfinished lines are shown then. */
uint64_t console_deadline(void);
/* Write all waiting output, polled: for the end of the machine. Leaves a raw console. Boot CPU. */
void console_drain(void);
