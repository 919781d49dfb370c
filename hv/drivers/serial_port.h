/* SPDX-License-Identifier: BSD-2-Clause */
/* What serial.c wants from the driver of one kind of serial port. All but listen(false, ...) under
 * its lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct serial_driver {
	const char *name;
	bool (*probe)(uint64_t base); /* is one there? Keeps where it is */
	void (*start)(void);          /* 8 bits, no parity, FIFOs on, interrupts on */
	bool (*asks)(void);           /* has it a reason to interrupt? It is dropped by this */
	unsigned (*room)(void);       /* bytes that it takes now */
	void (*put)(uint8_t byte);
	bool (*get)(uint8_t *byte); /* false: nothing was received */
	bool (*empty)(void);        /* has everything left the machine? */
	/*
	 * A port whose line stays up: interrupt at all, and when there is room. The interrupt
	 * handler switches it off. NULL: the line is an edge, which needs no care.
	 */
	void (*listen)(bool on, bool room);
};

extern const struct serial_driver serial_16550, serial_pl011;
