/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare guest looks like a Linux bzImage (Documentation/arch/x86/boot.rst, protocol 2.12), so that any
 * loader starts it: in real mode at setup+0x200, in 32-bit mode at 1 MiB, or in 64-bit mode at
 * 1 MiB + 0x200. All three end in bare_main(boot_params) in long mode on tables of its own that map the
 * first 4 GiB one to one. Interrupts stay off.
 */
#define LOAD 0x100000

	.section .setup, "ax"
	.code16
	.org 0x1f1
	.byte 1				/* setup_sects: one after this one */
	.word 0
	.long bare_paragraphs		/* syssize, in 16 bytes */
	.word 0, 0, 0
	.word 0xaa55			/* boot_flag */
	.org 0x200
	jmp real_mode
	.ascii "HdrS"
	.word 0x20c			/* version */
	.long 0
	.word 0, 0
	.byte 0
	.byte 1				/* loadflags: LOADED_HIGH */
	.word 0
	.long LOAD			/* code32_start */
	.long 0, 0			/* ramdisk_image, ramdisk_size: by the loader */
	.long 0
	.word 0
	.byte 0, 0
	.long 0				/* cmd_line_ptr */
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x200000			/* kernel_alignment */
	.byte 0				/* relocatable_kernel: no, it runs at LOAD */
	.byte 21
	.word 1				/* xloadflags: XLF_KERNEL_64 */
	.long 255			/* cmdline_size */
	.long 0
	.quad 0
	.long 0, 0
	.quad 0
	.quad LOAD			/* pref_address */
	.long bare_memory		/* init_size */
	.long 0
real_mode:
	cli
	lgdtl	%cs:(gdt_pointer - 0x200)
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	movw	$24, %ax
	movw	%ax, %ds
	xorl	%esi, %esi		/* no boot_params */
	ljmpl	$8, $LOAD
gdt_pointer:
	.word 31
	.long gdt
	.org 0x400

	.section .start, "ax"
	.code32
	movl	$gdt_pointer32, %eax
	lgdt	(%eax)
	movl	$24, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$pages_end - pages, %ecx
	movl	$pages, %edi
	shrl	$2, %ecx
	xorl	%eax, %eax
	cld
	rep stosl
	movl	$pages, %edi		/* a PML4, a PDPT, four tables of 2 MiB pages */
	leal	0x1003(%edi), %eax
	movl	%eax, (%edi)
	leal	0x1000(%edi), %edx
	movl	$4, %ecx
1:	addl	$0x1000, %eax
	movl	%eax, (%edx)
	addl	$8, %edx
	loop	1b
	leal	0x2000(%edi), %edx
	movl	$0x83, %eax
2:	movl	%eax, (%edx)
	addl	$8, %edx
	addl	$0x200000, %eax
	jnc	2b
	movl	%edi, %cr3
	movl	%cr4, %eax
	orl	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000001, %eax
	movl	%eax, %cr0
	ljmp	$16, $long_mode

	.org 0x200
	.code64
	cli				/* a 64-bit loader's tables map too little: go round by 32 bits */
	lgdt	gdt_pointer32
	movq	$8, %rax
	pushq	%rax
	leaq	leave_long_mode(%rip), %rax
	pushq	%rax
	lretq
	.code32
leave_long_mode:
	movl	$24, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax
	movl	%eax, %cr0
	jmp	1f
1:	movl	$0xc0000080, %ecx
	rdmsr
	andl	$~0x100, %eax
	wrmsr
	movl	$LOAD, %eax
	jmp	*%eax

	.code64
long_mode:
	movl	$24, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$stack_end, %esp
	movl	$bare_bss, %edi
	movl	$bare_bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	movl	%esi, %edi
	call	bare_main
1:	cli
	hlt
	jmp	1b

	.balign 8
	.globl gdt, pages
gdt:	.quad 0, 0x00cf9b000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer32:
	.word 31
	.quad gdt

	.section .pages, "aw", @nobits
	.balign 4096
pages:	.skip 0x6000
pages_end:
	.skip 0x4000
stack_end:
	.section .note.GNU-stack, "", @progbits
