/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/load/linux_arm64.h"

#include <string.h>

#include "guest-devices/bytes.h"

#define PAGE        0x1000ull
#define BASE_ALIGN  (2ull << 20)
#define OLD_OFFSET  0x80000ull /* kernels before 3.17, which do not say how large they are */
#define OLD_SIZE    (32ull << 20)
#define PE_SECTIONS 16 /* more than any kernel has */

/* Offsets in the header of an Image, which may be the header of an EFI program too. */
enum {
	TEXT_OFFSET = 8,
	IMAGE_SIZE = 16,
	FLAGS = 24,
	MAGIC = 56,
	PE_OFFSET = 60,
	HEADER_SIZE = 64,
};
#define FLAG_BIG_ENDIAN 1

/* What the header says, checked as far as one can without the guest's memory. */
struct header {
	uint64_t text_offset, image_size;
};

/* The first bytes of files that are kernels, but wrapped up. */
static const struct {
	unsigned at;
	const char *magic;
	const char *wrong;
} wrappers[] = {
    {0, "\x1f\x8b", "is compressed with gzip; unpack it first (gunzip)"},
    {0, "\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it first (unzstd)"},
    {0, "\xfd\x37zXZ", "is compressed with xz; unpack it first (unxz)"},
    {4, "zimg", "is an EFI zboot image; take the Image that is compressed in it"},
};

static const char *check_wrapper(const struct linux_arm64 *image)
{
	for (unsigned i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		size_t size = strlen(wrappers[i].magic);

		if (image->kernel_size >= wrappers[i].at + size &&
		    !memcmp(image->kernel + wrappers[i].at, wrappers[i].magic, size))
			return wrappers[i].wrong;
	}
	return NULL;
}

/*
 * The Image's own header counts memory, not what is in the file. The EFI header, where there is
 * one, knows how far the sections reach in the file (Microsoft PE format, COFF header and section
 * table).
 */
static bool is_cut_off(const struct linux_arm64 *image)
{
	const uint8_t *kernel = image->kernel;
	size_t size = image->kernel_size, at = le32_get(kernel + PE_OFFSET), table;
	unsigned sections;

	if (kernel[0] != 'M' || kernel[1] != 'Z')
		return false;
	if (at > size || size - at < 24)
		return true;
	if (memcmp(kernel + at, "PE\0\0", 4) != 0)
		return false;
	sections = le16_get(kernel + at + 6);
	table = at + 24 + le16_get(kernel + at + 20);
	for (unsigned i = 0; i < sections && i < PE_SECTIONS; i++) {
		size_t entry = table + i * 40;

		if (entry + 40 > size)
			return true;
		if ((uint64_t)le32_get(kernel + entry + 16) + le32_get(kernel + entry + 20) > size)
			return true;
	}
	return false;
}

static bool has_pages(const struct linux_arm64 *image, uint64_t flags)
{
	static const unsigned sizes[4] = {0, 4096, 16384, 65536};
	unsigned wanted = sizes[flags >> 1 & 3]; /* 0: it does not say */

	return !wanted || (wanted & image->page_sizes);
}

static const char *check_kernel(const struct linux_arm64 *image, struct header *header)
{
	const uint8_t *kernel = image->kernel;
	const char *wrapped = check_wrapper(image);
	uint64_t flags;

	if (wrapped)
		return wrapped;
	if (image->kernel_size < HEADER_SIZE || memcmp(kernel + MAGIC, "ARM\x64", 4) != 0)
		return "is not a Linux kernel for arm64 (Image)";
	flags = le64_get(kernel + FLAGS);
	if (flags & FLAG_BIG_ENDIAN)
		return "is a big-endian kernel; a little-endian one is needed";
	if (!has_pages(image, flags))
		return "is built for a page size that this machine's CPUs do not have";
	if (is_cut_off(image))
		return "is cut off: its header tells of more than is there";
	header->text_offset = le64_get(kernel + TEXT_OFFSET);
	header->image_size = le64_get(kernel + IMAGE_SIZE);
	if (!header->image_size) {
		header->text_offset = OLD_OFFSET;
		header->image_size = OLD_SIZE;
	}
	if (header->image_size < image->kernel_size)
		header->image_size = image->kernel_size;
	return NULL;
}

/* A run of the guest's RAM that is given out from below. */
struct room {
	uint64_t next, end;
};

/* size bytes at a multiple of align, skip bytes after it; ~0: they do not fit. */
static uint64_t take(struct room *room, uint64_t align, uint64_t skip, uint64_t size)
{
	uint64_t base = (room->next + align - 1) & ~(align - 1);

	if (base > room->end || skip > room->end - base || size > room->end - base - skip)
		return UINT64_MAX;
	room->next = base + skip + size;
	return base + skip;
}

const char *linux_arm64_load(const struct guest_mem *mem, const struct linux_arm64 *image,
                             struct linux_arm64_places *places, bool *initrd_fault)
{
	struct room room = {mem->slots[0].address, mem->slots[0].address + mem->slots[0].size};
	struct header header;
	const char *wrong = check_kernel(image, &header);

	*initrd_fault = false;
	if (wrong)
		return wrong;
	places->entry = take(&room, BASE_ALIGN, header.text_offset, header.image_size);
	places->dtb = take(&room, LINUX_ARM64_DTB_MAX, 0, LINUX_ARM64_DTB_MAX);
	if (places->entry == UINT64_MAX || places->dtb == UINT64_MAX ||
	    guest_mem_write(mem, places->entry, image->kernel, image->kernel_size))
		return "does not fit into the guest's memory; give it more";
	places->initrd = 0;
	if (!image->initrd)
		return NULL;
	*initrd_fault = true;
	places->initrd = take(&room, PAGE, 0, image->initrd_size);
	if (places->initrd == UINT64_MAX ||
	    guest_mem_write(mem, places->initrd, image->initrd, image->initrd_size))
		return "does not fit into the guest's memory beside the kernel; give it more";
	return NULL;
}
