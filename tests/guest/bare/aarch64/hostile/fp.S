/* SPDX-License-Identifier: BSD-2-Clause */
/* The 32 vector registers: filled from a seed, and compared with it. */
	.text
	.arch_extension fp
	.arch_extension simd
	.globl	fp_fill, fp_differs
/* void fp_fill(uint64_t seed): V<n> = seed + n in both halves */
fp_fill:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	add	x1, x0, #\n
	dup	v\n\().2d, x1
	.endr
	ret
/* uint64_t fp_differs(uint64_t seed, uint64_t step): 0 when V<n> is seed + n * step in both halves */
fp_differs:
	mov	x4, #0
	mov	x5, x0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	umov	x2, v\n\().d[0]
	umov	x3, v\n\().d[1]
	eor	x2, x2, x5
	eor	x3, x3, x5
	orr	x4, x4, x2
	orr	x4, x4, x3
	add	x5, x5, x1
	.endr
	mov	x0, x4
	ret
	.section .note.GNU-stack, "", %progbits
