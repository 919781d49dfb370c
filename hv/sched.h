/* SPDX-License-Identifier: BSD-2-Clause */
/* Which vCPU a host CPU runs next: round robin with a time slice among those that can run. */
#pragma once

#include "hv/vm.h"

/* Give a vCPU to the CPU in v->cpu. Before that CPU's loop starts. */
void sched_add(struct vm_vcpu *v);

/* The opposite; a vCPU that was never added is none's. On its CPU, or before that CPU's loop
 * starts. */
void sched_remove(struct vm_vcpu *v);

/* The loop of one host CPU: run vCPUs, handle their exits, do the work that waits. */
_Noreturn void sched_loop(unsigned cpu);

/* Handle an exit: calls the handler of its kind; under the guest's lock. hv/exit.c */
void exit_handle(struct vm_vcpu *v, struct vcpu_exit *exit);
