/* SPDX-License-Identifier: BSD-2-Clause */
/* Where each CPU gets its own stack and translation: the boot CPU from firmware, others from PSCI. */
#include "arch/aarch64/offsets.h"

	.section .bss.boot_stack, "aw", @nobits
	.balign 4096
	.global boot_stack, boot_stack_top, boot_panic_stack_top
	.hidden boot_stack, boot_stack_top, boot_panic_stack_top
boot_stack:                     /* its first page is unmapped as a guard */
	.skip 17 * 4096
boot_stack_top:
	.skip 2 * 4096
boot_panic_stack_top:

	.text
	.global arch_enter
	.hidden arch_start_boot_cpu
	.type arch_enter, @function
arch_enter:                     /* (main, info) */
	bti	c
	msr	daifset, #15
	msr	spsel, #1
	adrp	x9, boot_stack_top
	add	sp, x9, :lo12:boot_stack_top
	mov	x29, xzr
	mov	x19, x0
	mov	x20, x1
	bl	arch_start_boot_cpu
	mov	x0, x20
	blr	x19
1:	wfi
	b	1b

/*
 * (registers): leave the translation that is there, if any, and begin that of struct
 * paging_registers. What changes cannot change while it is in use, so the MMU is off for a moment,
 * in which nothing but these instructions is fetched and no data is touched.
 */
	.global paging_enter
	.hidden paging_enter
	.type paging_enter, @function
paging_enter:
	bti	c
	ldp	x1, x2, [x0]
	ldp	x3, x4, [x0, #16]
	ldr	x5, [x0, #32]
	mrs	x6, sctlr_el2
	bic	x6, x6, #1              /* M */
	bic	x6, x6, #4              /* C */
	dsb	sy
	msr	sctlr_el2, x6
	isb
	msr	hcr_el2, x1
	isb
	msr	mair_el2, x2
	msr	tcr_el2, x3
	msr	ttbr0_el2, x4
	isb
	tlbi	alle2
	tlbi	alle1
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	msr	sctlr_el2, x5
	isb
	ret

/* x0: struct ap_start: struct paging_registers, then the CPU's struct host_cpu. */
	.global ap_entry
	.hidden ap_entry, ap_main
	.type ap_entry, @function
ap_entry:
	msr	daifset, #15
	mrs	x1, CurrentEL
	cmp	x1, #2 << 2
	b.ne	1f
	msr	spsel, #1
	ldr	x19, [x0, #40]
	bl	paging_enter
	msr	tpidr_el2, x19
	ldr	x1, [x19, #HOST_CPU_STACK]
	mov	sp, x1
	mov	x29, xzr
	mov	x0, x19
	bl	ap_main
1:	wfi
	b	1b

	.section .note.GNU-stack, "", @progbits
