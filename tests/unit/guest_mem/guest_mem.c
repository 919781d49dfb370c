/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/err.h"
#include "tests/lib/fake_mem.h"

static struct fake_mem fake;

static void setup(void)
{
	fake_mem_init(&fake);
}

static void teardown(void)
{
	fake_mem_free(&fake);
}

TestSuite(guest_mem, .init = setup, .fini = teardown);

Test(guest_mem, copies_there_and_back)
{
	char in[] = "over the seam", out[sizeof(in)];

	cr_assert_eq(guest_mem_write(&fake.mem, FAKE_HIGH + 5, in, sizeof(in)), 0);
	cr_assert_eq(guest_mem_read(&fake.mem, FAKE_HIGH + 5, out, sizeof(out)), 0);
	cr_assert_str_eq(in, out);
}

Test(guest_mem, a_range_may_cross_slots_that_touch)
{
	char in[] = "over the seam", out[sizeof(in)];
	uint64_t at = FAKE_SEAM - 4;

	cr_assert_eq(guest_mem_write(&fake.mem, at, in, sizeof(in)), 0);
	cr_assert_eq(guest_mem_read(&fake.mem, at, out, sizeof(out)), 0);
	cr_assert_str_eq(in, out);
	cr_assert_null(guest_mem_payload(&fake.mem, at, sizeof(in)));
	cr_assert_not_null(guest_mem_payload(&fake.mem, at, 4));
}

Test(guest_mem, all_or_nothing)
{
	uint8_t bytes[16];

	memset(bytes, 0xee, sizeof(bytes));
	cr_assert_eq(guest_mem_write(&fake.mem, FAKE_LOW_END - 8, bytes, 16), GD_FAULT);
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, FAKE_LOW_END - 8, 8), 0);
	cr_assert_eq(guest_mem_read(&fake.mem, FAKE_LOW_END - 8, bytes, 16), GD_FAULT);
	cr_assert_eq(bytes[0], 0xee);
}

Test(guest_mem, last_byte_and_one_beyond)
{
	uint8_t byte = 1;

	cr_assert_eq(guest_mem_write(&fake.mem, FAKE_HIGH_END - 1, &byte, 1), 0);
	cr_assert_eq(guest_mem_write(&fake.mem, FAKE_HIGH_END, &byte, 1), GD_FAULT);
	cr_assert_eq(guest_mem_check(&fake.mem, UINT64_MAX, 1, false), GD_FAULT);
	cr_assert_eq(guest_mem_check(&fake.mem, FAKE_HIGH, UINT64_MAX, false), GD_FAULT);
	cr_assert_eq(guest_mem_check(&fake.mem, UINT64_MAX - 7, 16, false), GD_FAULT);
	cr_assert_eq(guest_mem_check(&fake.mem, 0x123456789abc, 0, true), 0, "empty is right");
}

Test(guest_mem, says_why)
{
	cr_assert_eq(guest_mem_check(&fake.mem, FAKE_REGISTERS, 4, false), GD_NOT_RAM);
	cr_assert_eq(guest_mem_check(&fake.mem, FAKE_REGISTERS + 0x1000, 4, false), GD_FAULT);
	cr_assert_eq(guest_mem_check(&fake.mem, FAKE_ROM, 4, true), GD_READ_ONLY);
	cr_assert_eq(guest_mem_check(&fake.mem, FAKE_ROM, 4, false), 0);
	cr_assert_eq(fake.register_accesses, 0);
}

Test(guest_mem, a_rom_is_read_and_never_written)
{
	uint8_t byte = 0;

	cr_assert_eq(guest_mem_write(&fake.mem, FAKE_ROM, &byte, 1), GD_READ_ONLY);
	cr_assert_eq(guest_mem_read(&fake.mem, FAKE_ROM, &byte, 1), 0);
	cr_assert_eq(byte, 0x90);
	cr_assert_null(guest_mem_payload(&fake.mem, FAKE_ROM, 1));
}

Test(guest_mem, scalars_are_little_endian_and_aligned)
{
	uint16_t value = 0;

	cr_assert_eq(guest_mem_write16(&fake.mem, FAKE_HIGH + 2, 0x1234), 0);
	cr_assert_eq(*(uint8_t *)fake_mem_at(&fake, FAKE_HIGH + 2, 1), 0x34);
	cr_assert_eq(guest_mem_read16(&fake.mem, FAKE_HIGH + 2, &value), 0);
	cr_assert_eq(value, 0x1234);
	cr_assert_eq(guest_mem_read16(&fake.mem, FAKE_HIGH + 1, &value), GD_FAULT);
	cr_assert_eq(guest_mem_read16(&fake.mem, FAKE_HIGH_END - 1, &value), GD_FAULT);
	cr_assert_eq(guest_mem_write16(&fake.mem, FAKE_ROM, 1), GD_FAULT);
}

Test(guest_mem, a_slot_that_ends_at_the_top_does_not_wrap)
{
	static uint8_t top[4096];
	struct guest_mem mem = {
	    .slots = {{0, 4096, top, false}, {UINT64_MAX - 4095, 4096, top, false}}, .count = 2};

	cr_assert_eq(guest_mem_check(&mem, UINT64_MAX - 7, 8, true), 0);
	cr_assert_eq(guest_mem_check(&mem, UINT64_MAX - 7, 9, true), GD_FAULT);
}
