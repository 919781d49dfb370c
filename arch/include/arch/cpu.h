/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host CPUs. The hypervisor runs with interrupts off except inside vcpu_run() and cpu_idle(), so
 * interrupt handlers never interrupt hypervisor code: they run between a guest's exit and the
 * return of vcpu_run(), or inside cpu_idle(). Handlers only note what happened; work is done in the
 * CPU's loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/boot_info.h>

#define CPU_MAX 64

/*
 * Under firmware, with info's regions and tables filled in: what this machine lacks, as a line that
 * names it and what to do; NULL if we can run.
 */
const char *arch_missing(const struct boot_info *info);

/* Firmware has been left: call main(info) on the boot CPU's own stack, interrupts off. */
_Noreturn void arch_enter(void (*main)(struct boot_info *info), struct boot_info *info);

/*
 * Bring the machine up on the boot CPU: log line, traps, page pool, own page tables, interrupt
 * controllers, time. Called once, first thing in hv_main. Panics with a clear line if the machine
 * lacks something needed (each named).
 */
void arch_init(struct boot_info *info);

unsigned cpu_id(void);    /* this CPU's number, 0 = boot CPU */
unsigned cpu_count(void); /* CPUs that run */

/* Start all other CPUs; each calls entry(its number) on a stack of its own. Boot CPU, once. */
void cpu_start_others(void (*entry)(unsigned cpu));

/* Make vcpu_run() or cpu_idle() on that CPU return soon (also when called just before them). */
void cpu_kick(unsigned cpu);

/* Wait for an interrupt, a kick or the timer; returns at once if one came since the last call or
 * since the last vcpu_run(). Interrupts off on entry and on return. */
void cpu_idle(void);

/* Virtualisation on this CPU: enable it, once or more (ERR_UNSUPPORTED: no SVM/VMX; the log says
 * why). */
int cpu_virt_enable(void);

/* Fill with random bytes from the hardware generator; number of bytes really filled (0: there is
 * none). */
size_t cpu_random(void *buf, size_t size);

_Noreturn void cpu_halt(void);          /* this CPU, for good */
_Noreturn void machine_power_off(void); /* EFI runtime services or ACPI */
_Noreturn void machine_reset(void);

/*
 * Compare a part of the hypervisor's code and constants with what they were at the start; panics
 * where they changed. Called once a second it gets around within a minute. Boot CPU.
 */
void machine_self_check(void);

/* A mistake of ours: print, stop the machine. Never for anything a guest can cause. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define CHECK(condition)                                                                           \
	((condition) ? (void)0 : panic("%s:%d: check failed: %s", __FILE__, __LINE__, #condition))
