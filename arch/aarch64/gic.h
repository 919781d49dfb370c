/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's GIC, version 2 (through memory) or 3 (through system registers). EOImode = 1: priority
 * drop and deactivation are separate. All interrupts are in group 1 and have one priority. The
 * hypervisor control registers (ICH_*, GICH) belong to the guest side.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/aarch64/host.h"

#define GIC_SGIS      16   /* INTIDs below: software generated */
#define GIC_PRIVATE   32   /* below: of one CPU, SGIs and PPIs */
#define GIC_SPI_END   1020 /* from here to GIC_NONE_END: no interrupt */
#define GIC_NONE_END  1024
#define GIC_LPI_FIRST 8192

#define GIC_PRIORITY 0xa0 /* of all interrupts */

/* SGIs that the host uses. */
#define GIC_SGI_KICK 0
#define GIC_SGI_STOP 1

/* Find and silence it. Boot CPU, once. Panics if there is none. */
void gic_probe(const struct host_description *host);
void gic_start(void); /* this CPU's part; on each CPU */

unsigned gic_version(void);    /* 2 or 3 */
unsigned gic_line_count(void); /* SPIs have INTIDs below this */

/*
 * Take the pending interrupt with the highest priority; it becomes active. The value goes to
 * gic_drop() and gic_end() as it is; gic_intid() tells which it is (GIC_SPI_END to
 * GIC_NONE_END - 1: none).
 */
uint32_t gic_acknowledge(void);
uint32_t gic_intid(uint32_t acknowledged);
void gic_drop(uint32_t acknowledged); /* others can come; it stays active */
void gic_end(uint32_t acknowledged);  /* it can come again */

/* Of a PPI or SGI on this CPU, or of an SPI. */
void gic_enable(uint32_t intid, bool enable);
void gic_set_edge(uint32_t intid, bool edge); /* while disabled; level otherwise */
bool gic_active(uint32_t intid);
void gic_set_active(uint32_t intid, bool active);
bool gic_is_pending(uint32_t intid);

void gic_route(uint32_t spi, unsigned cpu); /* where an SPI goes */
void gic_send(unsigned cpu, unsigned sgi);
