/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes into the GIC: lines, messages, and physical interrupts that stand behind a PPI. */
#include "guest-devices/irqchip/gic_parts.h"

static void set_line(const struct gic_ref *ref, bool level)
{
	struct gic_irq *irq = ref->irq;
	bool rising = level && !irq->line;

	if (irq->line == level)
		return;
	irq->line = level;
	if (rising && irq->edge)
		irq->latch = true;
	if (!level && irq->hw && !irq->active && !irq->listed)
		gic_release(ref);
	gic_changed(ref);
}

void gic_set_spi(struct gic *gic, unsigned spi, bool level)
{
	if (spi < GIC_SPIS)
		set_line(&(struct gic_ref){gic, &gic->spis[spi], 0, GIC_PRIVATE + spi}, level);
}

static void line_set(void *context, unsigned spi, bool level)
{
	gic_set_spi(context, spi, level);
}

struct irq_line gic_line(struct gic *gic, unsigned spi)
{
	return (struct irq_line){line_set, gic, spi};
}

static struct gic_ref find_ppi(struct gic *gic, unsigned vcpu, unsigned intid)
{
	return gic_look_up(gic, vcpu,
	                   intid < GIC_SGIS || intid >= GIC_PRIVATE ? GIC_INTIDS : intid);
}

void gic_set_ppi(struct gic *gic, unsigned vcpu, unsigned intid, bool level)
{
	struct gic_ref ref = find_ppi(gic, vcpu, intid);

	if (ref.irq)
		set_line(&ref, level);
}

void gic_fire_hw(struct gic *gic, unsigned vcpu, unsigned intid)
{
	struct gic_ref ref = find_ppi(gic, vcpu, intid);

	if (!ref.irq)
		return;
	ref.irq->hw = ref.irq->line = true;
	gic_changed(&ref);
}

bool gic_message(struct gic *gic, uint32_t intid)
{
	return gic_write_message(gic, intid, true);
}

static void send(void *context, uint64_t address, uint32_t data)
{
	struct gic *gic = context;

	if (address == gic->distributor.start + GICD_SETSPI_NSR)
		gic_message(gic, data);
	else
		gic->dropped++;
}

struct msi_target gic_msi_target(struct gic *gic)
{
	return (struct msi_target){send, gic};
}
