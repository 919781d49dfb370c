/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that a guest makes with HVC or SMC: SMC calling convention (DEN0028), and of the standard
 * services PSCI 1.1 (DEN0022). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <arch/vcpu.h>

#define PSCI_SUCCESS            0
#define PSCI_NOT_SUPPORTED      (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED             (-3)
#define PSCI_ALREADY_ON         (-4)
#define PSCI_INVALID_ADDRESS    (-9)

/* vCPU n has affinity 0.0.(n / 16).(n % 16); of one that no vCPU can have: ~0u. */
uint64_t smccc_affinity(unsigned index);
unsigned smccc_index(uint64_t affinity);

/*
 * The call in x[0..3]. True: it is answered, the answer for x0 is in *answer. False: the caller of
 * vcpu_run() has to do something; *exit is filled, and *answer is for x0 when the vCPU goes on (not
 * with EXIT_CPU_START and EXIT_CPU_STATE).
 */
bool smccc_call(const uint64_t *x, int64_t *answer, struct vcpu_exit *exit);

/* The answer of EXIT_CPU_START or EXIT_CPU_STATE: result as vcpu_finish_call() has it. */
int64_t smccc_answer(enum exit_kind kind, int result);
