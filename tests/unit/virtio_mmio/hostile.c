/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest does that means harm; hostile rows by id. */
#include "tests/unit/virtio_mmio/fixture.h"

TestSuite(mmio_hostile, .init = mmio_setup, .fini = mmio_teardown);

static const uint8_t sizes[] = {1, 2, 4, 8};

/* Everything at 32 bits and aligned is for other tests; the rest changes nothing and reads 0. */
static void wrong_widths(unsigned end)
{
	negotiate(0);
	struct virtio_mmio before = transport;
	struct virtqueue queues[PROBE_QUEUES];
	memcpy(queues, probe.queues, sizeof(queues));

	for (unsigned offset = 0; offset < end; offset++) {
		for (unsigned i = 0; i < 4; i++) {
			if (sizes[i] == 4 && offset % 4 == 0)
				continue;
			set_wide(offset, sizes[i], UINT64_MAX);
			set_wide(offset, sizes[i], 0);
			cr_assert_eq(get_wide(offset, sizes[i]), 0, "%x/%u", offset, sizes[i]);
		}
	}
	cr_assert_eq(memcmp(&before, &transport, sizeof(before)), 0);
	cr_assert_eq(memcmp(queues, probe.queues, sizeof(queues)), 0);
	cr_assert_eq(get(STATUS), 11);
	cr_assert_eq(probe.notifies, 0);
	expect_works();
}

Test(mmio_hostile, TM_001_8_16_and_64_bits)
{
	wrong_widths(CONFIG);
}

/* Unaligned, at every offset of the page; what lies behind the region is nobody's. */
Test(mmio_hostile, TM_002_unaligned_at_every_offset)
{
	uint64_t state = 1;

	start();
	for (unsigned offset = 0; offset < 0x1000; offset++) {
		for (unsigned i = 0; i < 4; i++) {
			if (sizes[i] == 4 && offset % 4 == 0)
				continue;
			state = state * 6364136223846793005 + 1442695040888963407;
			set_wide(offset, sizes[i], state);
			if (offset + sizes[i] <= VIRTIO_MMIO_SIZE && offset >= CONFIG + 16)
				cr_assert_eq(get_wide(offset, sizes[i]), 0);
			else if (offset >= VIRTIO_MMIO_SIZE)
				cr_assert_eq(get_wide(offset, sizes[i]),
				             UINT64_MAX >> (64 - 8 * sizes[i]));
		}
	}
	cr_assert_eq(get(STATUS), RUNNING);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_hostile, reserved_registers_read_0_and_ignore_writes)
{
	static const unsigned holes[] = {0x18, 0x1c, 0x28, 0x2c, 0x3c, 0x40, 0x48, 0x4c, 0x54, 0x5c,
	                                 0x68, 0x74, 0x7c, 0x88, 0x98, 0xa8, 0xc4, 0xd0, 0xf8};

	start();
	for (unsigned i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		set(holes[i], 0xffffffff);
		cr_assert_eq(get(holes[i]), 0, "offset %x", holes[i]);
	}
	cr_assert_eq(probe.device.misuse, 2 * sizeof(holes) / sizeof(holes[0]));
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_hostile, TM_005_queues_that_are_not_there)
{
	static const uint32_t queues[] = {PROBE_QUEUES, 64,         0xffff,
	                                  0x10000,      0x80000000, 0xffffffff};
	static const unsigned offsets[] = {QUEUE_SIZE,     QUEUE_READY,      QUEUE_DESC,
	                                   QUEUE_DESC + 4, QUEUE_DRIVER,     QUEUE_DRIVER + 4,
	                                   QUEUE_DEVICE,   QUEUE_DEVICE + 4, QUEUE_RESET};

	start();
	for (unsigned i = 0; i < 6; i++) {
		set(QUEUE_SEL, queues[i]);
		cr_assert_eq(get(QUEUE_SIZE_MAX), 0);
		for (unsigned k = 0; k < sizeof(offsets) / sizeof(offsets[0]); k++) {
			set(offsets[k], 1);
			set(offsets[k], 0);
			cr_assert_eq(get(offsets[k]), 0);
		}
		set(QUEUE_NOTIFY, queues[i]);
	}
	cr_assert_eq(probe.notifies, 0);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_hostile, TM_006_queue_ready_is_one_bit)
{
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	negotiate(0);
	attach(0);
	set(QUEUE_READY, 1); /* twice */
	cr_assert_eq(get(QUEUE_READY), 1);
	set(QUEUE_READY, 0xffffffff);
	cr_assert_eq(get(QUEUE_READY), 1);
	set(QUEUE_READY, 2);
	cr_assert_eq(get(QUEUE_READY), 0);
	set(QUEUE_READY, 2);
	cr_assert_eq(get(QUEUE_READY), 0);
	attach(0);
	set(STATUS, RUNNING);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_hostile, TM_006_queue_ready_without_addresses_or_features)
{
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	set(QUEUE_SEL, 0);
	set(QUEUE_READY, 1);
	cr_assert_eq(get(QUEUE_READY), 0, "before FEATURES_OK");
	negotiate(0);
	set(QUEUE_DESC, FAKE_REGISTERS);
	set(QUEUE_READY, 1);
	cr_assert_eq(get(QUEUE_READY), 0, "not RAM");
	set(QUEUE_DESC + 4, 0xffffffff);
	set(QUEUE_READY, 1);
	cr_assert_eq(get(QUEUE_READY), 0, "beyond everything");
	ring.used = BASE;
	attach(0);
	cr_assert_eq(get(QUEUE_READY), 0, "in the own registers");
	expect_works();
}

Test(mmio_hostile, LC_001_LC_002_LC_003_queue_sizes)
{
	static const uint32_t wrong[] = {3,     6,     1000,  128,        32769,
	                                 65535, 65536, 65544, 0x80000008, 0xffffffff};

	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	negotiate(0);
	set(QUEUE_SIZE, SIZE);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set(QUEUE_SIZE, wrong[i]);
		cr_assert_eq(probe.queues[0].size, SIZE, "%u", wrong[i]);
	}
	ring.size = 0;
	attach(0);
	cr_assert_eq(get(QUEUE_READY), 0);
	expect_works();
}

/* NOTIFICATION_DATA is not offered: the whole value is an index, and no ring position is in it. */
Test(mmio_hostile, TM_007_notification_garbage)
{
	static const uint32_t values[] = {0x00010000, 0x7fff0000, 0x80000000,  0xffff0000,
	                                  0xffffffff, 1,          PROBE_QUEUES};

	start();
	raw_desc(&ring, 0, DATA, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		set(QUEUE_NOTIFY, values[i]);
	cr_assert_eq(probe.notifies, 0);
	set(QUEUE_NOTIFY, 0);
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_hostile, TM_008_acknowledging_what_is_not_there)
{
	start();
	set(INTERRUPT_ACK, 0xffffffff);
	cr_assert_eq(get(INTERRUPT_STATUS), 0);
	cr_assert_eq(line_changes, 0);
	cr_assert_eq(probe.device.misuse, 1);
	request();
	set(INTERRUPT_ACK, 0xfffffffe);
	cr_assert_eq(get(INTERRUPT_STATUS), 1);
	cr_assert(line);
	cr_assert_eq(probe.device.misuse, 2);
	set(INTERRUPT_ACK, 0);
	cr_assert(line);
	cr_assert_eq(probe.device.misuse, 2);
	set(INTERRUPT_STATUS, 0);
	cr_assert(line, "the status register is read-only");
}

Test(mmio_hostile, TM_008_LC_031_never_acknowledged)
{
	start();
	for (unsigned i = 0; i < 1000; i++)
		request();
	cr_assert_eq(raw_used_idx(&ring), 1000);
	cr_assert_eq(line_changes, 1, "the line stays up");
}

PROVES("V14-SHM-001")
Test(mmio_hostile, TM_009_no_shared_memory)
{
	static const uint32_t ids[] = {0, 1, 255, 256, 0x80000000, 0xffffffff};

	for (unsigned i = 0; i < 6; i++) {
		set(SHM_SEL, ids[i]);
		for (unsigned offset = SHM_LEN; offset < SHM_BASE + 8; offset += 4) {
			cr_assert_eq(get(offset), 0xffffffff);
			set(offset, 0);
			cr_assert_eq(get(offset), 0xffffffff);
		}
	}
}

/* TM-010: the legacy registers of version 1 are not there at all. */
Test(mmio_hostile, TM_010_no_legacy_registers)
{
	static const unsigned legacy[] = {0x28, 0x3c, 0x40};
	static const uint32_t values[] = {0, 3, 1u << 31, 0xffffffff};

	start();
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned k = 0; k < 4; k++) {
			set(legacy[i], values[k]);
			cr_assert_eq(get(legacy[i]), 0);
		}
	}
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

Test(mmio_hostile, TM_011_configuration_beyond_its_end)
{
	cr_assert_eq(get_wide(CONFIG + 15, 1), 0xaf);
	cr_assert_eq(get_wide(CONFIG + 15, 8), 0xaf, "the rest reads 0");
	cr_assert_eq(get_wide(CONFIG + 16, 8), 0);
	cr_assert_eq(get(0x1fc), 0);
	cr_assert_eq(get_wide(0x1fd, 4), 0xffffffff, "crosses the region's end");
	for (unsigned offset = CONFIG + 9; offset < VIRTIO_MMIO_SIZE; offset++)
		set_wide(offset, 8, UINT64_MAX);
	for (unsigned i = 0; i < 16; i++)
		cr_assert_eq(probe.config[i], 0xa0 + i);
	expect_works();
}

/* The upper bits of Status have no meaning: above all, they make no reset of what is not 0. */
Test(mmio_hostile, LC_018_every_bit_of_status)
{
	start();
	set(STATUS, 0x100);
	cr_assert_eq(get(STATUS), RUNNING);
	set(STATUS, 0x10000);
	cr_assert_eq(get(STATUS), RUNNING);
	set(STATUS, 0xffffff00);
	cr_assert_eq(get(STATUS), RUNNING);
	cr_assert_eq(probe.device.misuse, 3);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	set(STATUS, 0xffffffff);
	cr_assert_eq(get(STATUS), RUNNING | VIRTIO_FAILED, "NEEDS_RESET is not the driver's");
	expect_works();
}

Test(mmio_hostile, LC_025_reset_between_kicks_and_queue_registers)
{
	start();
	for (unsigned i = 0; i < 1000; i++) {
		negotiate(0);
		request();
		set(QUEUE_DESC, i * 16);
		set(QUEUE_READY, i & 1);
		attach(0);
		set(STATUS, RUNNING);
		set(QUEUE_NOTIFY, 0);
	}
	expect_works();
}

Test(mmio_hostile, DF_007_buffers_in_the_own_registers)
{
	start();
	raw_desc(&ring, 0, BASE + QUEUE_NOTIFY, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	set(QUEUE_NOTIFY, 0);
	cr_assert(strstr(fake_port.log, "alpha probe0 queue 0"), "%s", fake_port.log);
	cr_assert_eq(probe.notifies, 1);
	expect_works();
}

/* Any register, any width, any value, for long: afterwards a reset makes it work. */
Test(mmio_hostile, random_accesses_never_hurt)
{
	uint64_t state = 1;

	start();
	for (unsigned i = 0; i < 300000; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		uint32_t random = (uint32_t)(state >> 32);
		uint8_t size = (uint8_t)(random & 8 ? 4 : 1u << (random & 3));
		uint64_t value = random >> 2 & 1 ? UINT64_MAX >> (random >> 26) : random >> 27;
		unsigned at = random >> 10 & 0x1ff;

		at &= random & 16 ? ~3u : ~0u;
		if (random >> 5 & 1)
			set_wide(at, size, value);
		else
			get_wide(at, size);
		if (i % 64 == 0)
			start();
		if (i % 16 == 0)
			request();
	}
	cr_assert_gt(probe.device.misuse, 1000);
	cr_assert_gt(probe.chains, 1000);
	expect_works();
}
