/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux/arm64 boot protocol (Documentation/arm64/booting.rst of Linux). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/guest_mem.h"

#define LINUX_ARM64_DTB_MAX (64u << 10)

/* What is loaded, in private memory. */
struct linux_arm64 {
	const uint8_t *kernel;
	size_t kernel_size;
	const uint8_t *initrd; /* NULL: none */
	size_t initrd_size;
	unsigned page_sizes; /* that the guest's CPUs have, in bytes, or'ed */
};

/* Where it went, guest physical, and where there is room for the device tree. */
struct linux_arm64_places {
	uint64_t entry;
	uint64_t initrd; /* 0: none */
	uint64_t dtb;    /* LINUX_ARM64_DTB_MAX bytes; what the kernel finds in x0 */
};

/*
 * Put the kernel and the initial RAM disk into the guest's RAM, one piece from a multiple of 2 MiB
 * on. Returns NULL, or what is wrong, for a message that names the file; *initrd_fault: the initial
 * RAM disk is the one at fault, not the kernel.
 */
const char *linux_arm64_load(const struct guest_mem *mem, const struct linux_arm64 *image,
                             struct linux_arm64_places *places, bool *initrd_fault);
