/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux/x86 boot protocol, 32-bit entry (Documentation/arch/x86/boot.rst of Linux). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guest-devices/guest_mem.h"

/* What is loaded, in private memory, and where the machine's tables are. */
struct linux_x86 {
	const uint8_t *kernel;
	size_t kernel_size;
	const uint8_t *initrd; /* NULL: none */
	size_t initrd_size;
	const char *cmdline;
	uint64_t rsdp; /* guest physical */
};

/* Where execution starts. */
struct linux_x86_entry {
	uint64_t entry, boot_params;
};

/*
 * Put kernel, initial RAM disk, command line and boot parameters into the guest's RAM. mem: RAM
 * from 0, at most one more slot from 4 GiB on. Returns NULL, or what is wrong, for a message that
 * names the file; *initrd_fault: the initial RAM disk is the one at fault, not the kernel.
 */
const char *linux_x86_load(const struct guest_mem *mem, const struct linux_x86 *image,
                           struct linux_x86_entry *entry, int *initrd_fault);
