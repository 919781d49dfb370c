/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests with several vCPUs on a machine with two CPUs, whose loops take their turns as the test
 * says. */
#pragma once

#include <criterion/criterion.h>

#include "arch/hosted/hosted.h"
#include "hv/sched.h"
#include "hv/vm.h"

enum { CPUS = 2, GUESTS = 2 };

extern struct vm guests[GUESTS];

/* The hypervisor has started on count CPUs and made the guests of the configuration; each vCPU runs
 * as run() says. */
void smp_start(unsigned count, const char *configuration,
               void (*run)(struct vcpu *vcpu, struct vcpu_exit *exit));

/* One turn of a CPU's loop; what was told to it before is done then. */
void turn(unsigned cpu);

/* Has it been told to look, since its last turn? */
bool told(unsigned cpu);

/* Something that happens on that CPU while another's turn is not over. */
void on_cpu(unsigned cpu, void (*happens)(void));

#define TWO "memory = 16M\nkernel = vmlinuz\ncpus = 2\n"
#define ONE "memory = 16M\nkernel = vmlinuz\n"
