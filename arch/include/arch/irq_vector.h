/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of a guest whose interrupt controller is emulated whole, up to the vector that the CPU
 * takes (x86). For the board of such a machine.
 */
#pragma once

#include <arch/vcpu.h>

/*
 * External interrupts. The caller offers the one vector it wants delivered next (or none: -1)
 * before each vcpu_run(); the guest takes it when it can. vcpu_irq_taken() says after vcpu_run()
 * which offered vector was delivered
 * (-1: none); each delivery is reported once, so that the caller can move it from requested to in
 * service.
 */
void vcpu_offer_irq(struct vcpu *vcpu, int vector);
int vcpu_irq_taken(struct vcpu *vcpu);

/* Is an interrupt deliverable right now (interrupts enabled, no shadow)? For deciding whether an
 * idle vCPU wakes. */
bool vcpu_irq_enabled(const struct vcpu *vcpu);

void vcpu_inject_nmi(struct vcpu *vcpu);

/* Task priority as the CPU holds it (CR8 on x86), to be kept equal with the interrupt controller's.
 * 0..15 */
unsigned vcpu_task_priority(const struct vcpu *vcpu);
void vcpu_set_task_priority(struct vcpu *vcpu, unsigned priority);
