/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller of an Arm guest: everything but its CPU interface, which is hardware and
 * takes interrupts from list registers (GICv3: IHI 0069; GICv2: IHI 0048). One state machine for
 * each interrupt, and the register pages of either version over it. One security state, both
 * groups; no LPIs: messages are SPIs.
 *
 * A run of vCPU n: gic_load(), run, gic_save(). In between the list registers hold the truth about
 * what is listed; whoever changes it meanwhile has the vCPU kicked out. All calls under the guest's
 * lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"

#define GIC_VCPUS     16 /* vCPU n has affinity 0.0.0.n; 8 of them with GICv2 */
#define GIC_VCPUS_V2  8
#define GIC_PRIVATE   32 /* SGIs 0..15, PPIs 16..31, of each vCPU */
#define GIC_SPIS      256
#define GIC_INTIDS    (GIC_PRIVATE + GIC_SPIS)
#define GIC_LISTED    16 /* list registers of a CPU, at most */
#define GIC_NOBODY    0xff
#define GIC_MSI_FIRST 64 /* INTIDs that a board gives to messages (mbi-ranges, MSI_TYPER) */
#define GIC_MSI_COUNT (GIC_INTIDS - GIC_MSI_FIRST)

#define GIC_V2_DISTRIBUTOR_SIZE   0x1000
#define GIC_V3_DISTRIBUTOR_SIZE   0x10000
#define GIC_V3_REDISTRIBUTOR_SIZE 0x20000 /* each vCPU's: RD_base and SGI_base */
#define GICD_SETSPI_NSR           0x40    /* where messages go, in the distributor */

/* ICH_LR<n>_EL2, IHI 0069 12.4. With GICv2 an SGI has its source CPU in bits 12:10 of vINTID. */
#define GIC_LR_PENDING     (1ull << 62)
#define GIC_LR_ACTIVE      (1ull << 63)
#define GIC_LR_HW          (1ull << 61)
#define GIC_LR_GROUP1      (1ull << 60)
#define GIC_LR_EOI         (1ull << 41) /* only without HW */
#define GIC_LR_PINTID(n)   ((uint64_t)(n) << 32)
#define GIC_LR_PRIORITY(n) ((uint64_t)(n) << 48)

struct gic_events {
	/* Something new for the vCPU, or about what it has listed: leave the guest, or wake. */
	void (*kick)(void *context, unsigned vcpu);
	/* The vCPU whose access the bus carries (GICv2: banked registers). */
	unsigned (*accessing)(void *context);
};

struct gic_config {
	unsigned version; /* 3 or 2 */
	unsigned vcpus;
	uint64_t distributor, redistributors; /* guest physical; the latter only for GICv3 */
	const struct gic_events *events;
	void *context;
};

/* One interrupt: IHI 0069 4.1. Private ones exist once for each vCPU. */
struct gic_irq {
	bool enabled, group1, edge;
	bool line;  /* input level; a hardware-backed one's is up until the guest is done with it */
	bool latch; /* pending, remembered: an edge, a message, ISPENDR */
	bool active;
	bool hw;      /* the physical interrupt is active until the guest deactivates this one */
	bool waiting; /* could be taken: pending, enabled, not active, has a target */
	bool listed;  /* in a list register of owner, which runs */
	bool listed_latch;    /* what the list register says of pending came out of latch */
	bool listed_hw;       /* listed with HW = 1 */
	bool active_written;  /* while listed: the guest's word counts, not the list register's */
	bool asked, answered; /* somebody reads whether it is active while it is listed */
	uint8_t priority;
	uint8_t home;    /* whose list registers it is for now, or GIC_NOBODY */
	uint8_t owner;   /* where it is active or listed */
	uint8_t targets; /* GICv2: ITARGETSR, a bit a vCPU */
	uint8_t sources; /* GICv2 SGI: from whom it is pending, a bit a vCPU */
	uint8_t source;  /* GICv2 SGI: who sent the one that is listed or active */
	uint32_t route;  /* GICv3: IROUTER, bit 31 is IRM; no Aff3 */
};

struct gic_vcpu {
	struct gic_irq private[GIC_PRIVATE];
	uint32_t home[GIC_INTIDS / 32]; /* a bit an interrupt whose home is here */
	uint32_t words;                 /* which of these are not zero; 0: nothing to list */
	uint16_t listed[GIC_LISTED];    /* INTID in each list register */
	unsigned listed_count;
	uint32_t released; /* see gic_take_released() */
	bool asleep;       /* GICR_WAKER */
};

struct gic {
	struct bus_region distributor;    /* on the memory bus */
	struct bus_region redistributors; /* the same, GICv3 only */
	struct gic_config config;
	struct gic_vcpu vcpus[GIC_VCPUS];
	struct gic_irq spis[GIC_SPIS];
	uint8_t groups;   /* GICD_CTLR: bit 0, 1: group 0, 1 is forwarded */
	uint64_t misuse;  /* accesses that were ignored */
	uint64_t dropped; /* messages and SGIs that reach nobody */
};

/* GD_INVALID: no such version, or a number of vCPUs it cannot have. */
int gic_init(struct gic *gic, const struct gic_config *config);
/* No vCPU is between gic_load() and gic_save(). Inputs keep their levels. */
void gic_reset(struct gic *gic);

/* Input of an SPI, counted from 0 = INTID 32 as device trees do. Beyond GIC_SPIS: no effect. */
struct irq_line gic_line(struct gic *gic, unsigned spi);
void gic_set_spi(struct gic *gic, unsigned spi, bool level);
/* Input of a PPI (INTID 16..31) that software drives. Down also ends a hardware-backed one that the
 * guest has not taken yet. */
void gic_set_ppi(struct gic *gic, unsigned vcpu, unsigned intid, bool level);

/*
 * The physical interrupt behind a PPI has fired and stays active; it is listed with HW = 1 and the
 * same pINTID, so that the guest's deactivation is the physical one's. After gic_save().
 */
void gic_fire_hw(struct gic *gic, unsigned vcpu, unsigned intid);
/*
 * Physical PPIs (a bit an INTID) that the guest is done with by another route than its list
 * register (ICACTIVER, a reset): to be deactivated by the caller, on the vCPU's CPU, before it
 * runs. Each is told once.
 */
static inline uint32_t gic_take_released(struct gic *gic, unsigned vcpu)
{
	uint32_t released = gic->vcpus[vcpu].released;

	if (released)
		gic->vcpus[vcpu].released = 0;
	return released;
}

/* Messages: data is the INTID of an SPI, address that of GICD_SETSPI_NSR; others are dropped. */
struct msi_target gic_msi_target(struct gic *gic);
/* false: not an SPI; dropped. */
bool gic_message(struct gic *gic, uint32_t intid);

/* A write of ICC_SGI1R_EL1 by vCPU from (GICv3). Targets that do not exist are left out. */
void gic_send_sgi1r(struct gic *gic, unsigned from, uint64_t icc_sgi1r);

/*
 * Fill the vCPU's count (2..GIC_LISTED) list registers for a run. lr is the same array each time,
 * all zero at first; it is the model's between gic_save() and here. True: not all that are pending
 * fit, and at least one that is listed is pending: have the vCPU exit when none is any more
 * (ICH_HCR_EL2.NPIE).
 */
bool gic_load_some(struct gic *gic, unsigned vcpu, uint64_t *lr, unsigned count);
void gic_save_some(struct gic *gic, unsigned vcpu, uint64_t *lr);

static inline bool gic_load(struct gic *gic, unsigned vcpu, uint64_t *lr, unsigned count)
{
	return gic->vcpus[vcpu].words && gic_load_some(gic, vcpu, lr, count);
}

/* Between the two: one of the list registers is not zero. */
static inline bool gic_is_listed(const struct gic *gic, unsigned vcpu)
{
	return gic->vcpus[vcpu].listed_count != 0;
}

/* Fold the list registers back after a run; they are all zero then. */
static inline void gic_save(struct gic *gic, unsigned vcpu, uint64_t *lr)
{
	if (gic->vcpus[vcpu].listed_count)
		gic_save_some(gic, vcpu, lr);
}

/*
 * Interrupts that are active but had no list register. The guest's EOIs of such are counted by the
 * CPU (ICH_HCR_EL2.EOIcount): tell them, before gic_save(). gic_deactivate() is a trapped write of
 * ICC_DIR_EL1 (GICC_DIR), after it.
 */
void gic_eoi_unlisted(struct gic *gic, unsigned vcpu, unsigned count);
void gic_deactivate(struct gic *gic, unsigned vcpu, unsigned intid);

/* Priority of the best interrupt that waits for the vCPU, 0..0xf8; GIC_IDLE: none. After
 * gic_save(). */
#define GIC_IDLE 0x100
unsigned gic_waiting_priority(struct gic *gic, unsigned vcpu);

/* Something waits that would wake the vCPU from WFI, whatever its priority mask says. */
static inline bool gic_deliverable(struct gic *gic, unsigned vcpu)
{
	return gic->vcpus[vcpu].words && gic_waiting_priority(gic, vcpu) != GIC_IDLE;
}
