/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying and filling, 64 bytes at a time and then the rest; whole blocks of zeros by DC ZVA. The
 * memory is normal and mapped, alignment is free.
 */
	.text
	.globl	memcpy, memmove, memset
	.hidden	memcpy, memmove, memset

/* void *memmove(void *to, const void *from, size_t size) */
	.type	memmove, %function
memmove:
	bti	c
	sub	x3, x0, x1
	cmp	x3, x2
	b.hs	memcpy
	add	x4, x0, x2		/* the areas overlap: backwards */
	add	x1, x1, x2
1:	subs	x2, x2, #16
	b.lo	2f
	ldp	x5, x6, [x1, #-16]!
	stp	x5, x6, [x4, #-16]!
	b	1b
2:	adds	x2, x2, #16
	b.eq	4f
3:	ldrb	w5, [x1, #-1]!
	strb	w5, [x4, #-1]!
	subs	x2, x2, #1
	b.ne	3b
4:	ret

/* void *memcpy(void *to, const void *from, size_t size) */
	.type	memcpy, %function
memcpy:
	bti	c
	mov	x3, x0
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	stp	x8, x9, [x3, #32]
	stp	x10, x11, [x3, #48]
	add	x1, x1, #64
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	1b
2:	tbz	x2, #5, 3f		/* the low bits still count what is left */
	ldp	x4, x5, [x1], #16
	ldp	x6, x7, [x1], #16
	stp	x4, x5, [x3], #16
	stp	x6, x7, [x3], #16
3:	tbz	x2, #4, 4f
	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x3], #16
4:	tbz	x2, #3, 5f
	ldr	x4, [x1], #8
	str	x4, [x3], #8
5:	tbz	x2, #2, 6f
	ldr	w4, [x1], #4
	str	w4, [x3], #4
6:	tbz	x2, #1, 7f
	ldrh	w4, [x1], #2
	strh	w4, [x3], #2
7:	tbz	x2, #0, 8f
	ldrb	w4, [x1]
	strb	w4, [x3]
8:	ret

/* void *memset(void *to, int byte, size_t size) */
	.type	memset, %function
memset:
	bti	c
	mov	x3, x0
	and	x1, x1, #255
	mov	x4, #0x0101010101010101
	mul	x1, x1, x4
	cbnz	x1, 3f
	mrs	x4, dczid_el0
	tbnz	x4, #4, 3f		/* DC ZVA is not to be used */
	and	x4, x4, #15
	mov	x5, #4
	lsl	x4, x5, x4		/* bytes of a block */
	cmp	x2, x4, lsl #1
	b.lo	3f
	sub	x5, x4, #1
	neg	x6, x3
	and	x6, x6, x5		/* up to the first block */
	sub	x2, x2, x6
1:	cbz	x6, 2f
	strb	wzr, [x3], #1
	sub	x6, x6, #1
	b	1b
2:	dc	zva, x3
	add	x3, x3, x4
	sub	x2, x2, x4
	cmp	x2, x4
	b.hs	2b
3:	subs	x2, x2, #64
	b.lo	5f
4:	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x3, #32]
	stp	x1, x1, [x3, #48]
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	4b
5:	tbz	x2, #5, 6f
	stp	x1, x1, [x3], #16
	stp	x1, x1, [x3], #16
6:	tbz	x2, #4, 7f
	stp	x1, x1, [x3], #16
7:	tbz	x2, #3, 8f
	str	x1, [x3], #8
8:	tbz	x2, #2, 9f
	str	w1, [x3], #4
9:	tbz	x2, #1, 10f
	strh	w1, [x3], #2
10:	tbz	x2, #0, 11f
	strb	w1, [x3]
11:	ret
	.section .note.GNU-stack, "", %progbits
