/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions and interrupts of the host. */
#pragma once

#include <stdint.h>

#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS  0x18

/* Vectors above the exceptions. 0x20-0x2f: the legacy controllers' own, masked and ignored. */
#define VECTOR_LEGACY   0x20
#define VECTOR_FIRST    0x30 /* devices' */
#define VECTOR_LAST     0xee
#define VECTOR_TIMER    0xef
#define VECTOR_KICK     0xf0
#define VECTOR_SPURIOUS 0xff

/* Interrupt stack table slots, from 1. */
enum ist { IST_NMI = 1, IST_DF, IST_MC, IST_PF, IST_COUNT = IST_PF };

/* As vectors.S leaves it on the stack. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

void trap_init(void); /* fill the interrupt descriptor table; boot CPU, once */
void trap_load(void); /* use it on this CPU */
