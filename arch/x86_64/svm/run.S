/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * void svm_enter(uint64_t vmcb, uint64_t *gpr, uint64_t host_vmcb)
 *
 * Run the guest until its next exit. Called with interrupts off and returns so. gpr holds the
 * registers in their encoding order; RAX and RSP are in the VMCB.
 *
 * GIF is clear from before the first guest register is loaded until all host state is back, so a
 * host interrupt that comes in between stays pending. RFLAGS.IF is set at VMRUN: a pending
 * interrupt then ends the guest's run at once, and none is lost.
 */
	.text
	.globl svm_enter
	.hidden svm_enter
	.type svm_enter, @function
svm_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rdx
	push %rsi
	clgi
	sti
	mov %rdi, %rax
	vmload %rax
	mov 0x08(%rsi), %rcx
	mov 0x10(%rsi), %rdx
	mov 0x18(%rsi), %rbx
	mov 0x28(%rsi), %rbp
	mov 0x38(%rsi), %rdi
	mov 0x40(%rsi), %r8
	mov 0x48(%rsi), %r9
	mov 0x50(%rsi), %r10
	mov 0x58(%rsi), %r11
	mov 0x60(%rsi), %r12
	mov 0x68(%rsi), %r13
	mov 0x70(%rsi), %r14
	mov 0x78(%rsi), %r15
	mov 0x30(%rsi), %rsi
	vmrun %rax
	vmsave %rax
	mov (%rsp), %rax
	mov %rcx, 0x08(%rax)
	mov %rdx, 0x10(%rax)
	mov %rbx, 0x18(%rax)
	mov %rbp, 0x28(%rax)
	mov %rsi, 0x30(%rax)
	mov %rdi, 0x38(%rax)
	mov %r8, 0x40(%rax)
	mov %r9, 0x48(%rax)
	mov %r10, 0x50(%rax)
	mov %r11, 0x58(%rax)
	mov %r12, 0x60(%rax)
	mov %r13, 0x68(%rax)
	mov %r14, 0x70(%rax)
	mov %r15, 0x78(%rax)
	/* No guest value stays in a register that speculation in the hypervisor could use. */
	xor %ecx, %ecx
	xor %edx, %edx
	xor %esi, %esi
	xor %edi, %edi
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	mov 8(%rsp), %rax
	vmload %rax
	cli
	stgi
	add $16, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.size svm_enter, . - svm_enter
	.section .note.GNU-stack, "", @progbits
