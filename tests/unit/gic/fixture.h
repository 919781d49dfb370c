/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's GIC, and CPU interfaces made of C that work on its list registers as hardware does
 * (IHI 0069 4.8 and 6.3). */
#pragma once

#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/irqchip/gic.h"
#include "tests/lib/region.h"

#define CPUS     4
#define LISTS    4
#define SPURIOUS 1023u
#define GICD     0x08000000ull
#define GICR     0x080a0000ull

enum {
	CTLR = 0x0,
	IGROUPR = 0x80,
	ISENABLER = 0x100,
	ICENABLER = 0x180,
	ISPENDR = 0x200,
	ICPENDR = 0x280,
	ISACTIVER = 0x300,
	ICACTIVER = 0x380,
	IPRIORITYR = 0x400,
	ITARGETSR = 0x800,
	ICFGR = 0xc00,
	SGIR = 0xf00,
	IROUTER = 0x6000,
	WAKER = 0x14,
};

struct cpu {
	uint64_t lr[GIC_LISTED];
	bool loaded, more, kicked;
	bool split;                   /* EOImode 1: EOI drops the priority, DIR deactivates */
	unsigned depth, priority[32]; /* running priorities; 0x100 below all */
	unsigned eoi_count;
	uint32_t physical; /* active physical PPIs */
	unsigned kicks;
};

extern struct gic gic;
extern struct cpu cpus[CPUS];
extern unsigned accessing;

void start(unsigned version); /* all awake, both groups forwarded */

/* Registers. One bit or field of an interrupt, through the frame where it is. */
void put_bit(unsigned vcpu, unsigned bank, unsigned intid);
bool get_bit(unsigned vcpu, unsigned bank, unsigned intid);
void put_group(unsigned vcpu, unsigned intid, bool group1);
void put_priority(unsigned vcpu, unsigned intid, uint8_t priority);
void put_edge(unsigned intid, bool edge);
uint32_t get(unsigned vcpu, unsigned offset); /* GICv2: as vcpu */
void put(unsigned vcpu, unsigned offset, uint32_t value);
void enable(unsigned vcpu, unsigned intid, uint8_t priority);

/* The hypervisor's side. A kick is answered when the CPU does its next thing. */
void enter(unsigned n);
void leave(unsigned n);

/* Out and in again for a kick or a maintenance interrupt, then go on. */
void run(unsigned n);

/* The guest's side: runs the vCPU as far as needed. */
unsigned acknowledge(unsigned n); /* INTID, with its source above it, or SPURIOUS */
void end(unsigned n, unsigned intid);
void deactivate(unsigned n, unsigned intid);
unsigned take(unsigned n); /* acknowledge and end */
/* The list register that has the INTID; 0: none. */
uint64_t listed(unsigned n, unsigned intid);
