/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare guest looks like a Linux Image (Documentation/arch/arm64/booting.rst). It moves itself to where
 * it is linked and ends in bare_main(device tree) at EL1, on one table of 1 GiB blocks: the first is
 * device memory, RAM follows, the rest up to 512 GiB is device memory again. Interrupts stay masked.
 */
	.section .start, "ax"
	.globl	_start
_start:	b	begin
	.long	0
	.quad	0			/* text_offset */
	.quad	bare_memory		/* image_size */
	.quad	0xa			/* flags: little-endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

begin:	msr	daifset, #15
	adr	x1, _start
	ldr	x2, =bare_start
	ldr	x3, =bare_end
	cmp	x1, x2
	b.eq	2f
1:	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x2], #16
	cmp	x2, x3
	b.lo	1b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	ldr	x4, =2f
	br	x4
2:	ldr	x1, =bare_bss
	ldr	x2, =bare_bss_end
3:	cmp	x1, x2
	b.hs	4f
	stp	xzr, xzr, [x1], #16
	b	3b
4:	ldr	x1, =table
	mov	x2, #0
	mov	x3, #0x401		/* block, AF, device memory: attribute 0 */
	movk	x3, #0x60, lsl #48	/* UXN, PXN */
	mov	x4, #0x705		/* block, AF, inner shareable, normal: attribute 1 */
5:	lsr	x5, x2, #2		/* blocks 1 to 3 are RAM */
	cmp	x5, #0
	ccmp	x2, #0, #4, eq
	csel	x6, x4, x3, ne
	add	x6, x6, x2, lsl #30
	str	x6, [x1, x2, lsl #3]
	add	x2, x2, #1
	cmp	x2, #512
	b.lo	5b
	mov	x2, #0xff00		/* attribute 0: nGnRnE, 1: write-back */
	msr	mair_el1, x2
	ldr	x2, =0x200803519	/* TCR: 39 bits, 4 KiB, cached walks, EPD1, 40 bits out */
	msr	tcr_el1, x2
	msr	ttbr0_el1, x1
	dsb	sy
	tlbi	vmalle1
	dsb	sy
	isb
	ldr	x2, =0x30d0198d		/* SCTLR: M, C, I, SA, and what is one when reset */
	msr	sctlr_el1, x2
	isb
	mov	x2, #3 << 20		/* CPACR: FP and SIMD */
	msr	cpacr_el1, x2
	isb
	ldr	x1, =stack_end
	mov	sp, x1
	bl	bare_main
6:	wfi
	b	6b

	.section .pages, "aw", %nobits
	.balign 4096
	.globl	table
table:	.skip 4096
	.skip 0x4000
	.globl	stack_end
stack_end:
	.section .note.GNU-stack, "", %progbits
