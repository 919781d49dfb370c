/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hypervisor cannot do without, looked at while firmware can still show the answer. The
 * description of the machine is made here, in firmware's translation: its tables are in RAM that is
 * nobody else's yet.
 */
#include <arch/cpu.h>

#include "arch/aarch64/host.h"
#include "arch/common/acpi.h"

#define DEVICE_TREE_MAX (2ul << 20)
#define TGRAN4_NONE     15

struct host_description host_description;

static const struct boot_info *boot_info;

/* Bytes of RAM from address on that firmware has told about. */
static uint64_t ram_at(uint64_t address)
{
	for (unsigned i = 0; i < boot_info->region_count; i++) {
		const struct boot_region *region = &boot_info->regions[i];

		if (region->kind != BOOT_MMIO && address >= region->base &&
		    address - region->base < region->size)
			return region->base + region->size - address;
	}
	return 0;
}

const void *acpi_memory(uint64_t physical, size_t size)
{
	return ram_at(physical) >= size ? (const void *)physical : NULL;
}

static bool is_whole(const struct host_description *host)
{
	return host->cpu_count && host->gicd && host->gic_version;
}

static bool describe(const struct boot_info *info)
{
	uint64_t tree = info->device_tree, max = ram_at(tree);

	if (info->rsdp && !acpi_host_read(&host_description, info->rsdp) &&
	    is_whole(&host_description))
		return true;
	if (!tree || tree % 8)
		return false;
	return !fdt_host_read(&host_description, (const void *)tree,
	                      max < DEVICE_TREE_MAX ? max : DEVICE_TREE_MAX) &&
	       is_whole(&host_description);
}

const char *arch_missing(const struct boot_info *info)
{
	if (sysreg_read(CurrentEL) != CURRENT_EL2)
		return "firmware started us at EL1, and Vireo needs EL2: with QEMU give -M "
		       "virt,virtualization=on";
	if (id_field(sysreg_read(id_aa64mmfr0_el1), ID_MMFR0_TGRAN4) == TGRAN4_NONE)
		return "the CPU has no translation with 4 KiB pages, which is needed";
	boot_info = info;
	if (!info->rsdp && !info->device_tree)
		return "firmware gives neither ACPI tables nor a device tree; switch one of them "
		       "on in its set-up";
	if (!describe(info))
		return "neither ACPI's tables nor the device tree of this firmware name CPUs and "
		       "a GICv2 or GICv3";
	if (host_description.gic_version == 3 &&
	    !id_field(sysreg_read(id_aa64pfr0_el1), ID_PFR0_GIC))
		return "the CPU has no system registers for its GICv3";
	return NULL;
}
