/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of an Arm guest: from the model of its GIC to the list registers of its CPUs. */
#include <arch/err.h>
#include <arch/irq_list.h>
#include <arch/log.h>

#include "hv/machine/virt/virt.h"

static void kick(void *context, unsigned vcpu)
{
	struct board *board = context;

	vm_wake(&board->vm->vcpus[vcpu]);
}

static unsigned accessing(void *context)
{
	struct board *board = context;

	return board->vm->accessing->index;
}

static const struct gic_events events = {kick, accessing};

static int create_v3(struct board *board)
{
	struct bus *memory = &board->vm->memory;

	return bus_add(memory, &board->gic.distributor) ||
	               bus_add(memory, &board->gic.redistributors)
	           ? ERR_INVALID
	           : 0;
}

/* Whole pages of the host's, or there is nothing that may be shown to the guest. */
static int map_cpu_interface(struct board *board)
{
	uint64_t host = irq_list_cpu_interface();
	int err = host ? stage2_map(board->vm->stage2, VIRT_GICC, host, VIRT_GICC_SIZE,
	                            STAGE2_READ | STAGE2_WRITE | STAGE2_DEVICE)
	               : ERR_UNSUPPORTED;

	if (err && err != ERR_NO_MEMORY)
		log_error("%s: the virtual CPU interface of the machine's GICv2 is at %#llx, and "
		          "cannot be given to a guest; it needs whole pages",
		          board->vm->config->name, (unsigned long long)host);
	return err;
}

static int create_v2(struct board *board)
{
	struct bus *memory = &board->vm->memory;

	gicv2m_init(&board->v2m, &board->gic, VIRT_V2M);
	if (bus_add(memory, &board->gic.distributor) || bus_add(memory, &board->v2m.region))
		return ERR_INVALID;
	return map_cpu_interface(board);
}

int virt_create_gic(struct board *board)
{
	const struct vm_config *config = board->vm->config;
	const struct gic_config gic = {
	    .version = irq_list_gic_version(),
	    .vcpus = board->vm->vcpu_count,
	    .distributor = VIRT_GICD,
	    .redistributors = VIRT_GICR,
	    .events = &events,
	    .context = board,
	};

	if (gic_init(&board->gic, &gic)) {
		log_error("vireo.ini:%u: [vm %s] cpus: %u are too many for this machine's "
		          "interrupt controller (GICv%u); at most %u",
		          config->line, config->name, gic.vcpus, gic.version,
		          gic.version == 2 ? GIC_VCPUS_V2 : GIC_VCPUS);
		return ERR_INVALID;
	}
	return gic.version == 3 ? create_v3(board) : create_v2(board);
}

struct msi_target virt_msi_target(struct board *board)
{
	return board->gic.config.version == 3 ? gic_msi_target(&board->gic)
	                                      : gicv2m_msi_target(&board->v2m);
}

void board_enter(struct vm_vcpu *v)
{
	struct gic *gic = &v->vm->board->gic;
	struct irq_list *list = vcpu_irq_list(v->vcpu);

	if (gic_take_released(gic, v->index))
		vcpu_timer_release(v->vcpu);
	if (vcpu_timer_fired(v->vcpu)) /* also while it waited */
		gic_fire_hw(gic, v->index, vcpu_timer_irq());
	list->more = gic_load(gic, v->index, list->lr, list->count);
	list->listed = gic_is_listed(gic, v->index);
}

void board_leave(struct vm_vcpu *v)
{
	struct gic *gic = &v->vm->board->gic;
	struct irq_list *list = vcpu_irq_list(v->vcpu);

	if (list->unlisted_eois)
		gic_eoi_unlisted(gic, v->index, list->unlisted_eois);
	gic_save(gic, v->index, list->lr);
}

bool board_wakes(struct vm_vcpu *v)
{
	return gic_deliverable(&v->vm->board->gic, v->index);
}

void board_ipi(struct vm_vcpu *v, uint64_t value)
{
	gic_send_sgi1r(&v->vm->board->gic, v->index, value);
}
