/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's interrupt controller, either version, by polling. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SPURIOUS 1020 /* and above: nothing is pending */

/* GICD_* offsets, Arm IHI 0069H 12.8 */
#define GICD_CTLR       0x000
#define GICD_TYPER      0x004
#define GICD_IGROUPR    0x080
#define GICD_ISENABLER  0x100
#define GICD_ICENABLER  0x180
#define GICD_ISPENDR    0x200
#define GICD_ICPENDR    0x280
#define GICD_ISACTIVER  0x300
#define GICD_ICACTIVER  0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR  0x800
#define GICD_ICFGR      0xc00
#define GICD_SGIR       0xf00

bool gic_is_v3(void);
/* How many INTIDs the distributor has */
unsigned gic_lines(void);
/* Nothing enabled, pending or active; this CPU takes every priority, group 1. */
void gic_start(void);
/* The address of the register of one INTID: of the distributor, or of this CPU's private part. */
uint64_t gic_register(uint32_t offset, unsigned intid);
void gic_enable(unsigned intid);
void gic_set_pending(unsigned intid);
unsigned gic_acknowledge(void);
void gic_end(unsigned intid);
/* An SGI to this CPU */
void gic_send_self(unsigned intid);
