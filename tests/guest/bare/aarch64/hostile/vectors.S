/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One attempt at a time: a piece of code is called, and an exception that it raises, at whichever level
 * and in whichever state, brings us back to who called. Interrupts stay masked and are polled.
 */
	.text
	.globl	attempt, attempt_el0, hostile_vectors
/* uint64_t attempt(const void *code, uint64_t x[4]) */
attempt:
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x1, [sp, #96]
	ldr	x10, =attempt_sp
	mov	x9, sp
	str	x9, [x10]
	mov	x16, x0
	mov	x17, x1
	ldp	x0, x1, [x17]
	ldp	x2, x3, [x17, #16]
	blr	x16
	mov	x16, #0
attempt_end:
	ldr	x10, =attempt_sp
	ldr	x9, [x10]
	str	xzr, [x10]
	mov	sp, x9
	ldr	x17, [sp, #96]
	stp	x0, x1, [x17]
	stp	x2, x3, [x17, #16]
	mov	x0, x16
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret

/* uint64_t attempt_el0(const void *code, uint64_t x[4], uint64_t spsr) */
attempt_el0:
	stp	x29, x30, [sp, #-16]!
	msr	elr_el1, x0
	msr	spsr_el1, x2
	adr	x0, enter_el0
	bl	attempt
	ldp	x29, x30, [sp], #16
	ret
enter_el0:
	eret

	.macro	vector target
	.balign	128
	b	\target
	.endm
	.balign	2048
hostile_vectors:
	.rept	4			/* from this level with SP_EL0, this level, below, AArch32 below */
	vector	synchronous
	vector	unexpected
	vector	unexpected
	vector	unexpected
	.endr

synchronous:
	msr	spsel, #1
	msr	daifset, #15
	mrs	x16, far_el1
	ldr	x17, =fault_address
	str	x16, [x17]
	mrs	x16, esr_el1
	ldr	x17, =attempt_sp
	ldr	x17, [x17]
	cbnz	x17, attempt_end
unexpected:
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	ldr	x2, =stack_end
	mov	sp, x2
	b	hostile_lost

	.bss
	.balign	8
	.globl	fault_address
fault_address:
	.skip	8
attempt_sp:
	.skip	8
	.section .note.GNU-stack, "", %progbits
