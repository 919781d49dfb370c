/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux/x86 loader: what it puts where, and the kernels that it refuses. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <arch/vcpu.h>

#include "hv/load/linux_x86.h"

#define RAM_SIZE (64u << 20)

static struct guest_mem mem;
static uint8_t kernel[8192], initrd[5000];
static struct linux_x86 image;
static struct linux_x86_entry entry;
static int initrd_fault;

static void put32(unsigned at, uint32_t value)
{
	memcpy(kernel + at, &value, sizeof(value));
}

static uint32_t guest32(uint64_t at)
{
	uint32_t value = 0;

	cr_assert_eq(guest_mem_read(&mem, at, &value, sizeof(value)), 0);
	return value;
}

static void set_up(void)
{
	mem = (struct guest_mem){
	    .slots = {{.address = 0, .size = RAM_SIZE, .host = calloc(1, RAM_SIZE)}}, .count = 1};
	memset(kernel, 0, sizeof(kernel));
	kernel[0x1f1] = 3; /* set-up sectors: the kernel proper starts at 2048 */
	put32(0x1fe, 0xaa55);
	memcpy(kernel + 0x202, "HdrS", 4);
	kernel[0x201] = 0x66;
	kernel[0x206] = 15;
	kernel[0x207] = 2;
	kernel[0x211] = 1;
	put32(0x22c, 0x7fffffff);
	put32(0x238, 2047);
	put32(0x260, 16u << 20);
	memset(kernel + 2048, 0xc3, sizeof(kernel) - 2048);
	memset(initrd, 0x5a, sizeof(initrd));
	image = (struct linux_x86){.kernel = kernel,
	                           .kernel_size = sizeof(kernel),
	                           .initrd = initrd,
	                           .initrd_size = sizeof(initrd),
	                           .cmdline = "console=hvc0",
	                           .rsdp = 0xe0000};
}

static void tear_down(void)
{
	free(mem.slots[0].host);
}

TestSuite(linux_x86, .init = set_up, .fini = tear_down);

static const char *load(void)
{
	return linux_x86_load(&mem, &image, &entry, &initrd_fault);
}

Test(linux_x86, puts_kernel_initrd_and_cmdline_where_boot_params_say)
{
	char cmdline[32];

	cr_assert_null(load());
	cr_assert_eq(entry.entry, 0x100000);
	cr_assert_eq(guest32(0x100000), 0xc3c3c3c3);
	cr_assert_eq(guest32(entry.boot_params + 0x21c), sizeof(initrd));
	cr_assert_eq(guest32(guest32(entry.boot_params + 0x218)), 0x5a5a5a5a);
	cr_assert_eq(guest32(entry.boot_params + 0x218) % 4096, 0);
	cr_assert_eq(guest32(entry.boot_params + 0x070), 0xe0000);
	guest_mem_read(&mem, guest32(entry.boot_params + 0x228), cmdline, sizeof(cmdline));
	cr_assert_str_eq(cmdline, "console=hvc0");
}

Test(linux_x86, e820_covers_all_ram_and_keeps_the_firmware_area)
{
	mem.slots[1] = (struct guest_mem_slot){.address = 4ull << 30, .size = 2u << 20};
	mem.count = 2;
	cr_assert_null(load());
	cr_assert_eq(mem.slots[0].host[entry.boot_params + 0x1e8], 4);
	cr_assert_eq(guest32(entry.boot_params + 0x2d0 + 20 + 16), 2, "second entry is reserved");
	cr_assert_eq(guest32(entry.boot_params + 0x2d0 + 60 + 4), 1, "fourth starts at 4 GiB");
}

Test(linux_x86, without_initrd_its_fields_are_zero)
{
	image.initrd = NULL;
	cr_assert_null(load());
	cr_assert_eq(guest32(entry.boot_params + 0x21c), 0);
}

Test(linux_x86, puts_flat_descriptors_where_the_vcpu_starts_with_them)
{
	cr_assert_null(load());
	cr_assert_eq(guest32(VCPU_ENTRY_GDT + 0x10 + 4), 0x00cf9b00, "code");
	cr_assert_eq(guest32(VCPU_ENTRY_GDT + 0x18 + 4), 0x00cf9300, "data");
}

Test(linux_x86, refuses_what_is_no_kernel)
{
	kernel[0x202] = 'x';
	cr_assert_not_null(strstr(load(), "is not a Linux kernel"));
	image.kernel_size = 100;
	cr_assert_not_null(strstr(load(), "is not a Linux kernel"));
}

Test(linux_x86, refuses_a_truncated_kernel)
{
	image.kernel_size = 2048;
	cr_assert_not_null(strstr(load(), "is cut off"));
}

Test(linux_x86, refuses_old_protocols_and_zimage)
{
	kernel[0x206] = 9;
	cr_assert_not_null(strstr(load(), "older than boot protocol"));
	kernel[0x206] = 15;
	kernel[0x211] = 0;
	cr_assert_not_null(strstr(load(), "zImage"));
}

Test(linux_x86, refuses_a_kernel_larger_than_memory)
{
	put32(0x260, RAM_SIZE);
	cr_assert_not_null(strstr(load(), "does not fit"));
	cr_assert_eq(initrd_fault, 0);
}

Test(linux_x86, refuses_an_initrd_that_would_cover_the_kernel)
{
	image.initrd_size = 50u << 20;
	cr_assert_not_null(strstr(load(), "does not fit"));
	cr_assert_eq(initrd_fault, 1);
}

Test(linux_x86, refuses_a_command_line_longer_than_the_kernel_takes)
{
	put32(0x238, 4);
	cr_assert_not_null(strstr(load(), "command line"));
}
