/* SPDX-License-Identifier: BSD-2-Clause */
/* Flash as drivers use it: 32 bits at a time, the same command to both chips. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "guest-devices/flash/cfi_flash.h"
#include "tests/lib/region.h"

#define SIZE   (4 * CFI_FLASH_SECTOR)
#define SECTOR CFI_FLASH_SECTOR
#define BUFFER CFI_FLASH_BUFFER

#define BOTH(value)  ((value) << 16 | (value))
#define READY        BOTH(0x80u)
#define OUT_OF_ORDER BOTH(0xb0u)

static struct cfi_flash flash;
static uint8_t array[SIZE];
static bool readable;
static unsigned changes;

static void note(void *context, bool is)
{
	cr_assert_eq(context, array);
	cr_assert_neq(is, readable);
	readable = is;
	changes++;
}

static const struct cfi_flash_events events = {note};

static uint32_t get(uint64_t offset)
{
	return (uint32_t)region_read(&flash.region, offset, 4);
}

static void put(uint64_t offset, uint32_t value)
{
	region_write(&flash.region, offset, 4, value);
}

static void command(uint64_t offset, uint32_t value)
{
	put(offset, BOTH(value));
}

static uint32_t status(void)
{
	command(0, 0x70);
	return get(0);
}

static void word(uint64_t offset, uint32_t value)
{
	command(offset, 0x40);
	put(offset, value);
}

static void set_up(void)
{
	memset(array, 0xff, sizeof(array));
	readable = true;
	changes = 0;
	cfi_flash_init(&flash, 0x4000000, SIZE, array, &events, array);
}

TestSuite(cfi_flash, .init = set_up);

Test(cfi_flash, is_memory_until_it_is_told_otherwise)
{
	array[5] = 0x12;
	cr_assert_eq(get(4), 0xffff12ff);
	cr_assert_eq(region_read(&flash.region, 5, 1), 0x12);
	cr_assert_eq(region_read(&flash.region, 0, 8), 0xffff12ffffffffffull);
	cr_assert_eq(changes, 0);
}

Test(cfi_flash, the_query_names_its_parts)
{
	static const uint8_t chip[] = {[0x10] = 'Q', 'R', 'Y', 1, 0, 0x31, 0};
	uint64_t blocks, block;

	command(0x55 * 4, 0x98);
	cr_assert(!readable);
	for (unsigned i = 0x10; i < sizeof(chip); i++)
		cr_assert_eq(get(4 * i), BOTH((uint32_t)chip[i]), "word %#x", i);
	cr_assert_eq(1u << (get(4 * 0x27) & 0xff), SIZE / 2);
	blocks = (get(4 * 0x2d) & 0xff) + ((get(4 * 0x2e) & 0xff) << 8) + 1;
	block = ((get(4 * 0x2f) & 0xff) + ((get(4 * 0x30) & 0xff) << 8)) * 256;
	cr_assert_eq(block, SECTOR / 2);
	cr_assert_eq(blocks * block * 2, SIZE);
	cr_assert_eq(2u << (get(4 * 0x2a) & 0xff), BUFFER);
	cr_assert_eq(get(4 * 0x2c), BOTH(1u));
	cr_assert_eq(get(4 * 0x31), BOTH((uint32_t)'P'));
	cr_assert_eq(get(4 * 0x100), 0);
	cr_assert_eq(get(SIZE - 4), 0);
	command(0, 0xff);
	cr_assert_eq(get(0x40), 0xffffffff);
	cr_assert(readable);
}

Test(cfi_flash, its_lanes_are_those_of_two_chips)
{
	command(0, 0x90);
	cr_assert_eq(get(0), BOTH(0x89u));
	cr_assert_eq(get(4), BOTH(0x18u));
	cr_assert_eq(get(8), 0, "locked");
	cr_assert_eq(region_read(&flash.region, 2, 2), 0x89);
	cr_assert_eq(region_read(&flash.region, 1, 1), 0);
	cr_assert_eq(region_read(&flash.region, 0, 8), (uint64_t)BOTH(0x18u) << 32 | BOTH(0x89u));
}

Test(cfi_flash, programming_clears_bits_and_sets_none)
{
	word(0x100, 0xffff00f0);
	cr_assert(!readable);
	cr_assert_eq(get(0), READY);
	word(0x100, 0x0000ffff);
	cr_assert_eq(status(), READY);
	command(0, 0xff);
	cr_assert_eq(get(0x100), 0x000000f0);
	cr_assert_eq(get(0xfc), 0xffffffff);
	cr_assert_eq(get(0x104), 0xffffffff);
	command(0x104, 0x10);
	region_write(&flash.region, 0x105, 1, 0x55);
	command(0, 0xff);
	cr_assert_eq(get(0x104), 0xffff55ff);
}

Test(cfi_flash, a_buffer_is_programmed_when_it_is_confirmed)
{
	uint64_t at = SECTOR + BUFFER;

	command(SECTOR, 0xe8); /* some drivers only name the sector */
	cr_assert_eq(get(at), READY);
	command(SECTOR, BUFFER / 4 - 1);
	for (uint32_t i = 0; i < BUFFER; i += 4)
		put(at + i, i);
	cr_assert_eq(array[at], 0xff);
	command(0, 0xd0);
	cr_assert_eq(status(), READY);
	command(0, 0xff);
	for (uint32_t i = 0; i < BUFFER; i += 4)
		cr_assert_eq(get(at + i), i);
	cr_assert_eq(get(at - 4), 0xffffffff);
	cr_assert_eq(get(at + BUFFER), 0xffffffff);
}

Test(cfi_flash, a_part_of_a_buffer_leaves_the_rest)
{
	command(0x44, 0xe8);
	command(0x44, 0);
	put(0x44, 0x12345678);
	command(0x44, 0xd0);
	cr_assert_eq(status(), READY);
	command(0, 0xff);
	cr_assert_eq(get(0x40), 0xffffffff);
	cr_assert_eq(get(0x44), 0x12345678);
	cr_assert_eq(get(0x48), 0xffffffff);
}

Test(cfi_flash, a_sector_is_erased_as_a_whole_and_alone)
{
	memset(array, 0, sizeof(array));
	command(2 * SECTOR + 0x1234, 0x20);
	command(2 * SECTOR + 0x1234, 0xd0);
	cr_assert_eq(status(), READY);
	for (unsigned i = 0; i < SIZE; i++)
		cr_assert_eq(array[i], i / SECTOR == 2 ? 0xff : 0);
}

Test(cfi_flash, commands_out_of_order_are_told_and_change_nothing)
{
	memset(array, 0x77, sizeof(array));
	command(0, 0x20);
	command(0, 0x40); /* no confirmation */
	cr_assert_eq(status(), OUT_OF_ORDER);
	command(0, 0x50);
	cr_assert_eq(status(), READY);
	command(0, 0xe8);
	command(0, BUFFER / 4); /* one too many */
	cr_assert_eq(status(), OUT_OF_ORDER);
	command(0, 0x50);
	command(BUFFER, 0xe8);
	command(BUFFER, 1);
	put(BUFFER, 0);
	put(2 * BUFFER, 0); /* not of this buffer */
	cr_assert_eq(status(), OUT_OF_ORDER);
	command(0, 0x50);
	command(0, 0xe8);
	command(0, 0);
	put(0, 0);
	command(0, 0xff); /* not confirmed */
	cr_assert_eq(status(), OUT_OF_ORDER);
	for (unsigned i = 0; i < SIZE; i++)
		cr_assert_eq(array[i], 0x77);
}

Test(cfi_flash, data_before_the_buffer_is_not_of_it)
{
	command(BUFFER, 0xe8);
	command(BUFFER, 1);
	put(BUFFER, 0);
	put(BUFFER - 4, 0);
	cr_assert_eq(status(), OUT_OF_ORDER);
	command(BUFFER, 0x50);
	command(BUFFER, 0xe8);
	command(BUFFER, 0);
	put(2 * BUFFER - 2, 0); /* across its end */
	cr_assert_eq(status(), OUT_OF_ORDER);
}

Test(cfi_flash, no_block_is_locked_and_locking_does_nothing)
{
	static const uint32_t kinds[] = {0x01, 0xd0, 0x2f};

	for (unsigned i = 0; i < 3; i++) {
		command(SECTOR, 0x60);
		command(SECTOR, kinds[i]);
		cr_assert_eq(status(), READY);
		command(SECTOR + 8, 0x90);
		cr_assert_eq(get(SECTOR + 8) & BOTH(1u), 0);
	}
	word(SECTOR, 0);
	cr_assert_eq(array[SECTOR], 0);
}

Test(cfi_flash, what_is_no_command_shows_the_array)
{
	command(0, 0x90);
	command(0, 0xf0);
	cr_assert(readable);
	region_write(&flash.region, 0x55, 1, 0x98); /* not for chips of 16 bits */
	cr_assert(readable);
	command(0, 0xb0);
	cr_assert_eq(get(0), READY);
	command(0, 0xd0);
	cr_assert_eq(get(0), READY);
}

Test(cfi_flash, reset_forgets_the_command_and_keeps_the_array)
{
	word(0, 0x1234);
	command(0, 0x20);
	cfi_flash_reset(&flash);
	cr_assert(readable);
	cr_assert_eq(get(0), 0x1234);
	command(0, 0xd0); /* confirms nothing any more */
	command(0, 0xff);
	cr_assert_eq(get(0), 0x1234);
}

Test(cfi_flash, any_writes_end_inside)
{
	uint8_t *exact = malloc(SIZE);

	memset(exact, 0xff, SIZE);
	flash.array = exact;
	flash.context = array;
	srand(4);
	for (unsigned i = 0; i < 200000; i++) {
		static const uint8_t likely[] = {0x40, 0xe8, 0x20, 0xd0, 0x70, 0x90, 0x98, 0xff, 0};
		uint8_t size = (uint8_t)(1u << rand() % 4);
		uint64_t near = rand() % 2 ? SIZE - 256 : 0;
		uint64_t offset = near + (unsigned)rand() % 256;

		region_write(&flash.region, offset, size, likely[rand() % 9]);
		if (offset + size <= SIZE)
			region_read(&flash.region, offset, size);
	}
	free(exact);
}
