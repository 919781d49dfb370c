/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop of each host CPU: which of its vCPUs runs next, and what is done between two runs. Each
 * vCPU gets the same share of its CPU, in slices; a CPU with too many hands one to a CPU with less
 * to do.
 */
#pragma once

#include "hv/vm.h"

/* Give a vCPU to the CPU in v->cpu. Before that CPU's loop starts. */
void sched_add(struct vm_vcpu *v);

/* The opposite; a vCPU that was never added is none's. On its CPU, or before that CPU's loop
 * starts. */
void sched_remove(struct vm_vcpu *v);

/* The vCPU's CPU looks at it soon: at notes, requests, timers. Any CPU, any lock. */
void sched_poke(struct vm_vcpu *v);

/* A timer of the vCPU is now the first, for this deadline. Under the guest's lock. */
void sched_deadline(struct vm_vcpu *v, uint64_t deadline);

/* The loop of one host CPU: run vCPUs, handle their exits, do the work that waits. */
_Noreturn void sched_loop(unsigned cpu);

/* Its two parts, which a test calls in an order of its own. */
void sched_start(unsigned cpu);
void sched_turn(unsigned cpu);

/* Handle an exit: calls the handler of its kind; under the guest's lock. hv/exit.c */
void exit_handle(struct vm_vcpu *v, struct vcpu_exit *exit);
