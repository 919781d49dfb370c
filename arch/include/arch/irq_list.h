/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of a guest whose CPU has an interface of its own for them, fed through list registers
 * (Arm GIC, IHI 0069 chapter 6 and 12.4). For the board of such a machine. All calls between two
 * vcpu_run() of the vCPU.
 */
#pragma once

#include <arch/vcpu.h>

#define IRQ_LIST_MAX 16

/* Loaded before and stored after each vcpu_run(). */
struct irq_list {
	uint64_t lr[IRQ_LIST_MAX]; /* as ICH_LR<n>_EL2, for GICv2 too; 0: free */
	unsigned count;            /* how many the machine has; fixed */
	bool listed;               /* false: all of lr are 0 */
	bool more; /* some did not fit: exit when none of the listed is pending any more */
	unsigned unlisted_eois; /* during the run: EOIs of active interrupts that were not listed */
};
struct irq_list *vcpu_irq_list(struct vcpu *vcpu);

/*
 * How often the vCPU's own timer has begun to interrupt since the last call (0 or 1). Its physical
 * interrupt stays active until the guest ends the one that is listed with HW = 1 and this id as
 * pINTID.
 */
bool vcpu_timer_fired(struct vcpu *vcpu);
/* The guest is done with it by another route than that list register: end the physical one. */
void vcpu_timer_release(struct vcpu *vcpu);
unsigned vcpu_timer_irq(void); /* INTID of the virtual timer, virtual and physical */

/* The guest's GIC is of the host's version: 3 (system registers) or 2. */
unsigned irq_list_gic_version(void);
/* GICv2: host address of the virtual CPU interface (8 KiB), to be mapped where the guest finds its
 * GICC. 0 for GICv3. */
uint64_t irq_list_cpu_interface(void);
