/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/load/linux_x86.h"

#include <stdbool.h>
#include <string.h>

#include <arch/vcpu.h>

#define BOOT_PARAMS 0x10000u
#define CMDLINE     0x20000u
#define KERNEL      0x100000u
#define LOW_RAM_END 0x9fc00u

/* Offsets in struct boot_params, which starts like the first sectors of the kernel file. */
enum {
	RSDP_ADDRESS = 0x070,
	E820_COUNT = 0x1e8,
	HEADER = 0x1f1, /* struct setup_header */
	SETUP_SECTORS = 0x1f1,
	BOOT_FLAG = 0x1fe,
	HEADER_END = 0x201, /* holds the distance from 0x202 */
	MAGIC = 0x202,
	VERSION = 0x206,
	LOADER_TYPE = 0x210,
	LOAD_FLAGS = 0x211,
	INITRD_ADDRESS = 0x218,
	INITRD_SIZE = 0x21c,
	CMDLINE_ADDRESS = 0x228,
	INITRD_MAX = 0x22c,
	CMDLINE_MAX = 0x238,
	INIT_SIZE = 0x260,
	E820_TABLE = 0x2d0,
	PARAMS_SIZE = 4096,
};

struct e820_entry {
	uint64_t address, size;
	uint32_t type;
} __attribute__((packed));
enum { E820_RAM = 1, E820_RESERVED = 2 };

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void put32(uint8_t *at, uint64_t value)
{
	uint32_t low = (uint32_t)value;

	memcpy(at, &low, sizeof(low));
}

static size_t setup_size(const struct linux_x86 *image)
{
	size_t sectors = image->kernel[SETUP_SECTORS];

	return ((sectors ? sectors : 4) + 1) * 512;
}

static const char *check_kernel(const struct linux_x86 *image)
{
	const uint8_t *kernel = image->kernel;

	if (image->kernel_size < 1024 || memcmp(kernel + MAGIC, "HdrS", 4) != 0 ||
	    kernel[BOOT_FLAG] != 0x55 || kernel[BOOT_FLAG + 1] != 0xaa)
		return "is not a Linux kernel for x86 (bzImage)";
	if (kernel[VERSION + 1] < 2 || (kernel[VERSION + 1] == 2 && kernel[VERSION] < 10))
		return "is older than boot protocol 2.10 (Linux 2.6.31)";
	if (!(kernel[LOAD_FLAGS] & 1))
		return "is a zImage; a bzImage is needed";
	if (image->kernel_size <= setup_size(image))
		return "is cut off: nothing follows its set-up code";
	if (strlen(image->cmdline) > get32(kernel + CMDLINE_MAX))
		return "takes no command line as long as this one";
	return NULL;
}

/* The header's own fields, bounded by our page and the file. */
static void copy_header(uint8_t *params, const uint8_t *kernel)
{
	memcpy(params + HEADER, kernel + HEADER, MAGIC + kernel[HEADER_END] - HEADER);
}

static void add_e820(uint8_t *params, uint64_t start, uint64_t end, uint32_t type)
{
	struct e820_entry entry = {.address = start, .size = end - start, .type = type};

	memcpy(params + E820_TABLE + params[E820_COUNT] * sizeof(entry), &entry, sizeof(entry));
	params[E820_COUNT]++;
}

static void fill_e820(uint8_t *params, const struct guest_mem *mem)
{
	add_e820(params, 0, LOW_RAM_END, E820_RAM);
	add_e820(params, LOW_RAM_END, KERNEL, E820_RESERVED);
	add_e820(params, KERNEL, mem->slots[0].size, E820_RAM);
	for (unsigned i = 1; i < mem->count; i++)
		add_e820(params, mem->slots[i].address, mem->slots[i].address + mem->slots[i].size,
		         E820_RAM);
}

/* As high as the kernel allows, page aligned; 0: does not fit above the kernel. */
static uint64_t initrd_place(const struct guest_mem *mem, const struct linux_x86 *image)
{
	uint64_t limit = (uint64_t)get32(image->kernel + INITRD_MAX) + 1;
	uint64_t kernel_end = KERNEL + (uint64_t)get32(image->kernel + INIT_SIZE);
	uint64_t top = mem->slots[0].size < limit ? mem->slots[0].size : limit, start;

	if (image->initrd_size > top)
		return 0;
	start = (top - image->initrd_size) & ~0xfffull;
	return start < kernel_end ? 0 : start;
}

static const char *load_initrd(const struct guest_mem *mem, const struct linux_x86 *image,
                               uint8_t *params)
{
	uint64_t start = initrd_place(mem, image);

	if (!start || guest_mem_write(mem, start, image->initrd, image->initrd_size))
		return "does not fit into the guest's memory beside the kernel; give it more";
	put32(params + INITRD_ADDRESS, start);
	put32(params + INITRD_SIZE, image->initrd_size);
	return NULL;
}

static const char *load_kernel(const struct guest_mem *mem, const struct linux_x86 *image)
{
	size_t skip = setup_size(image);

	if (KERNEL + (uint64_t)get32(image->kernel + INIT_SIZE) > mem->slots[0].size ||
	    guest_mem_write(mem, KERNEL, image->kernel + skip, image->kernel_size - skip))
		return "does not fit into the guest's memory; give it more";
	return NULL;
}

/* The descriptors behind the selectors that the kernel starts with: flat, 32-bit code and data. */
static int load_gdt(const struct guest_mem *mem)
{
	static const uint64_t gdt[] = {0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff};

	return guest_mem_write(mem, VCPU_ENTRY_GDT, gdt, sizeof(gdt));
}

const char *linux_x86_load(const struct guest_mem *mem, const struct linux_x86 *image,
                           struct linux_x86_entry *entry, int *initrd_fault)
{
	uint8_t params[PARAMS_SIZE] = {0};
	const char *wrong = check_kernel(image);

	*initrd_fault = 0;
	if (!wrong)
		wrong = load_kernel(mem, image);
	if (wrong)
		return wrong;
	copy_header(params, image->kernel);
	fill_e820(params, mem);
	params[LOADER_TYPE] = 0xff; /* no registered loader */
	put32(params + CMDLINE_ADDRESS, CMDLINE);
	memcpy(params + RSDP_ADDRESS, &image->rsdp, sizeof(image->rsdp));
	if (image->initrd) {
		*initrd_fault = 1;
		wrong = load_initrd(mem, image, params);
		if (wrong)
			return wrong;
	}
	if (guest_mem_write(mem, CMDLINE, image->cmdline, strlen(image->cmdline) + 1) ||
	    guest_mem_write(mem, BOOT_PARAMS, params, sizeof(params)) || load_gdt(mem))
		return "does not fit into the guest's memory; give it more";
	entry->entry = KERNEL;
	entry->boot_params = BOOT_PARAMS;
	return NULL;
}
