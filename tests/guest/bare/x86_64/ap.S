/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a second CPU begins: in real mode, in a copy of this below 1 MiB (AP_START), by a start-up IPI.
 * It goes to long mode on the tables of the first CPU and calls ap_main() on a stack of its own.
 */
	.section .text.ap, "ax"
	.globl ap_code, ap_code_end
	.code16
ap_code:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt - ap_code
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $ap_protected
	.balign 4
ap_gdt:	.word 31
	.long gdt
ap_code_end:

	.code32
ap_protected:
	movl	$24, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%cr4, %eax
	orl	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$pages, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000001, %eax
	movl	%eax, %cr0
	ljmp	$16, $ap_long

	.code64
ap_long:
	movl	$24, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$ap_stack_end, %esp
	call	ap_main
1:	cli
	hlt
	jmp	1b

	.section .bss.ap_stack, "aw", @nobits
	.balign 16
	.skip 0x4000
ap_stack_end:
	.section .note.GNU-stack, "", @progbits
