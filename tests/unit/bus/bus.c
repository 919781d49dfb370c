/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "guest-devices/bus.h"
#include "guest-devices/err.h"

struct device {
	struct bus_region region;
	struct bus_access last;
	unsigned accesses;
};

static struct bus bus;

static void access(void *context, struct bus_access *access)
{
	struct device *device = context;

	device->last = *access;
	device->accesses++;
	if (!access->write)
		access->value = 0x55;
}

static struct device make(uint64_t start, uint64_t size)
{
	return (struct device){.region = {start, size, access, NULL, "device"}};
}

static int add(struct device *device)
{
	device->region.context = device;
	return bus_add(&bus, &device->region);
}

static uint64_t read(uint64_t address, uint8_t size)
{
	struct bus_access access = {.address = address, .size = size};

	bus_dispatch(&bus, &access);
	return access.value;
}

Test(bus, an_access_goes_to_its_region_with_an_offset)
{
	struct device low = make(0x1000, 0x100), high = make(0x1100, 0x100);
	struct bus_access write = {.address = 0x11f0, .value = 7, .size = 2, .write = true};

	cr_assert_eq(add(&high), 0);
	cr_assert_eq(add(&low), 0);
	cr_assert(bus_dispatch(&bus, &write));
	cr_assert_eq(high.last.address, 0xf0);
	cr_assert_eq(high.last.value, 7);
	cr_assert_eq(high.last.size, 2);
	cr_assert_eq(write.address, 0x11f0, "the caller's address is as before");
	cr_assert_eq(read(0x10ff, 1), 0x55);
	cr_assert_eq(low.last.address, 0xff);
}

Test(bus, nobody_there_reads_all_ones_and_is_counted)
{
	struct device device = make(0x1000, 0x100);
	struct bus_access write = {.address = 0x2000, .size = 1, .write = true};

	add(&device);
	cr_assert_eq(read(0xfff, 1), UINT64_MAX);
	cr_assert_eq(read(0x1100, 1), UINT64_MAX);
	cr_assert_not(bus_dispatch(&bus, &write));
	cr_assert_eq(bus.misses, 3);
	cr_assert_eq(device.accesses, 0);
}

Test(bus, an_access_that_crosses_the_end_is_nobodys)
{
	struct device a = make(0x1000, 0x100), b = make(0x1100, 0x100);

	add(&a);
	add(&b);
	cr_assert_eq(read(0x10fe, 4), UINT64_MAX);
	cr_assert_eq(read(0x10fc, 4), 0x55);
	cr_assert_eq(read(0x10fe, 4), UINT64_MAX, "also when the region was used last");
	cr_assert_eq(a.accesses + b.accesses, 1);
}

Test(bus, overlaps_empties_and_wraps_are_refused)
{
	struct device there = make(0x1000, 0x100);
	struct device wrong[] = {make(0x1000, 0x100), make(0xfff, 2),         make(0x10ff, 1),
	                         make(0xf00, 0x300),  make(0x1050, 0x10),     make(0x3000, 0),
	                         make(0, 0),          make(UINT64_MAX - 1, 3)};
	struct device top = make(UINT64_MAX - 0xfff, 0x1000);

	cr_assert_eq(add(&there), 0);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert_eq(add(&wrong[i]), GD_INVALID, "case %u", i);
	cr_assert_eq(add(&top), 0);
	cr_assert_eq(bus.count, 2);
	cr_assert_eq(read(UINT64_MAX, 1), 0x55);
}

Test(bus, nothing_at_all_is_no_region)
{
	struct device none = make(0, 0), all = make(0, UINT64_MAX);

	cr_assert_eq(add(&none), GD_INVALID);
	cr_assert_eq(add(&all), 0);
}

Test(bus, a_removed_region_is_gone_even_if_it_was_used_last)
{
	struct device device = make(0x1000, 0x100), stranger = make(0x1000, 0x100);

	add(&device);
	cr_assert_eq(read(0x1000, 4), 0x55);
	bus_remove(&bus, &stranger.region);
	cr_assert_eq(read(0x1000, 4), 0x55);
	bus_remove(&bus, &device.region);
	cr_assert_eq(read(0x1000, 4), UINT64_MAX);
	bus_remove(&bus, &device.region);
	cr_assert_eq(bus.count, 0);
}

static void leave(void *context, struct bus_access *access)
{
	access->value = 1;
	bus_remove(&bus, context);
}

Test(bus, a_handler_may_remove_its_own_region)
{
	struct bus_region region = {0x1000, 0x100, leave, &region, "leaves"};

	bus_add(&bus, &region);
	cr_assert_eq(read(0x1000, 4), 1);
	cr_assert_eq(read(0x1000, 4), UINT64_MAX);
}

Test(bus, a_full_bus_says_so_and_finds_everybody)
{
	static struct device devices[BUS_REGIONS + 1];

	for (unsigned i = 0; i <= BUS_REGIONS; i++) {
		unsigned place = i * 37 % 101; /* in no order */

		devices[i] = make(0x1000 + 0x100 * place, 0x100);
		cr_assert_eq(add(&devices[i]), i < BUS_REGIONS ? 0 : GD_FULL);
	}
	for (unsigned i = 0; i < BUS_REGIONS; i++) {
		cr_assert_eq(read(devices[i].region.start + 0x42, 1), 0x55);
		cr_assert_eq(devices[i].accesses, 1);
	}
}
