/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two versions of the GIC do in different ways, behind gic.c. */
#pragma once

#include "arch/aarch64/gic.h"

/* Registers of the distributor, IHI 0069 12.9; a redistributor's second frame has those of SGIs and
 * PPIs at the same places. */
#define GICD_CTLR       0x0000
#define GICD_TYPER      0x0004
#define GICD_IGROUPR    0x0080
#define GICD_ISENABLER  0x0100
#define GICD_ICENABLER  0x0180
#define GICD_ISPENDR    0x0200
#define GICD_ICPENDR    0x0280
#define GICD_ISACTIVER  0x0300
#define GICD_ICACTIVER  0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR  0x0800
#define GICD_ICFGR      0x0c00
#define GICD_SGIR       0x0f00
#define GICD_IROUTER    0x6000

struct gic_interface {
	uint32_t ctlr;                                     /* GICD_CTLR when on */
	void (*find)(const struct host_description *host); /* boot CPU, once; panics */
	void (*start)(void);                               /* this CPU's interface */
	volatile uint8_t *(*bank)(uint32_t intid); /* where that interrupt's registers are */
	uint32_t (*acknowledge)(void);
	void (*drop)(uint32_t acknowledged);
	void (*deactivate)(uint32_t acknowledged);
	void (*route)(uint32_t spi, unsigned cpu);
	void (*send)(unsigned cpu, unsigned sgi);
	uint32_t intid_mask; /* of what acknowledge() gives */
};

extern const struct gic_interface gic2, gic3;

/* Wait until the register has none of these bits; panics after a second, naming what. */
void gic_wait_clear(const volatile uint8_t *reg, uint32_t bits, const char *what);

volatile uint8_t *gic_distributor(void);

/* GICv3: this CPU's redistributor. */
volatile uint8_t *gic3_redistributor(unsigned cpu);
