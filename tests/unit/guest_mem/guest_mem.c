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

Test(guest_mem, only_the_first_byte_makes_it_a_devices)
{
	static uint8_t page[4096];
	struct guest_mem mem = {.slots = {{0, 4096, page}}, .count = 1};
	struct bus_region registers = {.start = 4096, .size = 4096, .name = "registers"};
	struct bus bus = {0};

	cr_assert_eq(guest_mem_check(&mem, 4096, 1, false), GD_FAULT, "nobody is asked");
	cr_assert_eq(bus_add(&bus, &registers), 0);
	mem.devices = &bus;
	cr_assert_eq(guest_mem_check(&mem, 4096, 1, false), GD_NOT_RAM);
	cr_assert_eq(guest_mem_check(&mem, 4095, 2, false), GD_FAULT);
}

/* --- RAM whose pages come one by one --- */

enum { PAGES = 4 };

static uint8_t pages[PAGES + 1][GUEST_PAGE];
static uint8_t *table[PAGES];
static struct guest_mem paged;
static struct {
	struct guest_mem_pager pager;
	uint64_t asked[8];
	unsigned count;
	uint8_t *has; /* what it puts there */
} bringer;

static bool bring(struct guest_mem_pager *pager, uint64_t address)
{
	(void)pager;
	bringer.asked[bringer.count++ % 8] = address;
	table[(address - FAKE_HIGH) / GUEST_PAGE] = bringer.has;
	return bringer.has;
}

static void make_paged(void)
{
	paged = (struct guest_mem){
	    .slots = {{FAKE_HIGH, sizeof(table) / sizeof(table[0]) * GUEST_PAGE, pages[0], false,
	               table}},
	    .count = 1,
	};
	for (unsigned i = 0; i < PAGES; i++)
		table[i] = pages[i];
	bringer.pager.bring = bring;
}

static uint64_t reach(uint64_t address, uint64_t want)
{
	uint64_t run = 0;

	guest_mem_reach(&paged, address, false, want, &run);
	return run;
}

Test(guest_mem, a_missing_page_is_no_memory_unless_it_is_brought)
{
	uint8_t byte = 1;

	make_paged();
	table[1] = NULL;
	cr_assert_eq(guest_mem_read(&paged, FAKE_HIGH + GUEST_PAGE + 7, &byte, 1), GD_FAULT,
	             "no pager");
	paged.pager = &bringer.pager;
	cr_assert_eq(guest_mem_read(&paged, FAKE_HIGH + GUEST_PAGE, &byte, 1), GD_FAULT,
	             "none left");
	bringer.has = pages[PAGES];
	pages[PAGES][7] = 0x42;
	bringer.count = 0;
	cr_assert_eq(guest_mem_read(&paged, FAKE_HIGH + GUEST_PAGE + 7, &byte, 1), 0);
	cr_assert_eq(byte, 0x42);
	cr_assert_eq(bringer.count, 1);
	cr_assert_eq(bringer.asked[0], FAKE_HIGH + GUEST_PAGE);
}

Test(guest_mem, pages_that_are_there_or_not_wanted_are_not_brought)
{
	uint8_t bytes[GUEST_PAGE + 1];

	make_paged();
	paged.pager = &bringer.pager;
	table[3] = NULL;
	cr_assert_eq(guest_mem_read(&paged, FAKE_HIGH + 1, bytes, sizeof(bytes)), 0);
	cr_assert_eq(guest_mem_read(&paged, FAKE_HIGH + 3 * GUEST_PAGE - 1, bytes, 1), 0);
	cr_assert_eq(bringer.count, 0);
}

Test(guest_mem, a_run_ends_where_pages_lie_apart_and_at_the_slots_end)
{
	make_paged();
	cr_assert_eq(reach(FAKE_HIGH, 1), GUEST_PAGE);
	cr_assert_eq(reach(FAKE_HIGH + 1, GUEST_PAGE), 2 * GUEST_PAGE - 1);
	cr_assert_eq(reach(FAKE_HIGH + 1, GUEST_PAGE - 1), GUEST_PAGE - 1);
	cr_assert_eq(reach(FAKE_HIGH, UINT32_MAX), PAGES * GUEST_PAGE);
	table[2] = pages[0];
	cr_assert_eq(reach(FAKE_HIGH, UINT32_MAX), 2 * GUEST_PAGE);
}
