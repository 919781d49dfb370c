/* SPDX-License-Identifier: BSD-2-Clause */
/* Where each CPU gets its own stack: the boot CPU from firmware, the others from the trampoline. */
	.section .bss.boot_stack, "aw", @nobits
	.balign 4096
	.global boot_stack, boot_stack_top
	.hidden boot_stack, boot_stack_top
boot_stack:                     /* its first page is unmapped as a guard */
	.skip 17 * 4096
boot_stack_top:

	.text
	.global arch_enter
	.type arch_enter, @function
arch_enter:                     /* (main, info) */
	cli
	cld
	leaq boot_stack_top(%rip), %rsp
	xorl %ebp, %ebp
	movq %rdi, %rax
	movq %rsi, %rdi
	call *%rax
	ud2

/*
 * 64-bit mode, our page tables, no stack. One CPU takes the stack that waits; one that comes
 * uninvited finds none and stops.
 */
	.global ap_entry
	.hidden ap_entry, ap_stack_slot, ap_main
	.type ap_entry, @function
ap_entry:
	xorl %eax, %eax
	xchgq %rax, ap_stack_slot(%rip)
	testq %rax, %rax
	jz 1f
	movq %rax, %rsp
	xorl %ebp, %ebp
	call ap_main
1:	cli
	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
