/* SPDX-License-Identifier: BSD-2-Clause */
/* A program for the Linux guests that prints the cycle counter, in decimal: cycles since the guest's start. */
	.globl _start
_start:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	$64, %rsp
	leaq	31(%rsp), %rsi		/* digits grow downwards from here */
	movb	$'\n', (%rsi)
	movl	$1, %r8d
	movl	$10, %ecx
1:	xorl	%edx, %edx
	divq	%rcx
	addb	$'0', %dl
	decq	%rsi
	incq	%r8
	movb	%dl, (%rsi)
	testq	%rax, %rax
	jnz	1b
	movl	$1, %eax		/* write(1, digits, count) */
	movl	$1, %edi
	movq	%r8, %rdx
	syscall
	movl	$60, %eax		/* exit(0) */
	xorl	%edi, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
