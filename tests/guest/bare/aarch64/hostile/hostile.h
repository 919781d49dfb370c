/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that misuses its CPU and its interrupt controller: attempts, and rows of the catalogue.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/guest/bare/bare.h"

/* ESR_ELx.EC, Arm ARM D17.2.37; an attempt without an exception returns 0 */
#define EC_UNKNOWN     0x00
#define EC_FP          0x07
#define EC_ILLEGAL     0x0e
#define EC_SVC32       0x11
#define EC_SVC         0x15
#define EC_SYSREG      0x18
#define EC_SVE         0x19
#define EC_SME         0x1d
#define EC_FETCH       0x21
#define EC_DATA_EL0    0x24
#define EC_DATA        0x25
#define UNDEFINED(esr) ((esr) && (esr) >> 26 == EC_UNKNOWN)
#define IS(esr, ec)    ((esr) >> 26 == (ec))

#define A64_RET 0xd65f03c0u

/* Where a guest of this test has its RAM: 64 MiB from RAM. Anything else up to 2^39 is not RAM. */
#define RAM     0x40000000ul
#define RAM_END 0x44000000ul
#define DEVICES 0x08000000ul /* between here and RAM are devices */
#define GICD    0x08000000ul
#define GICC    0x08010000ul
#define GICR    0x080a0000ul
#define NO_ITS  0x08080000ul
#define NO_SMMU 0x09050000ul
#define VIRTIO  0x0a000000ul /* virtio over MMIO */

extern uint64_t fault_address; /* FAR_EL1 of the last exception */
extern uint64_t table[512];    /* the translation table: blocks of 1 GiB */

/* Calls code with x[0..3] in X0..X3 and stores these registers back. Returns the ESR of the
 * exception that it raised, or 0. */
uint64_t attempt(const void *code, uint64_t x[4]);
/* The same at EL0, in the state that spsr says; code ends by SVC. */
uint64_t attempt_el0(const void *code, uint64_t x[4], uint64_t spsr);
/* One A64 instruction, with x0 and x1; what X0 was afterwards is in last. */
uint64_t attempt_one(uint32_t instruction, uint64_t x0, uint64_t x1);
extern uint64_t last;
/* Make instructions that were written visible to the CPU. */
void written_code(const void *code, uint64_t size);
/* After a change of the table */
void written_table(void);

/* A load of size bytes (1, 2, 4, 8), a store */
uint64_t attempt_load(uint64_t address, unsigned size);
uint64_t attempt_store(uint64_t address, unsigned size, uint64_t value);

/* One claim of the row that runs; what is wrong is printed. */
void expect(bool good, const char *what, uint64_t detail);

/* System registers by their encoding, as S<op0>_<op1>_C<n>_C<m>_<op2> */
#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t value;                                                                    \
		__asm__ volatile("mrs %0, " name : "=r"(value));                                   \
		value;                                                                             \
	})
#define write_sysreg(name, value)                                                                  \
	__asm__ volatile("msr " name ", %0\nisb" : : "r"((uint64_t)(value)) : "memory")

/* The rows */
void a6_001(void);
void a6_002(void);
void a6_003(void);
void a6_004(void);
void a6_005(void);
void a6_006(void);
void a6_007(void);
void a6_010(void);
void a6_011(void);
void a6_012(void);
void a6_013(void);
void a6_014(void);
void a6_015(void);
void a6_016(void);
void a6_017(void);
void a6_018(void);
void a6_019(void);
void a6_020(void);
void a6_022(void);
void a6_023(void);
void a6_024(void);
void mm_001(void);
void mm_002(void);
void mm_003(void);
void mm_004(void);
void tm_014(void);

extern uint8_t *device_tree;
