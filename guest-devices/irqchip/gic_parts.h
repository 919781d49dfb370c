/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the GIC model share. */
#pragma once

#include "guest-devices/irqchip/gic.h"

#define GIC_SGIS          16
#define GIC_PRIORITY_MASK 0xf8 /* five bits, as every virtual CPU interface has at least */
#define GIC_ROUTE_ANY     (1u << 31)
#define GIC_ROUTE_MASK    (GIC_ROUTE_ANY | 0xffffffu)
/* Implementer Arm, whose programmer's model this is; a product number of our own. */
#define GIC_IIDR  0x5600043bu
#define GIC_LINES (GIC_INTIDS / 32 - 1) /* ITLinesNumber */

/* One interrupt, and how to find it. vcpu says whose, for a private one. */
struct gic_ref {
	struct gic *gic;
	struct gic_irq *irq; /* NULL: no such interrupt */
	unsigned vcpu, intid;
};

struct gic_ref gic_look_up(struct gic *gic, unsigned vcpu, unsigned intid);

/* Pending, wherever that is kept. */
bool gic_pending(const struct gic_irq *irq);
/* Pending, enabled, of a group that is forwarded: who gets it? GIC_NOBODY: nobody, or not so. */
uint8_t gic_forwarded_to(const struct gic_ref *ref);

/* State of the interrupt has changed: find its home anew, and kick whoever is concerned. */
void gic_changed(const struct gic_ref *ref);
/* The same out of gic_save(), whose vCPU need not be kicked. */
void gic_saved(const struct gic_ref *ref);
/* The same for all that vCPU could get; for all vCPUs with GIC_NOBODY. */
void gic_all_changed(struct gic *gic, unsigned vcpu);

/* The guest writes the active state. */
void gic_write_active(const struct gic_ref *ref, bool active);
/*
 * The guest reads it. While a vCPU runs with the interrupt listed, only that CPU knows. It is
 * kicked, and the answer is "active" until it came back, which is the safe one for who waits for
 * the end of a handler; the next read is told what it was when the vCPU came back.
 */
bool gic_read_active(const struct gic_ref *ref);
/* The guest makes it pending, or not pending, by a register; or asks. A vCPU that runs with it
 * listed is kicked, so that who polls sees what becomes of it. */
bool gic_read_pending(const struct gic_ref *ref);
void gic_write_pending(const struct gic_ref *ref, bool pending);
/* An SGI becomes pending; GICv2: from vCPU source. */
void gic_write_sgi(const struct gic_ref *ref, unsigned source);
/* A message: raises or withdraws an SPI. */
bool gic_write_message(struct gic *gic, uint32_t intid, bool level);
/* The physical interrupt has to be deactivated by the caller. */
void gic_release(const struct gic_ref *ref);

/*
 * Registers that are the same in all frames, at 0x80..0xcff: IGROUPR to ICFGR. Private interrupts
 * are vcpu's; only INTIDs in [first, end) are there. False: none, or of a wrong size.
 */
struct gic_frame {
	struct gic *gic;
	unsigned vcpu, first, end;
};
bool gic_access_common(const struct gic_frame *frame, struct bus_access *access);

/* Handlers of the register pages; the context is the struct gic. */
void gicv3_access_distributor(void *gic, struct bus_access *access);
void gicv3_access_redistributors(void *gic, struct bus_access *access);
void gicv2_access_distributor(void *gic, struct bus_access *access);

/* Access of one register of size bytes, read-only value: fills it in. */
bool gic_read_only(struct bus_access *access, uint64_t value, uint8_t size);
/* An access nobody wanted: RAZ/WI, counted. */
void gic_misuse(struct gic *gic, struct bus_access *access);
/* Component identification at the end of a page: CIDR0..3 and PIDR2 with the architecture's
 * revision. */
uint32_t gic_identification(const struct gic *gic, unsigned offset);
