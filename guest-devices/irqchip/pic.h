/* SPDX-License-Identifier: BSD-2-Clause */
/* The pair of 8259A interrupt controllers with edge/level control registers (Intel 8259A data
 * sheet; ELCR of the PIIX). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"

struct pic_chip {
	uint8_t irr, isr, imr, lines, elcr, elcr_mask;
	uint8_t vector;       /* ICW2 */
	uint8_t icw_step;     /* next ICW expected at the odd port; 0: none */
	uint8_t priority_low; /* input with the lowest priority */
	bool icw4_needed, single, level_all, auto_eoi, rotate_auto_eoi, read_isr, poll,
	    special_mask, nested;
};

struct pic {
	/* 0x20-0x21, 0xa0-0xa1, 0x4d0-0x4d1 on the port bus */
	struct bus_region master, slave, elcr;
	struct pic_chip chips[2];
	void (*output)(void *context); /* INTR went up: look at pic_pending() */
	void *context;
	bool intr;
};

void pic_init(struct pic *pic, void (*output)(void *context), void *context);
void pic_reset(struct pic *pic); /* inputs keep their levels */

void pic_set(struct pic *pic, unsigned irq, bool level); /* 0-15; 2 and others are ignored */

/* The vector that an INTA cycle would give now, or -1: INTR is low. No effect. */
int pic_pending(const struct pic *pic);
/* INTA: requested -> in service; returns the vector (a spurious one if nothing is pending). */
uint8_t pic_accept(struct pic *pic);
