/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/smccc.h"

#include <arch/err.h>

#define CALL_64 (1u << 30) /* the arguments are of 64 bits: in function ids */

enum {
	SMCCC_VERSION = 0x80000000,
	SMCCC_ARCH_FEATURES = 0x80000001,
	PSCI_VERSION = 0x84000000,
	PSCI_CPU_SUSPEND = 0x84000001,
	PSCI_CPU_OFF = 0x84000002,
	PSCI_CPU_ON = 0x84000003,
	PSCI_AFFINITY_INFO = 0x84000004,
	PSCI_MIGRATE_INFO_TYPE = 0x84000006,
	PSCI_SYSTEM_OFF = 0x84000008,
	PSCI_SYSTEM_RESET = 0x84000009,
	PSCI_FEATURES = 0x8400000a,
	PSCI_SYSTEM_RESET2 = 0x84000012,
};

#define SMCCC_1_1        0x10001
#define PSCI_1_1         0x10001
#define NO_MIGRATION     2 /* MIGRATE_INFO_TYPE: no trusted system that would have to move */
#define AFFINITY_ON      0
#define AFFINITY_OFF     1
#define AFFINITY_PENDING 2

uint64_t smccc_affinity(unsigned index)
{
	return (uint64_t)(index / 16) << 8 | index % 16;
}

unsigned smccc_index(uint64_t affinity)
{
	uint64_t aff0 = affinity & 0xff, aff1 = affinity >> 8;
	return aff0 < 16 && aff1 < 256 ? (unsigned)(aff1 * 16 + aff0) : ~0u;
}

struct call {
	uint64_t x[4]; /* cut to the width of the call */
	int64_t *answer;
	struct vcpu_exit *exit;
};

typedef bool handler(const struct call *call);

static bool answer(const struct call *call, int64_t value)
{
	*call->answer = value;
	return true;
}

static bool leave(const struct call *call, enum exit_kind kind)
{
	*call->answer = PSCI_SUCCESS;
	call->exit->kind = kind;
	return false;
}

static handler arch_features, psci_features;

static bool smccc_version(const struct call *call)
{
	return answer(call, SMCCC_1_1);
}

static bool psci_version(const struct call *call)
{
	return answer(call, PSCI_1_1);
}

/* Deeper states than waiting may be taken for that one: DEN0022 5.4.5. */
static bool cpu_suspend(const struct call *call)
{
	return leave(call, EXIT_IDLE);
}

static bool cpu_off(const struct call *call)
{
	*call->answer = PSCI_DENIED; /* if it goes on */
	call->exit->kind = EXIT_CPU_STOP;
	return false;
}

static bool cpu_on(const struct call *call)
{
	call->exit->cpu.target = smccc_index(call->x[1]);
	call->exit->cpu.entry = call->x[2];
	call->exit->cpu.argument = call->x[3];
	call->exit->kind = EXIT_CPU_START;
	return false;
}

static bool affinity_info(const struct call *call)
{
	if (call->x[2]) /* levels above CPUs: none have to be known since PSCI 1.0 */
		return answer(call, PSCI_INVALID_PARAMETERS);
	call->exit->cpu.target = smccc_index(call->x[1]);
	call->exit->kind = EXIT_CPU_STATE;
	return false;
}

static bool migrate_info_type(const struct call *call)
{
	return answer(call, NO_MIGRATION);
}

static bool system_off(const struct call *call)
{
	return leave(call, EXIT_POWER_OFF);
}

static bool system_reset(const struct call *call)
{
	return leave(call, EXIT_RESET);
}

static bool system_reset2(const struct call *call)
{
	if (call->x[1]) /* only SYSTEM_WARM_RESET is known */
		return answer(call, PSCI_INVALID_PARAMETERS);
	return leave(call, EXIT_RESET);
}

static const struct {
	uint32_t function;
	bool has_64; /* also with arguments of 64 bits */
	handler *handle;
} calls[] = {
    {PSCI_VERSION, false, psci_version},
    {PSCI_CPU_SUSPEND, true, cpu_suspend},
    {PSCI_CPU_OFF, false, cpu_off},
    {PSCI_CPU_ON, true, cpu_on},
    {PSCI_AFFINITY_INFO, true, affinity_info},
    {PSCI_MIGRATE_INFO_TYPE, false, migrate_info_type},
    {PSCI_SYSTEM_OFF, false, system_off},
    {PSCI_SYSTEM_RESET, false, system_reset},
    {PSCI_FEATURES, false, psci_features},
    {PSCI_SYSTEM_RESET2, true, system_reset2},
    {SMCCC_VERSION, false, smccc_version},
    {SMCCC_ARCH_FEATURES, false, arch_features},
};

static handler *find(uint32_t function)
{
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].function == function ||
		    (calls[i].has_64 && (calls[i].function | CALL_64) == function))
			return calls[i].handle;
	return NULL;
}

static bool psci_features(const struct call *call)
{
	handler *found = find((uint32_t)call->x[1]);
	return answer(call, found && found != arch_features ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED);
}

static bool arch_features(const struct call *call)
{
	handler *found = find((uint32_t)call->x[1]);
	bool listed = found == arch_features || found == smccc_version;
	return answer(call, listed ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED);
}

bool smccc_call(const uint64_t *x, int64_t *value, struct vcpu_exit *exit)
{
	struct call call = {{x[0], x[1], x[2], x[3]}, value, exit};
	handler *handle = find((uint32_t)x[0]);
	if (!handle)
		return answer(&call, PSCI_NOT_SUPPORTED);
	for (unsigned i = 0; i < 4 && !(x[0] & CALL_64); i++)
		call.x[i] = (uint32_t)x[i];
	return handle(&call);
}

int64_t smccc_answer(enum exit_kind kind, int result)
{
	if (result == ERR_INVALID)
		return PSCI_INVALID_PARAMETERS;
	if (kind == EXIT_CPU_START)
		return result == 0 ? PSCI_SUCCESS : PSCI_ALREADY_ON;
	if (result == ERR_BUSY)
		return AFFINITY_PENDING;
	return result ? AFFINITY_ON : AFFINITY_OFF;
}
