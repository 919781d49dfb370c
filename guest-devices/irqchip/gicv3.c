/* SPDX-License-Identifier: BSD-2-Clause */
/* Register pages of a GICv3: affinity routing always on, one security state (IHI 0069 12.9-12.12).
 */
#include "guest-devices/irqchip/gic_parts.h"

enum distributor_register {
	GICD_CTLR = 0x00,
	GICD_TYPER = 0x04,
	GICD_IIDR = 0x08,
	GICD_TYPER2 = 0x0c,
	GICD_CLRSPI_NSR = 0x48,
	GICD_IROUTER = 0x6000,
	GICD_IROUTER_END = GICD_IROUTER + 8 * GIC_INTIDS,
};

#define CTLR_GROUPS 3u
#define CTLR_ARE    (1u << 4)
#define CTLR_DS     (1u << 6)
#define TYPER_MBIS  (1u << 16)
#define TYPER_BITS  (9u << 19) /* INTIDs have 10 bits */

enum redistributor_register {
	GICR_CTLR = 0x00,
	GICR_IIDR = 0x04,
	GICR_TYPER = 0x08,
	GICR_WAKER = 0x14,
	GICR_SYNCR = 0xc0,
	GICR_SGI_BASE = 0x10000,
};

#define GICR_LAST       (1u << 4)
#define PROCESSOR_SLEEP (1u << 1)
#define CHILDREN_ASLEEP (1u << 2)
#define IDENTIFICATION  0xffd0u

#define SGI1R_IRM (1ull << 40) /* all but the sender */

static bool write_groups(struct gic *gic, struct bus_access *access)
{
	if (access->size != 4)
		return false;
	gic->groups = access->value & CTLR_GROUPS;
	gic_all_changed(gic, GIC_NOBODY);
	return true;
}

/* The registers that take the INTID of a message also take 16-bit writes. */
static bool write_spi(struct gic *gic, struct bus_access *access, bool level)
{
	if (!access->write || (access->size != 4 && access->size != 2))
		return false;
	gic_write_message(gic, (uint32_t)access->value, level);
	return true;
}

/* Whole, or in halves. The upper one is Aff3, which there is not. */
static bool access_route(struct gic *gic, struct bus_access *access)
{
	unsigned offset = (unsigned)access->address;
	struct gic_ref ref = gic_look_up(gic, 0, (offset - GICD_IROUTER) / 8);
	bool upper = offset & 4;

	if (ref.intid < GIC_PRIVATE || (access->size != 4 && access->size != 8) ||
	    offset % access->size)
		return false;
	if (!access->write) {
		access->value = upper ? 0 : ref.irq->route;
	} else if (!upper) {
		ref.irq->route = access->value & GIC_ROUTE_MASK;
		gic_changed(&ref);
	}
	return true;
}

static bool access_distributor(struct gic *gic, struct bus_access *access)
{
	const struct gic_frame spis = {gic, 0, GIC_PRIVATE, GIC_INTIDS};
	unsigned offset = (unsigned)access->address;

	switch (offset) {
	case GICD_CTLR:
		return access->write ? write_groups(gic, access)
		                     : gic_read_only(access, CTLR_DS | CTLR_ARE | gic->groups, 4);
	case GICD_TYPER:
		return gic_read_only(access, GIC_LINES | TYPER_MBIS | TYPER_BITS, 4);
	case GICD_IIDR:
		return gic_read_only(access, GIC_IIDR, 4);
	case GICD_TYPER2:
		return gic_read_only(access, 0, 4);
	case GICD_SETSPI_NSR:
	case GICD_CLRSPI_NSR:
		return write_spi(gic, access, offset == GICD_SETSPI_NSR);
	case GICD_IROUTER ... GICD_IROUTER_END - 1:
		return access_route(gic, access);
	case IDENTIFICATION ... GIC_V3_DISTRIBUTOR_SIZE - 1:
		return gic_read_only(access, gic_identification(gic, offset), 4);
	default:
		return gic_access_common(&spis, access);
	}
}

void gicv3_access_distributor(void *gic, struct bus_access *access)
{
	if (!access_distributor(gic, access))
		gic_misuse(gic, access);
}

static bool access_waker(struct gic *gic, unsigned vcpu, struct bus_access *access)
{
	struct gic_vcpu *v = &gic->vcpus[vcpu];

	if (!access->write)
		return gic_read_only(access, v->asleep ? PROCESSOR_SLEEP | CHILDREN_ASLEEP : 0, 4);
	if (access->size != 4)
		return false;
	v->asleep = access->value & PROCESSOR_SLEEP;
	gic_all_changed(gic, vcpu);
	return true;
}

static bool read_typer(const struct gic *gic, unsigned vcpu, struct bus_access *access)
{
	uint64_t last = vcpu + 1 == gic->config.vcpus ? GICR_LAST : 0;
	uint64_t value = last | vcpu << 8 | (uint64_t)vcpu << 32;
	bool upper = access->address & 4;

	if (access->size == 4)
		return gic_read_only(access, upper ? value >> 32 : (uint32_t)value, 4);
	return gic_read_only(access, value, 8);
}

static bool access_rd(struct gic *gic, unsigned vcpu, struct bus_access *access)
{
	unsigned offset = (unsigned)access->address;

	switch (offset) {
	case GICR_CTLR: /* nothing to switch without LPIs */
		return access->write ? access->size == 4 : gic_read_only(access, 0, 4);
	case GICR_IIDR:
		return gic_read_only(access, GIC_IIDR, 4);
	case GICR_TYPER:
	case GICR_TYPER + 4:
		return read_typer(gic, vcpu, access);
	case GICR_WAKER:
		return access_waker(gic, vcpu, access);
	case GICR_SYNCR:
		return gic_read_only(access, 0, 4);
	case IDENTIFICATION ... GICR_SGI_BASE - 1:
		return gic_read_only(access, gic_identification(gic, offset), 4);
	default:
		return false;
	}
}

void gicv3_access_redistributors(void *context, struct bus_access *access)
{
	struct gic *gic = context;
	uint64_t address = access->address;
	unsigned vcpu = (unsigned)(address / GIC_V3_REDISTRIBUTOR_SIZE);
	const struct gic_frame private = {gic, vcpu, 0, GIC_PRIVATE};
	bool sgi = address & GICR_SGI_BASE, done;

	access->address &= GICR_SGI_BASE - 1;
	done = sgi ? gic_access_common(&private, access) : access_rd(gic, vcpu, access);
	access->address = address;
	if (!done)
		gic_misuse(gic, access);
}

/* Target list, Aff1..Aff3, the range of Aff0 and IRM (IHI 0069 12.2, ICC_SGI1R_EL1). With one
 * security state it reaches SGIs of both groups. */
void gic_send_sgi1r(struct gic *gic, unsigned from, uint64_t value)
{
	bool elsewhere =
	    value >> 48 & 0xff || value >> 44 & 0xf || value >> 32 & 0xff || value >> 16 & 0xff;
	uint32_t existing = (1u << gic->config.vcpus) - 1;
	uint32_t list = elsewhere ? 0 : value & 0xffff;

	if (value & SGI1R_IRM)
		list = ~(1u << from);
	if (!(list & existing))
		gic->dropped++;
	for (list &= existing; list; list &= list - 1) {
		struct gic_ref ref =
		    gic_look_up(gic, (unsigned)__builtin_ctz(list), value >> 24 & 0xf);

		gic_write_sgi(&ref, from);
	}
}
