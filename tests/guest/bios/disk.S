/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first sectors of a disk that a BIOS starts. It loads the first one; that has the BIOS print
 * the second, copy it to the third and print that too, and powers the machine off.
 */
#define BUFFER     0x8000
#define PM_CONTROL 0x604 /* as hv/machine/pc has it */
#define POWER_OFF  (1 << 13 | 5 << 10)

	.code16
	.text
	.globl	_start
_start:
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	sti
	cld
	movb	$0x42, %ah
	call	disk
	call	print
	incw	sector
	movb	$0x43, %ah
	call	disk
	movb	$0, BUFFER
	movb	$0x42, %ah
	call	disk
	call	print
off:
	hlt			/* two ticks of the clock: a BIOS may hold the last character back */
	hlt
	hlt
	movw	$PM_CONTROL, %dx
	movw	$POWER_OFF, %ax
	outw	%ax, %dx
	hlt

/* ah: 0x42 reads the sector of the packet, 0x43 writes it; dl: the drive, as the BIOS gave it. */
disk:
	movw	$packet, %si
	movb	$0, %al
	int	$0x13
	jc	failed
	ret
failed:
	movw	$text, %si
	call	print_at
	jmp	off

print:
	movw	$BUFFER, %si
print_at:
	lodsb
	testb	%al, %al
	jz	2f
	movb	$0x0e, %ah
	movw	$7, %bx
	int	$0x10
	jmp	print_at
2:	ret

text:	.asciz	"the BIOS cannot use its disk\r\n"

	.balign	4
packet:	.byte	16, 0
	.word	1, BUFFER, 0
sector:	.quad	1

	.org	510
	.word	0xaa55
	.asciz	"a sector by the BIOS\r\n"
	.org	1 << 20		/* smaller ones have no cylinders, which BIOSes count */
