/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own page tables: physical = virtual, nothing mapped that has no use. */
#pragma once

#include <stdint.h>

#include <arch/boot_info.h>

/* Page table entry, APM volume 2, 5.3. */
#define PTE_P     (1ul << 0)
#define PTE_RW    (1ul << 1)
#define PTE_PWT   (1ul << 3)
#define PTE_PCD   (1ul << 4)
#define PTE_PS    (1ul << 7)
#define PTE_NX    (1ul << 63)
#define PTE_FRAME 0x000ffffffffff000ul

#define MAP_DATA      (PTE_P | PTE_RW | PTE_NX)
#define MAP_CONSTANTS (PTE_P | PTE_NX)
#define MAP_TEXT      PTE_P
#define MAP_DEVICE    (PTE_P | PTE_RW | PTE_NX | PTE_PCD | PTE_PWT)
#define MAP_NOTHING   0ul

/* Build the tables for all RAM and the image, and use them. Boot CPU, once; the pool has pages. */
void paging_init(const struct boot_info *info);
/* Use them on this CPU, with the protections that it offers. */
void paging_load(void);

/*
 * Map a range (multiples of 4 KiB) with these rights, or change them; splits and fills tables as
 * needed. Other CPUs see lost rights only after paging_load(). ERR_NO_MEMORY; part of the range is
 * then done.
 */
int paging_map(uint64_t base, uint64_t size, uint64_t rights);

/* The rights of the page at address, 0 if it is not mapped. */
uint64_t paging_rights(uint64_t address);

uint64_t paging_root(void); /* what CR3 holds */

/* Leave these tables for an identity map where all is writable and executable: firmware's last
 * call. ERR_NO_MEMORY. */
int paging_open_all(void);
