/* SPDX-License-Identifier: BSD-2-Clause */
/* A program for the Linux guests that prints the counter, in decimal: ticks of CNTVCT since the guest's start. */
	.globl _start
_start:
	isb
	mrs	x0, cntvct_el0
	sub	sp, sp, #64
	add	x1, sp, #31		/* digits grow downwards from here */
	mov	w2, #'\n'
	strb	w2, [x1]
	mov	x3, #10
	mov	x4, x1
1:	udiv	x5, x0, x3
	msub	x6, x5, x3, x0
	add	w6, w6, #'0'
	strb	w6, [x1, #-1]!
	mov	x0, x5
	cbnz	x0, 1b
	sub	x2, x4, x1
	add	x2, x2, #1
	mov	x0, #1			/* write(1, digits, count) */
	mov	x8, #64
	svc	#0
	mov	x0, #0			/* exit(0) */
	mov	x8, #93
	svc	#0
	.section .note.GNU-stack, "", %progbits
