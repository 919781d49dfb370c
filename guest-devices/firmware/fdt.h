/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device tree of an Arm guest, computed from a description of the machine (Devicetree
 * Specification 0.4; the bindings are those of Linux). SPIs are counted from 0 = INTID 32.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FDT_SIZE_MAX 32768 /* always enough for FDT_CPUS_MAX and FDT_MMIO_MAX */
#define FDT_CPUS_MAX 16
#define FDT_MMIO_MAX 32
#define FDT_SEED_MAX 64
#define FDT_TEXT_MAX 4096

struct fdt_chosen {
	const char *cmdline;          /* at most FDT_TEXT_MAX bytes */
	uint64_t initrd, initrd_size; /* initrd 0: none */
	uint8_t seed[FDT_SEED_MAX];   /* for the kernel's generator */
	size_t seed_size;             /* bytes of it, 0: none */
	uint64_t kaslr_seed;          /* 0: none */
};

struct fdt_gic {
	unsigned version; /* 3, or 2 */
	uint64_t distributor, distributor_size;
	uint64_t redistributors, redistributors_size; /* GICv3 */
	uint64_t cpu_interface, cpu_interface_size;   /* GICv2 */
	uint64_t v2m, v2m_size;                       /* GICv2: the frame that takes messages */
	uint32_t msi_first, msi_count;                /* INTIDs that messages may name */
};

struct fdt_machine {
	unsigned cpus; /* CPU n has the affinity 0.0.(n / 16).(n % 16) */
	uint64_t ram, ram_size;
	uint64_t flash, flash_size; /* CFI, two chips of 16 bits; size 0: none */
	struct fdt_chosen chosen;
	struct fdt_gic gic;
	uint64_t uart, uart_size, rtc, rtc_size;
	uint32_t uart_spi, rtc_spi;
	uint64_t ecam, ecam_size; /* a host bridge with bus 0 */
	uint64_t window32, window32_size;
	uint64_t ports, ports_size; /* memory that is PCI's port space from 0 on */
	uint32_t intx_spi[4];       /* of lines 0-3; INTx of slot n is line (n + x) & 3 */
	/* virtio over MMIO: device n has mmio_size bytes from mmio + n * mmio_size, and mmio_spi[n
	 * & 3] */
	unsigned mmio_count;
	uint64_t mmio, mmio_size;
	uint32_t mmio_spi[4];
};

/* Returns the bytes used of buffer, 0 if size is too small or the machine cannot be described. */
size_t fdt_build(const struct fdt_machine *machine, void *buffer, size_t size);
