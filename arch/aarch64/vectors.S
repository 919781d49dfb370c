/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's vector table, Arm ARM D1.3.1. From EL2 itself nothing is ever expected: such an exception
 * ends in panic_frame(), on a stack of its own. From a guest all go to vcpu_guest_exit.
 */
#include "arch/aarch64/offsets.h"

/*
 * The hypervisor's stack may be what failed, and there is no free register: the EL0 thread
 * registers, which are a guest's, are good enough for a machine that is about to stop.
 */
	.macro own_exception kind
	.balign 128
	msr	tpidr_el0, x0
	mov	x0, sp
	msr	tpidrro_el0, x0
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #HOST_CPU_PANIC_STACK]
	sub	x0, x0, #FRAME_SIZE
	mov	sp, x0
	stp	x1, x2, [sp, #8]
	mov	x1, #\kind
	b	own_common
	.endm

/*
 * vcpu_guest_exit finds x0 and x1 on the stack, the kind of exception in x1, x0 free, and all else
 * as the guest left it. SP_EL2 is what it was when the guest was entered, less 16.
 */
	.macro guest_exception kind
	.balign 128
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\kind
	b	vcpu_guest_exit
	.endm

	.text
	.hidden panic_frame, vcpu_guest_exit
	.global trap_vectors
	.hidden trap_vectors
	.balign 2048
trap_vectors:
	.irp kind, EXCEPTION_SYNC, EXCEPTION_IRQ, EXCEPTION_FIQ, EXCEPTION_SERROR
	own_exception \kind             /* with SP_EL0: not used */
	.endr
	.irp kind, EXCEPTION_SYNC, EXCEPTION_IRQ, EXCEPTION_FIQ, EXCEPTION_SERROR
	own_exception \kind
	.endr
	.irp kind, EXCEPTION_SYNC, EXCEPTION_IRQ, EXCEPTION_FIQ, EXCEPTION_SERROR
	guest_exception \kind
	.endr
	.irp kind, EXCEPTION_SYNC, EXCEPTION_IRQ, EXCEPTION_FIQ, EXCEPTION_SERROR
	guest_exception \kind           /* from AArch32: HCR_EL2.RW does not let it be */
	.endr

own_common:
	stp	x3, x4, [sp, #24]
	stp	x5, x6, [sp, #40]
	stp	x7, x8, [sp, #56]
	stp	x9, x10, [sp, #72]
	stp	x11, x12, [sp, #88]
	stp	x13, x14, [sp, #104]
	stp	x15, x16, [sp, #120]
	stp	x17, x18, [sp, #136]
	stp	x19, x20, [sp, #152]
	stp	x21, x22, [sp, #168]
	stp	x23, x24, [sp, #184]
	stp	x25, x26, [sp, #200]
	stp	x27, x28, [sp, #216]
	stp	x29, x30, [sp, #232]
	mrs	x2, tpidr_el0
	str	x2, [sp]
	mrs	x2, tpidrro_el0
	str	x2, [sp, #FRAME_SP]
	str	x1, [sp, #FRAME_KIND]
	mov	x0, sp
	mov	x29, xzr
	bl	panic_frame
1:	wfi
	b	1b

	.section .note.GNU-stack, "", @progbits
