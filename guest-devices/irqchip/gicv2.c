/* SPDX-License-Identifier: BSD-2-Clause */
/* The distributor of a GICv2 without security extensions (IHI 0048 4.3). */
#include "guest-devices/irqchip/gic_parts.h"

enum distributor_register {
	GICD_CTLR = 0x00,
	GICD_TYPER = 0x04,
	GICD_IIDR = 0x08,
	GICD_SGIR = 0xf00,
	GICD_CPENDSGIR = 0xf10,
	GICD_SPENDSGIR = 0xf20,
	GICD_SPENDSGIR_END = 0xf30,
	IDENTIFICATION = 0xfd0,
};

#define CTLR_GROUPS 3u

static bool access_groups(struct gic *gic, struct bus_access *access)
{
	if (!access->write)
		return gic_read_only(access, gic->groups, 4);
	if (access->size != 4)
		return false;
	gic->groups = access->value & CTLR_GROUPS;
	gic_all_changed(gic, GIC_NOBODY);
	return true;
}

/* To a list, to all others, to the sender itself. */
static bool write_sgir(struct gic *gic, unsigned from, const struct bus_access *access)
{
	uint32_t value = (uint32_t)access->value, existing = (1u << gic->config.vcpus) - 1;
	const uint32_t lists[4] = {value >> 16 & 0xff, ~(1u << from), 1u << from, 0};
	uint32_t list = lists[value >> 24 & 3] & existing;

	if (!access->write || access->size != 4)
		return false;
	if (!list)
		gic->dropped++;
	for (; list; list &= list - 1) {
		struct gic_ref ref = gic_look_up(gic, (unsigned)__builtin_ctz(list), value & 0xf);

		gic_write_sgi(&ref, from);
	}
	return true;
}

/* A vCPU only reaches its own SGIs, and not while it runs: none is in a list register. */
static void write_sources(const struct gic_ref *ref, uint8_t bits, bool set)
{
	struct gic_irq *irq = ref->irq;

	bits &= (uint8_t)((1u << ref->gic->config.vcpus) - 1);
	irq->sources = set ? irq->sources | bits : irq->sources & (uint8_t)~bits;
	gic_changed(ref);
}

/* A byte an SGI, a bit a source; bytes or words. */
static bool access_sources(struct gic *gic, unsigned vcpu, struct bus_access *access)
{
	unsigned offset = (unsigned)access->address;
	bool set = offset >= GICD_SPENDSGIR;
	uint32_t value = (uint32_t)access->value, result = 0;

	if ((access->size != 1 && access->size != 4) || offset % access->size)
		return false;
	for (unsigned i = 0; i < access->size; i++) {
		struct gic_ref ref = gic_look_up(gic, vcpu, (offset & 0xf) + i);

		if (access->write)
			write_sources(&ref, (uint8_t)(value >> i * 8), set);
		else
			result |= (uint32_t)ref.irq->sources << i * 8;
	}
	access->value = access->write ? access->value : result;
	return true;
}

static bool access_distributor(struct gic *gic, unsigned vcpu, struct bus_access *access)
{
	const struct gic_frame all = {gic, vcpu, 0, GIC_INTIDS};
	unsigned offset = (unsigned)access->address;

	switch (offset) {
	case GICD_CTLR:
		return access_groups(gic, access);
	case GICD_TYPER:
		return gic_read_only(access, GIC_LINES | (gic->config.vcpus - 1) << 5, 4);
	case GICD_IIDR:
		return gic_read_only(access, GIC_IIDR, 4);
	case GICD_SGIR:
		return write_sgir(gic, vcpu, access);
	case GICD_CPENDSGIR ... GICD_SPENDSGIR_END - 1:
		return access_sources(gic, vcpu, access);
	case IDENTIFICATION ... GIC_V2_DISTRIBUTOR_SIZE - 1:
		return gic_read_only(access, gic_identification(gic, offset), 4);
	default:
		return gic_access_common(&all, access);
	}
}

void gicv2_access_distributor(void *context, struct bus_access *access)
{
	struct gic *gic = context;
	unsigned vcpu = gic->config.events->accessing(gic->config.context);

	if (!access_distributor(gic, vcpu, access))
		gic_misuse(gic, access);
}
