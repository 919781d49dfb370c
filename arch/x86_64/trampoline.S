/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From real mode, where a started CPU begins, to ap_entry in 64-bit mode. Copied to a page below
 * 1 MiB; smp.c fills in the words marked "set", which depend on where that is.
 */
#define FIELD(name) name - trampoline_start

	.section .rodata.trampoline, "a"
	.global trampoline_start, trampoline_end, trampoline_gdt, trampoline_gdt_base
	.global trampoline_far32, trampoline_code32, trampoline_far64, trampoline_code64
	.global trampoline_cr3, trampoline_entry
	.hidden trampoline_start, trampoline_end, trampoline_gdt, trampoline_gdt_base
	.hidden trampoline_far32, trampoline_code32, trampoline_far64, trampoline_code64
	.hidden trampoline_cr3, trampoline_entry

	.code16
	.balign 16
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %ebx
	shll $4, %ebx                   /* the page's address, kept for later */
	lgdtl FIELD(gdt_pointer)
	movl %cr0, %eax
	orl $1, %eax                    /* PE */
	movl %eax, %cr0
	ljmpl *FIELD(trampoline_far32)

	.code32
trampoline_code32:
	movw $0x18, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl $0x20, %eax                /* PAE */
	movl %eax, %cr4
	movl FIELD(trampoline_cr3)(%ebx), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx          /* EFER: LME, NXE */
	rdmsr
	orl $0x900, %eax
	wrmsr
	movl $0x80010033, %eax          /* PG WP NE ET MP PE */
	movl %eax, %cr0
	ljmpl *FIELD(trampoline_far64)(%ebx)

	.code64
trampoline_code64:
	movl %ebx, %ebx
	jmpq *FIELD(trampoline_entry)(%rbx)

	.balign 8
trampoline_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff        /* 0x08: 32-bit code */
	.quad 0x00af9b000000ffff        /* 0x10: 64-bit code */
	.quad 0x00cf93000000ffff        /* 0x18: data */
gdt_pointer:
	.word 31
trampoline_gdt_base:
	.long 0                         /* set */
	.balign 8
trampoline_far32:
	.long 0                         /* set */
	.word 0x08
	.balign 8
trampoline_far64:
	.long 0                         /* set */
	.word 0x10
	.balign 8
trampoline_cr3:
	.long 0                         /* set */
	.balign 8
trampoline_entry:
	.quad 0                         /* set */
trampoline_end:

	.section .note.GNU-stack, "", @progbits
