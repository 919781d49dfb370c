/* SPDX-License-Identifier: BSD-2-Clause */
/* Version 1 of the registers (VIRTIO 1.4, 4.2.4), driven as old drivers did. */
#include "tests/lib/raw_legacy.h"
#include "tests/unit/virtio_mmio/fixture.h"

enum { PAGE_SIZE_REGISTER = 0x28, QUEUE_ALIGN = 0x3c, QUEUE_PFN = 0x40 };
enum { ACK = 1, DRV = 2, DOK = 4, FOK = 8, UP = ACK | DRV | DOK, PAGE = 4096 };

static void legacy_setup(void)
{
	mmio_setup();
	bus_remove(&mem.bus, &transport.region);
	virtio_mmio_legacy_init(&transport, &probe.device, BASE, transport.line);
	cr_assert_eq(bus_add(&mem.bus, &transport.region), 0);
}

TestSuite(mmio_legacy, .init = legacy_setup, .fini = mmio_teardown);

static void begin(void)
{
	set(PAGE_SIZE_REGISTER, PAGE);
	set(STATUS, 0);
	set(STATUS, ACK);
	set(STATUS, ACK | DRV);
}

static void attach_legacy(unsigned queue, uint32_t align)
{
	raw_legacy_ring_init(&ring, &mem, FAKE_HIGH, SIZE, align);
	set(QUEUE_SEL, queue);
	cr_assert_eq(get(QUEUE_PFN), 0);
	cr_assert_eq(get(QUEUE_SIZE_MAX), SIZE_MAX_OF_QUEUE);
	set(QUEUE_SIZE, SIZE);
	set(QUEUE_ALIGN, align);
	set(QUEUE_PFN, FAKE_HIGH / PAGE);
}

static void start_legacy(void)
{
	begin();
	attach_legacy(0, PAGE);
	set(STATUS, UP);
	cr_assert_eq(get(STATUS), UP);
}

static void expect_legacy_works(void)
{
	start_legacy();
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_legacy, identity)
{
	cr_assert_eq(get(MAGIC), 0x74726976);
	cr_assert_eq(get(VERSION), 1);
	cr_assert_eq(get(DEVICE_ID), 4);
}

PROVES("V14-SPLIT-L01", "V14-CORE-L06")
Test(mmio_legacy, a_request_and_its_interrupt)
{
	expect_legacy_works();
	cr_assert(line);
	cr_assert_eq(get(INTERRUPT_STATUS), 1);
	set(INTERRUPT_ACK, 1);
	cr_assert_not(line);
	cr_assert_eq(get(QUEUE_PFN), FAKE_HIGH / PAGE);
	cr_assert_eq(probe.device.misuse, 0);
	cr_assert(virtio_legacy(&probe.device));
}

PROVES("V14-SPLIT-L01")
Test(mmio_legacy, the_used_ring_is_where_the_alignment_says)
{
	static const uint32_t aligns[] = {4, 64, 512, 4096, 65536};

	for (unsigned i = 0; i < 5; i++) {
		begin();
		attach_legacy(0, aligns[i]);
		set(STATUS, UP);
		request();
		cr_assert_eq(raw_used_idx(&ring), 1, "%u", aligns[i]);
	}
}

Test(mmio_legacy, page_numbers_count_the_drivers_pages)
{
	set(PAGE_SIZE_REGISTER, 65536);
	set(STATUS, 0);
	set(STATUS, ACK);
	set(STATUS, ACK | DRV);
	raw_legacy_ring_init(&ring, &mem, FAKE_HIGH, SIZE, PAGE);
	set(QUEUE_SEL, 0);
	set(QUEUE_SIZE, SIZE);
	set(QUEUE_PFN, FAKE_HIGH / 65536);
	cr_assert_eq(get(QUEUE_PFN), FAKE_HIGH / 65536);
	set(STATUS, UP);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_legacy, alignments_and_page_sizes_that_are_none)
{
	static const uint32_t bad[] = {0, 1, 2, 3, 4095, 0xffffffff};

	for (unsigned i = 0; i < 6; i++) {
		begin();
		set(QUEUE_SEL, 0);
		set(QUEUE_ALIGN, bad[i]);
		cr_assert_eq(probe.queues[0].align, PAGE);
		if ((bad[i] & (bad[i] - 1)) != 0 || bad[i] == 0)
			set(PAGE_SIZE_REGISTER, bad[i]);
		cr_assert_eq(transport.page_size, PAGE);
	}
	expect_legacy_works();
}

Test(mmio_legacy, TP_026_pages_that_are_no_memory)
{
	static const uint32_t pages[] = {0xffffffff, 0x80000000, FAKE_REGISTERS / PAGE,
	                                 FAKE_ROM / PAGE, FAKE_HIGH_END / PAGE};

	for (unsigned i = 0; i < 5; i++) {
		begin();
		set(QUEUE_SEL, 0);
		set(QUEUE_PFN, pages[i]);
		cr_assert_eq(get(QUEUE_PFN), 0);
	}
	cr_assert_eq(mem.register_accesses, 0);
	/* the largest page size: the product does not wrap into RAM */
	set(PAGE_SIZE_REGISTER, 0x80000000);
	set(QUEUE_PFN, 0xffffffff);
	cr_assert_eq(get(QUEUE_PFN), 0);
	expect_legacy_works();
}

Test(mmio_legacy, no_page_size_no_queue)
{
	set(STATUS, ACK);
	set(STATUS, ACK | DRV);
	set(QUEUE_SEL, 0);
	set(QUEUE_PFN, FAKE_HIGH / PAGE);
	cr_assert_eq(get(QUEUE_PFN), 0);
	cr_assert_eq(probe.device.misuse, 1);
}

Test(mmio_legacy, features)
{
	set(DEVICE_FEATURES_SEL, 0);
	cr_assert_eq(get(DEVICE_FEATURES), 1 | 1u << 27 | 3u << 28);
	set(DEVICE_FEATURES_SEL, 1);
	cr_assert_eq(get(DEVICE_FEATURES), 0, "no VERSION_1");
	begin();
	set(DRIVER_FEATURES_SEL, 1);
	set(DRIVER_FEATURES, 0);
	cr_assert_eq(probe.device.misuse, 0);
	set(DRIVER_FEATURES, 1);
	cr_assert_eq(probe.device.misuse, 1);
	set(DRIVER_FEATURES_SEL, 0);
	set(DRIVER_FEATURES, 1 | 1u << 28);
	cr_assert_eq(probe.device.features, 1 | 1u << 28);
}

PROVES("V14-CORE-L07", "V14-CORE-L08")
Test(mmio_legacy, early_configuration_and_early_use)
{
	set_wide(CONFIG + 8, 1, 0x42);
	cr_assert_eq(probe.config[8], 0x42);
	begin();
	attach_legacy(0, PAGE);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(probe.starts, 1);
}

Test(mmio_legacy, nothing_of_version_2_is_there)
{
	static const unsigned offsets[] = {QUEUE_READY, QUEUE_DESC,  QUEUE_DRIVER, QUEUE_DEVICE,
	                                   SHM_LEN,     QUEUE_RESET, GENERATION};

	start_legacy();
	for (unsigned i = 0; i < 7; i++) {
		cr_assert_eq(get(offsets[i]), 0);
		set(offsets[i], 0);
	}
	cr_assert_eq(probe.device.misuse, 14);
	set(STATUS, UP | FOK);
	cr_assert_eq(get(STATUS), UP);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_legacy, reset_takes_the_queues_back)
{
	start_legacy();
	set(STATUS, 0);
	cr_assert_eq(get(QUEUE_PFN), 0);
	cr_assert_eq(get(STATUS), 0);
	cr_assert_eq(probe.device.misuse, 0);
	set(STATUS, 0x101);
	cr_assert_eq(get(STATUS), 0);
	cr_assert_eq(probe.device.misuse, 1);
	expect_legacy_works();
	probe.hold = true;
	request();
	set(QUEUE_PFN, 0);
	cr_assert_neq(get(QUEUE_PFN), 0, "still in use");
	probe_complete(&probe, 0);
	cr_assert_eq(get(QUEUE_PFN), 0);
}
