/* SPDX-License-Identifier: BSD-2-Clause */
/* What ESR_EL2 says about an instruction that exited: Arm ARM D19.2.40. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ISS_MASK 0x1ffffffu /* ESR_EL2 bits 24:0 */

enum abort_kind {
	ABORT_ACCESS, /* a load or store whose registers are told: struct data_access is filled */
	ABORT_UNDECODED, /* a load or store that the CPU tells nothing more about (ISV = 0) */
	ABORT_CACHE,     /* cache maintenance by address (CM) */
	ABORT_WALK,      /* the guest's own table lies there (S1PTW) */
	ABORT_OTHER,     /* not a matter of stage 2: external abort, alignment, ... */
};

struct data_access {
	uint8_t size; /* bytes: 1, 2, 4, 8 */
	uint8_t reg;  /* 0..30; 31: the zero register */
	bool write;
	bool sign_extend; /* of a read */
	bool wide;        /* the register is written as 64 bits, not 32 */
	bool reversed;    /* by a guest whose data are big-endian; the caller knows */
};

/*
 * A data abort's ISS. Stage 2 faults are: address size, translation, access flag and permission,
 * of any level (DFSC 0b00xxxx). Of several kinds that fit, the last but ABORT_ACCESS in the list
 * wins.
 */
enum abort_kind syndrome_data_abort(uint32_t iss, struct data_access *access);

/* The same for an instruction abort: ABORT_UNDECODED stands for any fetch. */
enum abort_kind syndrome_fetch_abort(uint32_t iss);

/* The low size bytes of value, in the order in which the bus has them. */
uint64_t syndrome_bus_order(const struct data_access *access, uint64_t value);

/* What the register holds after a read that returned value; only the low size bytes of it count. */
uint64_t syndrome_extend(const struct data_access *access, uint64_t value);

/* A trapped MSR, MRS or system instruction (EC 0x18). */
struct sysreg_access {
	uint32_t key; /* SYSREG_KEY() */
	uint8_t reg;  /* as above */
	bool write;
};
#define SYSREG_KEY(op0, op1, crn, crm, op2)                                                        \
	((uint32_t)(op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
#define SYSREG_CRM(key) ((key) >> 3 & 15u)
#define SYSREG_OP2(key) ((key)&7u)

struct sysreg_access syndrome_sysreg(uint32_t iss);
