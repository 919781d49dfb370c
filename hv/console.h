/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console multiplexer on the host's serial line. Guests' lines appear as "name| text", ours as
 * "vireo| text". Keys: Ctrl-] then n: next console, p: previous, m: monitor, 1-9: guest number, l:
 * all lines (the start view, input goes nowhere but to the escape), Ctrl-]: a Ctrl-] itself. In a
 * raw guest console the serial line is the guest's, byte for byte.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guest-devices/backend.h"

void console_start(void);
/* A guest's console: the far end of its virtio console and of its first UART. number:
 * 0..CONFIG_VMS-1. lock/unlock as for the net. */
struct char_end *console_port_open(unsigned number, const char *name, void (*lock)(void *),
                                   void (*unlock)(void *), void *context);
void console_input(const uint8_t *data, size_t size); /* from the serial line, boot CPU */
void console_poll(void);                              /* push waiting input to guests, boot CPU */
