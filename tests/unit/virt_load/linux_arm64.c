/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux/arm64 loader: what it puts where, and the kernels that it refuses. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "hv/load/linux_arm64.h"

#define RAM      0x40000000ull
#define RAM_SIZE (64u << 20)
#define MIB      (1u << 20)

static struct guest_mem mem;
static uint8_t kernel[8192], initrd[5000];
static struct linux_arm64 image;
static struct linux_arm64_places places;
static bool initrd_fault;

static void put(unsigned at, uint64_t value, size_t size)
{
	memcpy(kernel + at, &value, size);
}

static uint32_t guest32(uint64_t at)
{
	uint32_t value = 0;

	cr_assert_eq(guest_mem_read(&mem, at, &value, sizeof(value)), 0);
	return value;
}

/* A PE header at 64 as the EFI stub has it: two sections that end with the file. */
static void make_efi(void)
{
	put(0, 0x5a4d, 2);
	put(60, 64, 4);
	put(64, 0x4550, 4);
	put(64 + 6, 2, 2);
	put(64 + 20, 160, 2);
	put(64 + 24 + 160 + 16, 4096, 4);
	put(64 + 24 + 160 + 20, 2048, 4);
	put(64 + 24 + 160 + 40 + 16, 2048, 4);
	put(64 + 24 + 160 + 40 + 20, sizeof(kernel) - 2048, 4);
}

static void set_up(void)
{
	mem = (struct guest_mem){
	    .slots = {{.address = RAM, .size = RAM_SIZE, .host = calloc(1, RAM_SIZE)}}, .count = 1};
	memset(kernel, 0xc3, sizeof(kernel));
	put(8, 0, 8);
	put(16, 16 * MIB, 8);
	put(24, 0xa, 8); /* little-endian, 4 KiB pages, anywhere */
	memcpy(kernel + 56, "ARM\x64", 4);
	memset(initrd, 0x5a, sizeof(initrd));
	image = (struct linux_arm64){.kernel = kernel,
	                             .kernel_size = sizeof(kernel),
	                             .initrd = initrd,
	                             .initrd_size = sizeof(initrd),
	                             .page_sizes = 4096 | 65536};
}

static void tear_down(void)
{
	free(mem.slots[0].host);
}

TestSuite(linux_arm64, .init = set_up, .fini = tear_down);

static const char *load(void)
{
	return linux_arm64_load(&mem, &image, &places, &initrd_fault);
}

static void expect_refused(const char *why)
{
	const char *wrong = load();

	cr_assert_not_null(wrong);
	cr_assert_not_null(strstr(wrong, why), "%s", wrong);
}

Test(linux_arm64, puts_kernel_and_initrd_where_the_protocol_allows)
{
	cr_assert_null(load());
	cr_assert_eq(places.entry, RAM);
	cr_assert_eq(guest32(places.entry + 64), 0xc3c3c3c3);
	cr_assert_eq(guest32(places.initrd), 0x5a5a5a5a);
	cr_assert_eq(places.initrd % 4096, 0);
	cr_assert_geq(places.dtb, RAM + 16 * MIB, "behind what the kernel clears");
	cr_assert_eq(places.dtb / (2 * MIB), (places.dtb + LINUX_ARM64_DTB_MAX - 1) / (2 * MIB),
	             "one block maps it");
	cr_assert_geq(places.initrd, places.dtb + LINUX_ARM64_DTB_MAX);
}

Test(linux_arm64, text_offset_counts_from_a_multiple_of_2_mib)
{
	mem.slots[0].address = RAM + 4096;
	put(8, 0x80000, 8);
	cr_assert_null(load());
	cr_assert_eq(places.entry, RAM + 2 * MIB + 0x80000);
	put(16, 0, 8);
	put(8, 0x1234, 8);
	cr_assert_null(load(), "an old kernel's header has no sizes");
	cr_assert_eq(places.entry, RAM + 2 * MIB + 0x80000);
	cr_assert_geq(places.dtb, places.entry + 32 * MIB);
}

Test(linux_arm64, without_initrd_there_is_no_place_for_it)
{
	image.initrd = NULL;
	cr_assert_null(load());
	cr_assert_eq(places.initrd, 0);
}

Test(linux_arm64, refuses_what_is_no_kernel)
{
	kernel[56] = 'x';
	expect_refused("is not a Linux kernel for arm64");
	kernel[56] = 'A';
	image.kernel_size = 63;
	expect_refused("is not a Linux kernel for arm64");
	image.kernel_size = 0;
	expect_refused("is not a Linux kernel for arm64");
	cr_assert_not(initrd_fault);
}

Test(linux_arm64, refuses_what_has_to_be_unpacked)
{
	put(0, 0x8b1f, 2);
	expect_refused("gzip");
	put(0, 0xfd2fb528, 4);
	expect_refused("zstd");
	put(0, 0x587a37fd, 4);
	put(4, 0x5a, 1);
	expect_refused("xz");
	put(0, 0x5a4d, 4);
	memcpy(kernel + 4, "zimg", 4);
	expect_refused("zboot");
	image.kernel_size = 2;
	put(0, 0x8b1f, 2);
	expect_refused("gzip");
}

Test(linux_arm64, refuses_big_endian)
{
	put(24, 0xb, 8);
	expect_refused("big-endian");
}

Test(linux_arm64, refuses_pages_that_the_cpus_do_not_have)
{
	put(24, 2 << 1, 8);
	expect_refused("page size");
	image.page_sizes |= 16384;
	cr_assert_null(load());
	image.page_sizes = 4096;
	put(24, 3 << 1, 8);
	expect_refused("page size");
	put(24, 0, 8);
	cr_assert_null(load(), "it does not say");
}

Test(linux_arm64, refuses_a_truncated_kernel)
{
	make_efi();
	cr_assert_null(load());
	for (image.kernel_size = 64; image.kernel_size < sizeof(kernel); image.kernel_size++)
		expect_refused("is cut off");
}

Test(linux_arm64, refuses_a_kernel_larger_than_memory)
{
	put(16, RAM_SIZE, 8);
	expect_refused("does not fit");
	put(16, UINT64_MAX, 8);
	expect_refused("does not fit");
	put(16, 16 * MIB, 8);
	put(8, UINT64_MAX, 8);
	expect_refused("does not fit");
	put(8, 0 - 16ull * MIB, 8);
	expect_refused("does not fit");
	cr_assert_not(initrd_fault);
}

Test(linux_arm64, refuses_an_initrd_that_would_cover_the_kernel)
{
	image.initrd_size = 50 * MIB;
	expect_refused("does not fit");
	cr_assert(initrd_fault);
}

/* What is accepted lies inside RAM, in order and apart. */
static void check_places(void)
{
	cr_assert_geq(places.entry, RAM);
	cr_assert_geq(places.dtb, places.entry + image.kernel_size);
	cr_assert_eq(places.dtb % LINUX_ARM64_DTB_MAX, 0);
	cr_assert_geq(places.initrd, places.dtb + LINUX_ARM64_DTB_MAX);
	cr_assert_leq(places.initrd + image.initrd_size, RAM + RAM_SIZE);
}

Test(linux_arm64, random_headers)
{
	unsigned accepted = 0;

	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		for (unsigned i = 0; i < 512; i++)
			kernel[i] = (uint8_t)rand();
		if (round % 2)
			make_efi();
		if (round % 3) {
			put(8, (uint64_t)rand() % (8 * MIB) * 4, 8);
			put(16, (uint64_t)rand() % RAM_SIZE, 8);
		}
		if (round % 5)
			memcpy(kernel + 56, "ARM\x64", 4);
		image.kernel_size = round % 7 ? sizeof(kernel) : (unsigned)rand() % sizeof(kernel);
		if (load())
			continue;
		check_places();
		accepted++;
	}
	cr_assert_gt(accepted, 100);
}
