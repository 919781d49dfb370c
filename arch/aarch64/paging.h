/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own stage 1: physical = virtual, nothing mapped that has no use, nothing both
 * writable and executable. Once in use an entry that is valid stays as it is, so nothing ever has
 * to be broken and made again.
 */
#pragma once

#include <stdint.h>

#include <arch/boot_info.h>

enum paging_rights { MAP_NOTHING, MAP_DATA, MAP_CONSTANTS, MAP_TEXT, MAP_DEVICE };

/* What paging_enter() in entry.S loads, in this order. */
struct paging_registers {
	uint64_t hcr, mair, tcr, ttbr0, sctlr;
};
void paging_enter(const struct paging_registers *registers) __attribute__((visibility("hidden")));

/*
 * Build the tables for all RAM and the image, with the guards of all stacks left out. Boot CPU,
 * once; the pool has pages, all stacks are made.
 */
void paging_init(const struct boot_info *info);
/* Use them on the boot CPU, instead of firmware's. */
void paging_use(void);

/* The registers for another CPU. */
struct paging_registers paging_registers(void);

/* Map a range (multiples of 4 KiB). ERR_INVALID: something else is there or it is too high;
 * ERR_NO_MEMORY; part of the range may then be done. */
int paging_map(uint64_t base, uint64_t size, enum paging_rights rights);

/* Write what is cached of a range back, for a CPU that looks at memory with its MMU off. */
void paging_clean(const void *from, uint64_t size);

/* Leave these tables for an identity map where all RAM and devices are writable and executable:
 * firmware's last call. ERR_NO_MEMORY. */
int paging_open_all(const struct boot_info *info);
