/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unsigned vcpu_enter(struct vcpu *vcpu)
 *
 * Run the guest until its next exit. The hypervisor's stack stays in SP_EL2 meanwhile; what C
 * expects to find again is on it, with the vCPU above.
 */
#include "arch/aarch64/offsets.h"
#include "arch/aarch64/vcpu_offsets.h"

#define FRAME      112
#define FRAME_VCPU 96

#define APIAKEYLO S3_0_C2_C1_0
#define APIAKEYHI S3_0_C2_C1_1

	.text
	.global vcpu_enter
	.hidden vcpu_enter
	.type vcpu_enter, %function
vcpu_enter:
	hint	#34                     /* bti c */
	stp	x29, x30, [sp, #-FRAME]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #FRAME_VCPU]
	ldp	x2, x3, [x0, #VCPU_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	ldrb	w4, [x0, #VCPU_PAUTH]
	cbz	w4, 1f
	ldp	x2, x3, [x0, #VCPU_APIA]
	msr	APIAKEYLO, x2
	msr	APIAKEYHI, x3
1:	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret
	dsb	nsh                     /* nothing after it is speculated */
	isb
	.size vcpu_enter, . - vcpu_enter

/* From trap_vectors: x0 and x1 on the stack, the kind of exception in x1. */
	.global vcpu_guest_exit
	.hidden vcpu_guest_exit
	.type vcpu_guest_exit, %function
vcpu_guest_exit:
	ldr	x0, [sp, #16 + FRAME_VCPU]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	ldp	x2, x3, [sp], #16
	str	x30, [x0, #240]
	stp	x2, x3, [x0]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x2, x3, [x0, #VCPU_PC]
	ldrb	w4, [x0, #VCPU_PAUTH]
	cbz	w4, 1f
	mrs	x2, APIAKEYLO
	mrs	x3, APIAKEYHI
	stp	x2, x3, [x0, #VCPU_APIA]
	mrs	x4, tpidr_el2
	ldp	x2, x3, [x4, #HOST_CPU_PAUTH_KEY]
	msr	APIAKEYLO, x2
	msr	APIAKEYHI, x3
	isb
	/* No guest value stays in a register that speculation in the hypervisor could use. */
1:	mov	x0, x1
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	mov	x4, xzr
	mov	x5, xzr
	mov	x6, xzr
	mov	x7, xzr
	mov	x8, xzr
	mov	x9, xzr
	mov	x10, xzr
	mov	x11, xzr
	mov	x12, xzr
	mov	x13, xzr
	mov	x14, xzr
	mov	x15, xzr
	mov	x16, xzr
	mov	x17, xzr
	mov	x18, xzr
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #FRAME
	ret
	.size vcpu_guest_exit, . - vcpu_guest_exit

/* void fp_save(struct fp_state *fp), void fp_load(const struct fp_state *fp) */
	.macro all_q op
	.irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	q_pair	\op, \n
	.endr
	.endm
	.altmacro
	.macro q_pair op, n
	q_names	\op, \n, %(\n + 1), %(16 * \n)
	.endm
	.macro q_names op, n, next, offset
	\op	q\n, q\next, [x0, #\offset]
	.endm

	.global fp_save
	.hidden fp_save
fp_save:
	hint	#34
	all_q	stp
	mrs	x1, fpcr
	mrs	x2, fpsr
	str	x1, [x0, #512]
	str	x2, [x0, #520]
	ret

	.global fp_load
	.hidden fp_load
fp_load:
	hint	#34
	all_q	ldp
	ldr	x1, [x0, #512]
	ldr	x2, [x0, #520]
	msr	fpcr, x1
	msr	fpsr, x2
	ret

	.section .note.GNU-stack, "", @progbits
