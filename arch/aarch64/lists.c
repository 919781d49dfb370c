/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of the guest on their way into the CPU: struct irq_list to list registers and back.
 * Registers that are not in use are not touched.
 */
#include "arch/aarch64/lists.h"

#include "arch/aarch64/gic.h"
#include "arch/aarch64/irq.h"

#define MAINTENANCE 25 /* where firmware does not say, Arm BSA */

static const struct list_ops *ops;
static unsigned register_count;

/* It ends the guest's run, and what it tells is read from the list; see lists_store(). */
static bool maintenance(void *context)
{
	(void)context;
	ops->set_control(0);
	return true;
}

int lists_enable(void)
{
	static uint32_t irq;
	int err = 0;
	bool first = !ops;
	if (first) {
		ops = gic_version() >= 3 ? &lists_v3 : &lists_v2;
		irq = host_description.maintenance_irq ? host_description.maintenance_irq
		                                       : MAINTENANCE;
		err = irq_attach_private(irq, maintenance, NULL);
	}
	unsigned count = ops->enable();
	if (first)
		register_count = count < IRQ_LIST_MAX ? count : IRQ_LIST_MAX;
	gic_enable(irq, true);
	return err;
}

static void set_control(struct vcpu *vcpu, uint64_t control)
{
	if (vcpu->ich_hcr != control)
		ops->set_control(control);
	vcpu->ich_hcr = control;
}

void lists_switch_in(struct vcpu *vcpu)
{
	vcpu->list.count = register_count;
	for (unsigned i = 0; i < register_count; i++)
		ops->write(i, 0);
	vcpu->listed = 0;
	ops->load(&vcpu->lists);
	ops->set_control(LIST_EN);
	vcpu->ich_hcr = LIST_EN;
}

void lists_switch_out(struct vcpu *vcpu)
{
	ops->save(&vcpu->lists);
	ops->set_control(0);
}

static void load_registers(struct vcpu *vcpu)
{
	const struct irq_list *list = &vcpu->list;
	unsigned listed = 0;
	for (unsigned i = 0; i < list->count; i++) {
		if (list->lr[i] || vcpu->listed & 1u << i)
			ops->write(i, list->lr[i]);
		if (list->lr[i])
			listed |= 1u << i;
	}
	vcpu->listed = listed;
}

/* Nearly always there is nothing to load. */
void lists_load(struct vcpu *vcpu)
{
	const struct irq_list *list = &vcpu->list;
	if (vcpu->listed || list->listed)
		load_registers(vcpu);
	set_control(vcpu, LIST_EN | (list->more ? LIST_NPIE | LIST_LRENPIE : 0));
}

/* With the interface off no maintenance interrupt waits while the hypervisor works. */
void lists_store(struct vcpu *vcpu)
{
	struct irq_list *list = &vcpu->list;
	list->unlisted_eois = 0;
	if (!vcpu->listed && !list->more)
		return;
	list->unlisted_eois = LIST_EOICOUNT(ops->control());
	for (unsigned i = 0; i < list->count; i++)
		if (vcpu->listed & 1u << i)
			list->lr[i] = ops->read(i, list->lr[i]);
	set_control(vcpu, 0);
}

unsigned irq_list_gic_version(void)
{
	return gic_version() >= 3 ? 3 : 2;
}

uint64_t irq_list_cpu_interface(void)
{
	return gic_version() >= 3 ? 0 : host_description.gicv;
}
