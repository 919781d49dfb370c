/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that C and assembly share; host.h and trap.h hold C to them. */
#pragma once

/* struct host_cpu */
#define HOST_CPU_PANIC_STACK 0
#define HOST_CPU_STACK       8
#define HOST_CPU_VCPU        16

/* struct trap_frame: x0-x30, then these */
#define FRAME_SP   248
#define FRAME_KIND 256
#define FRAME_SIZE 272

/* Kinds of exceptions, in the order of the vector table's quarters. */
#define EXCEPTION_SYNC   0
#define EXCEPTION_IRQ    1
#define EXCEPTION_FIQ    2
#define EXCEPTION_SERROR 3
