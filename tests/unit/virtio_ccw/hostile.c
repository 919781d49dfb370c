/* SPDX-License-Identifier: BSD-2-Clause */
/* Channel programs that no good driver writes; hostile rows by id. */
#include "tests/unit/virtio_ccw/fixture.h"

TestSuite(ccw_hostile, .init = ccw_setup, .fini = ccw_teardown, .timeout = 60);

static void expect_program_check(void)
{
	cr_assert_eq(raw_ccw_go(&raw), CCW_CC_DONE);
	cr_assert_eq(raw.status.channel, CCW_PROGRAM_CHECK);
	cr_assert_eq(raw.status.device & CCW_UNIT_CHECK, 0);
	cr_assert_eq(mem.register_accesses, 0);
}

PROVES("V14-CCW-001")
Test(ccw_hostile, TC_001_every_command_that_there_is_not)
{
	static const uint8_t known[] = {3,    4,    8,    0xe4, 0x13, 0x33, 0x43, 0x53, 0x73,
	                                0x12, 0x11, 0x22, 0x21, 0x31, 0x32, 0x83, 0x72};

	start();
	for (unsigned code = 0; code < 256; code++) {
		uint8_t data[32] = {0};

		if (memchr(known, (int)code, sizeof(known)))
			continue;
		raw_ccw_command(&raw, (uint8_t)code, data, 32, CCW_SUPPRESS_LENGTH);
		cr_assert(raw_ccw_rejected(&raw), "%x", code);
	}
	cr_assert_eq(raw_ccw_get_status(&raw), RUNNING);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}

/* code, right count */
static const uint8_t sized[][2] = {
    {CCW_SET_VQ, 32},     {CCW_SET_IND, 8},      {CCW_SET_CONF_IND, 8},
    {CCW_READ_FEAT, 5},   {CCW_WRITE_FEAT, 5},   {CCW_WRITE_STATUS, 1},
    {CCW_READ_STATUS, 1}, {CCW_READ_VQ_CONF, 4}, {CCW_SET_IND_ADAPTER, 25}};
enum { SIZED = sizeof(sized) / sizeof(sized[0]) };

PROVES("V14-CCW-002", "V14-CCW-003")
Test(ccw_hostile, TC_004_counts_too_short_and_too_long)
{
	start();
	for (unsigned i = 0; i < SIZED; i++) {
		for (unsigned count = 1; count < 40; count++) {
			uint8_t data[40];

			memset(data, 0xff, sizeof(data));
			if (count == sized[i][1])
				continue;
			raw_ccw_command(&raw, sized[i][0], data, (uint16_t)count, 0);
			cr_assert_eq(raw.status.channel, CCW_INCORRECT_LENGTH, "%x", sized[i][0]);
			cr_assert_eq(raw.status.device & CCW_UNIT_CHECK, 0);
			if (count < sized[i][1]) {
				raw_ccw_command(&raw, sized[i][0], data, (uint16_t)count,
				                CCW_SUPPRESS_LENGTH);
				cr_assert(raw_ccw_rejected(&raw), "%x", sized[i][0]);
			}
			cr_assert_eq(data[39], 0xff);
		}
	}
	cr_assert_eq(raw_ccw_get_status(&raw), RUNNING, "none of them was carried out");
	request();
	cr_assert_eq(be64_get(at(IND)), 1);
}

PROVES("V14-CCW-004")
Test(ccw_hostile, TC_004_too_long_is_accepted_if_the_driver_says_so)
{
	uint8_t data[40] = {[4] = 1};

	start();
	raw_ccw_command(&raw, CCW_READ_FEAT, data, 40, CCW_SUPPRESS_LENGTH);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(raw.status.residual, 35);
	cr_assert_eq(le32_get(data), 0x84b);
}

Test(ccw_hostile, TC_005_data_that_is_no_storage)
{
	static const uint32_t bad[] = {0x7ffffff0,        0x10000000, FAKE_REGISTERS,
	                               FAKE_HIGH_END - 4, 0x80000000, 0xfffffff8};

	start();
	for (unsigned i = 0; i < 6; i++) {
		raw_ccw_put(&raw, 0, CCW_SET_IND, 0, 8, bad[i]);
		expect_program_check();
		raw_ccw_put(&raw, 0, CCW_READ_CONF, 0, 16, bad[i]);
		expect_program_check();
	}
	raw_ccw_put(&raw, 0, CCW_READ_CONF, 0, 16, FAKE_ROM);
	expect_program_check();
	cr_assert_eq(*(uint8_t *)fake_mem_at(&mem, FAKE_ROM, 1), 0x90);
	raw_ccw_put(&raw, 0, CCW_WRITE_STATUS, 0, 1, RAW_CCW_DATA + 3);
	*at(RAW_CCW_DATA + 3) = RUNNING;
	cr_assert_eq(raw_ccw_go(&raw), CCW_CC_DONE);
	cr_assert(raw_ccw_ok(&raw), "any alignment of data is fine");
}

Test(ccw_hostile, TC_005_programs_that_are_no_storage)
{
	static const uint32_t bad[] = {0x7ffffff8, 0x10000000,          FAKE_REGISTERS,
	                               0xfffffff8, RAW_CCW_PROGRAM + 4, RAW_CCW_PROGRAM + 1};

	raw_ccw_put(&raw, 0, CCW_NOP, 0, 0, 0);
	for (unsigned i = 0; i < 6; i++) {
		cr_assert_eq(virtio_ccw_start(&ccw, &(struct ccw_request){bad[i], true, true}), 0);
		cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), 0);
		cr_assert_eq(raw.status.channel, CCW_PROGRAM_CHECK);
	}
	/* format 0 has 24 bits */
	cr_assert_eq(virtio_ccw_start(&ccw, &(struct ccw_request){1u << 24, false, true}), 0);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), 0);
	cr_assert_eq(raw.status.channel, CCW_PROGRAM_CHECK);
	cr_assert_eq(mem.register_accesses, 0);
}

Test(ccw_hostile, TC_005_indirect_addresses)
{
	uint8_t *list = at(0x5000);

	start();
	/* 16 bytes of configuration over the border of two blocks that lie apart */
	be64_put(list, 0x7ff8 + 0x1000ull * 0);
	be64_put(list, 0x6ff8);
	be64_put(list + 8, 0x9000);
	raw_ccw_put(&raw, 0, CCW_READ_CONF, CCW_INDIRECT, 16, 0x5000);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(*at(0x6fff), 0xa7);
	cr_assert_eq(*at(0x9000), 0xa8);
	cr_assert_eq(*at(0x7000), 0);
	be64_put(list + 8, 0x9008);
	expect_program_check();
	be64_put(list + 8, FAKE_REGISTERS);
	expect_program_check();
	be64_put(list + 8, UINT64_MAX - 4095);
	expect_program_check();
	be64_put(list, UINT64_MAX);
	expect_program_check();
	be64_put(at(0x5004), 0x6ff8);
	be64_put(at(0x500c), 0x9000);
	raw_ccw_put(&raw, 0, CCW_READ_CONF, CCW_INDIRECT, 16, 0x5004);
	expect_program_check(); /* a good list, in a wrong place */
	raw_ccw_put(&raw, 0, CCW_READ_CONF, CCW_INDIRECT, 16, FAKE_REGISTERS);
	expect_program_check();
	/* the short form: 4 bytes for 2 KiB */
	be32_put(list, 0x77fc);
	be32_put(list + 4, 0xa800);
	raw_ccw_put(&raw, 0, CCW_READ_CONF, CCW_INDIRECT, 16, 0x5000);
	virtio_ccw_start(&ccw, &(struct ccw_request){RAW_CCW_PROGRAM, true, false});
	virtio_ccw_test(&ccw, &raw.status);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(*at(0x77fc), 0xa0);
	cr_assert_eq(*at(0xa800), 0xa4);
	be32_put(list, 0x800077fc);
	virtio_ccw_start(&ccw, &(struct ccw_request){RAW_CCW_PROGRAM, true, false});
	virtio_ccw_test(&ccw, &raw.status);
	cr_assert_eq(raw.status.channel, CCW_PROGRAM_CHECK);
}

Test(ccw_hostile, TC_006_transfers_in_channel)
{
	raw_ccw_put(&raw, 0, 0x08, 0, 0, RAW_CCW_PROGRAM);
	expect_program_check(); /* the first of all, and to itself */
	raw_ccw_put(&raw, 0, CCW_NOP, CCW_CHAIN_COMMAND, 0, 0);
	raw_ccw_put(&raw, 1, 0x08, 0, 0, RAW_CCW_PROGRAM + 8);
	expect_program_check(); /* to itself */
	raw_ccw_put(&raw, 1, 0x08, 0, 0, RAW_CCW_PROGRAM + 16);
	raw_ccw_put(&raw, 2, 0x08, 0, 0, RAW_CCW_PROGRAM);
	expect_program_check(); /* to another */
	raw_ccw_put(&raw, 1, 0x08, 0, 0, RAW_CCW_PROGRAM + 4);
	expect_program_check();
	raw_ccw_put(&raw, 1, 0x08, 0, 0, RAW_CCW_PROGRAM);
	expect_program_check(); /* round and round: bounded */
	raw_ccw_put(&raw, 1, 0x08, 0, 0, RAW_CCW_PROGRAM + 24);
	raw_ccw_put(&raw, 3, CCW_NOP, 0, 0, 0);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw), "a good one");
	cr_assert_eq(raw.status.next, RAW_CCW_PROGRAM + 32);
}

Test(ccw_hostile, TC_006_what_looks_like_a_transfer)
{
	static const uint8_t format0[] = {CCW_NOP, 0,    0,    0,    CCW_CHAIN_COMMAND,
	                                  0,       0,    1,    0x28, 0,
	                                  0x10,    0x18, 0xff, 0xff, 0xff,
	                                  0xff,    0xff, 0,    0,    0,
	                                  0,       0,    0,    1,    CCW_NOP,
	                                  0,       0,    0,    0,    0,
	                                  0,       1};

	raw_ccw_put(&raw, 0, 0x08, 0, 0, RAW_CCW_PROGRAM + 16);
	raw_ccw_put(&raw, 2, CCW_NOP, 0, 0, 0);
	expect_program_check(); /* the first, to a good command */
	raw_ccw_put(&raw, 0, CCW_NOP, CCW_CHAIN_COMMAND, 0, 0);
	raw_ccw_put(&raw, 1, 0x08, 0, 1, RAW_CCW_PROGRAM + 16);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_rejected(&raw), "with a count it is a command");
	raw_ccw_put(&raw, 1, 0x08, CCW_CHAIN_COMMAND, 0, RAW_CCW_PROGRAM + 16);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_rejected(&raw), "with flags too");
	/* in format 0 four bits say it, and the rest of the word says nothing */
	memcpy(at(RAW_CCW_PROGRAM), format0, 8);
	memcpy(at(RAW_CCW_PROGRAM + 8), format0 + 8, 8);
	memcpy(at(RAW_CCW_PROGRAM + 16), format0 + 16, 8);
	memcpy(at(RAW_CCW_PROGRAM + 24), format0 + 24, 8);
	virtio_ccw_start(&ccw, &(struct ccw_request){RAW_CCW_PROGRAM, false, true});
	virtio_ccw_test(&ccw, &raw.status);
	cr_assert(raw_ccw_ok(&raw));
}

Test(ccw_hostile, TC_006_a_program_without_an_end)
{
	for (unsigned i = 0; i < 0x1000 / 8; i++)
		raw_ccw_put(&raw, i, CCW_NOP, CCW_CHAIN_COMMAND, 0, 0);
	expect_program_check();
	cr_assert_leq(raw.status.next, RAW_CCW_PROGRAM + 8 * CCW_STEPS);
	raw_ccw_put(&raw, CCW_STEPS - 1, CCW_NOP, 0, 0, 0);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw), "the longest");
}

Test(ccw_hostile, flags_that_are_not_for_this_channel)
{
	static const uint8_t flags[] = {CCW_SUSPEND, CCW_MODIFIED, CCW_CHAIN_DATA};

	for (unsigned i = 0; i < 3; i++) {
		raw_ccw_put(&raw, 0, CCW_NOP, flags[i], 0, RAW_CCW_DATA);
		raw_ccw_put(&raw, 1, CCW_NOP, 0, 0, RAW_CCW_DATA);
		expect_program_check();
	}
	raw_ccw_put(&raw, 0, CCW_NOP, 0, 0, 0x80000000);
	expect_program_check();
}

Test(ccw_hostile, data_chaining)
{
	start();
	for (unsigned i = 0; i < CCW_SEGMENTS; i++)
		raw_ccw_put(&raw, i, CCW_READ_CONF, CCW_CHAIN_DATA, 1, RAW_CCW_DATA + 16 * i);
	raw_ccw_put(&raw, CCW_SEGMENTS - 1, 0, 0, 1, RAW_CCW_DATA + 16 * 15);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw));
	for (unsigned i = 0; i < 16; i++)
		cr_assert_eq(*at(RAW_CCW_DATA + 16 * i), 0xa0 + i);
	raw_ccw_put(&raw, CCW_SEGMENTS - 1, 0, CCW_CHAIN_DATA, 1, RAW_CCW_DATA + 16 * 15);
	expect_program_check(); /* one too many */
	raw_ccw_put(&raw, 0, CCW_READ_VQ_CONF, CCW_CHAIN_DATA, 2, RAW_CCW_DATA);
	raw_ccw_put(&raw, 1, 0, 0, 2, RAW_CCW_DATA + 32);
	be16_put(at(RAW_CCW_DATA), 1);
	be16_put(at(RAW_CCW_DATA + 2), 0xeeee);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(be16_get(at(RAW_CCW_DATA + 32)), QUEUE_MAX, "into the second piece");
	cr_assert_eq(be16_get(at(RAW_CCW_DATA + 2)), 0xeeee);
	*at(RAW_CCW_DATA) = 0;
	raw_ccw_put(&raw, 0, CCW_WRITE_STATUS, CCW_SKIP, 1, RAW_CCW_DATA);
	raw_ccw_go(&raw);
	cr_assert_eq(probe.device.status, 0, "what is written to the device is not skipped");
	raw_ccw_put(&raw, 0, CCW_READ_CONF, CCW_SKIP, 4, FAKE_REGISTERS);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw), "nothing is stored, so it may be anywhere");
	cr_assert_eq(mem.register_accesses, 0);
}

Test(ccw_hostile, data_chaining_from_inside_a_later_piece)
{
	start();
	raw_ccw_put(&raw, 0, CCW_READ_VQ_CONF, CCW_CHAIN_DATA, 1, RAW_CCW_DATA);
	raw_ccw_put(&raw, 1, 0, 0, 3, RAW_CCW_DATA + 32);
	memset(at(RAW_CCW_DATA), 0, 8);
	memset(at(RAW_CCW_DATA + 32), 0, 8);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(be16_get(at(RAW_CCW_DATA + 33)), QUEUE_MAX);
	cr_assert_eq(be16_get(at(RAW_CCW_DATA + 2)), 0);
}

Test(ccw_hostile, what_is_written_to_the_device_is_read_in_spite_of_skip)
{
	start();
	memset(at(RAW_CCW_DATA), 0, 16);
	virtio_config_read(&probe.device, 0, at(RAW_CCW_DATA), 16);
	*at(RAW_CCW_DATA + 8) = 0x42;
	raw_ccw_put(&raw, 0, CCW_WRITE_CONF, CCW_SKIP, 16, RAW_CCW_DATA);
	raw_ccw_go(&raw);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(probe.config[8], 0x42);
}

/* --- storage beyond what some forms of addresses can name --- */

/* The RAM behind the seam goes there. */
static uint8_t *ram_at(uint64_t address)
{
	mem.mem.slots[2].address = address;
	return mem.mem.slots[2].host;
}

static uint8_t channel_status(const struct ccw_request *request)
{
	cr_assert_eq(virtio_ccw_start(&ccw, request), CCW_CC_DONE);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	return raw.status.channel;
}

Test(ccw_hostile, TC_005_long_indirect_addresses_have_64_bits_and_short_ones_31)
{
	uint8_t *far = ram_at(1u << 31), *list = at(0x5000);

	start();
	raw_ccw_put(&raw, 0, CCW_READ_CONF, CCW_INDIRECT, 16, 0x5000);
	be64_put(list, 1u << 31);
	cr_assert_eq(channel_status(&(struct ccw_request){RAW_CCW_PROGRAM, true, true}), 0);
	cr_assert_eq(far[0], 0xa0);
	be32_put(list, 1u << 31);
	cr_assert_eq(channel_status(&(struct ccw_request){RAW_CCW_PROGRAM, true, false}),
	             CCW_PROGRAM_CHECK);
}

Test(ccw_hostile, TC_005_programs_above_the_formats_limit)
{
	uint8_t *far = ram_at(1u << 31);

	memset(far, 0, 16);
	far[0] = CCW_NOP;
	cr_assert_eq(channel_status(&(struct ccw_request){1u << 31, true, true}),
	             CCW_PROGRAM_CHECK);
	ram_at((1u << 31) - 8);
	cr_assert_eq(channel_status(&(struct ccw_request){(1u << 31) - 8, true, true}), 0);
	ram_at(1u << 24);
	far[7] = 1; /* its count, in format 0 */
	cr_assert_eq(channel_status(&(struct ccw_request){1u << 24, false, true}),
	             CCW_PROGRAM_CHECK);
}

Test(ccw_hostile, TC_008_no_indicators_even_where_0_is_a_ring)
{
	start();
	raw_ring_init(&ring, &mem, FAKE_HIGH + 0x4000, SIZE);
	cr_assert(raw_ccw_queue(&raw, 1, SIZE, ring.desc, 0, ring.used));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, 0));
	cr_assert_not(raw_ccw_indicator(&raw, CCW_SET_IND, 8));
}

Test(ccw_hostile, TC_008_indicators_whose_memory_is_gone)
{
	unsigned count = mem.mem.count;

	start();
	mem.mem.count = 0;
	virtio_config_changed(&probe.device);
	mem.mem.count = count;
	cr_assert_eq(be64_get(at(CONF_IND)), 0);
}

Test(ccw_hostile, TC_010_queues_that_have_no_classic_bit)
{
	start();
	virtio_ccw_queue_interrupt(&ccw, 64);
	cr_assert_eq(*at(IND - 1), 0);
	cr_assert_eq(raw.interrupts, 0);
	virtio_ccw_queue_interrupt(&ccw, 63);
	cr_assert_eq(*at(IND), 0x80);
	cr_assert_eq(raw.interrupts, 1);
}

Test(ccw_hostile, TC_012_a_cookie_is_a_hint)
{
	static const uint64_t cookies[] = {0, 1, 2, 1ull << 40, UINT64_MAX};
	struct virtio_ccw *all[] = {&ccw};

	start();
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(
		    virtio_ccw_diagnose(all, 1, (uint64_t[]){3, SUBCHANNEL, 0, cookies[i]}), 0);
}

Test(ccw_hostile, format_0)
{
	uint8_t *program = at(RAW_CCW_PROGRAM);
	static const uint8_t ccws[] = {CCW_SENSE_ID, 0, 0x20, 0, 0, 0xff, 0, 7};

	memcpy(program, ccws, 8);
	virtio_ccw_start(&ccw, &(struct ccw_request){RAW_CCW_PROGRAM, false, true});
	virtio_ccw_test(&ccw, &raw.status);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert_eq(be16_get(at(RAW_CCW_DATA) + 1), 0x3832);
	program[7] = 0;
	virtio_ccw_start(&ccw, &(struct ccw_request){RAW_CCW_PROGRAM, false, true});
	virtio_ccw_test(&ccw, &raw.status);
	cr_assert_eq(raw.status.channel, CCW_PROGRAM_CHECK, "a count of 0");
}

Test(ccw_hostile, TC_007_queues)
{
	negotiate(0);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	static const uint16_t sizes[] = {3, 128, 0x8000, 0xffff, 0};
	for (unsigned i = 0; i < 5; i++) {
		cr_assert_not(raw_ccw_queue(&raw, 0, sizes[i], ring.desc, ring.avail, ring.used));
		cr_assert(raw_ccw_rejected(&raw));
	}
	cr_assert_not(raw_ccw_queue(&raw, 0, SIZE, ring.desc + 8, ring.avail, ring.used));
	cr_assert_not(raw_ccw_queue(&raw, 0, SIZE, FAKE_REGISTERS, ring.avail, ring.used));
	cr_assert_not(raw_ccw_queue(&raw, 0, SIZE, ring.desc, UINT64_MAX - 1, ring.used));
	cr_assert_not(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, FAKE_ROM));
	cr_assert_not(raw_ccw_queue(&raw, PROBE_QUEUES, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert_not(raw_ccw_queue(&raw, 0xffff, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert_not(raw_ccw_queue(&raw, 0xffff, 0, 0, 0, 0));
	cr_assert_not(virtio_queue_ready(&probe.device, 0));
	cr_assert(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert_not(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used), "it runs");
	expect_works();
}

Test(ccw_hostile, TC_008_indicators_that_are_no_storage)
{
	static const uint64_t bad[] = {0x10000000, FAKE_REGISTERS, FAKE_ROM, FAKE_HIGH_END - 7,
	                               UINT64_MAX, UINT64_MAX - 6, FAKE_HIGH /* a ring */};

	start();
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, 0));
	for (unsigned i = 0; i < 7; i++) {
		cr_assert_not(raw_ccw_indicator(&raw, CCW_SET_IND, bad[i]));
		cr_assert(raw_ccw_rejected(&raw));
		cr_assert_not(raw_ccw_indicator(&raw, CCW_SET_CONF_IND, bad[i]));
		if (bad[i] != FAKE_HIGH_END - 7) /* one byte is there */
			cr_assert_not(raw_ccw_adapter(&raw, bad[i], AREA, 0, 0));
		cr_assert_not(raw_ccw_adapter(&raw, SUMMARY, bad[i], 64, 0));
	}
	cr_assert_eq(ccw.indicators.config, CONF_IND, "the old ones stay");
	const uint64_t rings[] = {ring.desc + 16 * SIZE - 1, ring.avail, ring.avail + 5 + 2 * SIZE,
	                          ring.used + 5 + 8 * SIZE};
	for (unsigned i = 0; i < 4; i++)
		cr_assert_not(raw_ccw_indicator(&raw, CCW_SET_IND, rings[i]), "%u", i);
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, ring.used + 6 + 8 * SIZE));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, 0x100), "where no queue is");
}

Test(ccw_hostile, without_indicators_nothing_is_written)
{
	start();
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, 0));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_CONF_IND, 0));
	raw.interrupts = 0;
	request();
	virtio_config_changed(&probe.device);
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert_eq(be64_get(at(0)), 0);
	cr_assert_eq(raw.interrupts, 0);
}

Test(ccw_hostile, TC_010_bit_numbers)
{
	static const uint64_t bits[] = {UINT64_MAX, 1ull << 63, 8ull * (FAKE_REGISTERS - AREA),
	                                8ull * (FAKE_LOW_END - AREA) - 1};

	cr_assert(raw_ccw_revision(&raw, 2));
	for (unsigned i = 0; i < 4; i++)
		cr_assert_not(raw_ccw_adapter(&raw, SUMMARY, AREA, bits[i], 0), "%u", i);
	cr_assert_not(raw_ccw_adapter(&raw, SUMMARY, UINT64_MAX - 3, 64, 0));
	cr_assert(raw_ccw_adapter(&raw, SUMMARY, AREA, 8ull * (FAKE_LOW_END - AREA) - 3, 0),
	          "the last bits of storage");
}

Test(ccw_hostile, TC_012_notifications)
{
	struct virtio_ccw *all[] = {&ccw};
	static const uint64_t bad[][4] = {{3, SUBCHANNEL + 1, 0, 0},
	                                  {3, 0, 0, 0},
	                                  {2, SUBCHANNEL, 0, 0},
	                                  {3, SUBCHANNEL, PROBE_QUEUES, 0},
	                                  {3, SUBCHANNEL, 0xffff, 0},
	                                  {3, SUBCHANNEL, 0x100000000, 0},
	                                  {3, SUBCHANNEL, UINT64_MAX, UINT64_MAX}};

	start();
	raw_desc(&ring, 0, DATA, 4, 0, 0);
	raw_offer(&ring, 0);
	for (unsigned i = 0; i < 7; i++)
		cr_assert_lt(virtio_ccw_diagnose(all, 1, bad[i]), 0, "%u", i);
	cr_assert_eq(probe.notifies, 0);
	cr_assert_eq(virtio_ccw_diagnose(all, 1, (uint64_t[]){3, SUBCHANNEL, 0, UINT64_MAX}), 0);
	cr_assert_eq(raw_used_idx(&ring), 1, "a cookie may be garbage");
	cr_assert_eq(virtio_ccw_diagnose(all, 0, (uint64_t[]){3, SUBCHANNEL, 0, 0}) < 0, true);
}

Test(ccw_hostile, TC_013_halt_and_clear)
{
	start();
	probe.hold = true;
	request();
	raw_ccw_put(&raw, 0, CCW_VDEV_RESET, CCW_CHAIN_COMMAND, 0, 0);
	raw_ccw_put(&raw, 1, CCW_VDEV_RESET, 0, 0, 0);
	raw_ccw_go(&raw);
	cr_assert_eq(virtio_ccw_enable(&ccw, false), CCW_CC_BUSY);
	cr_assert_eq(virtio_ccw_halt(&ccw), CCW_CC_DONE);
	cr_assert_eq(virtio_ccw_halt(&ccw), CCW_CC_STATUS_PENDING);
	cr_assert_eq(virtio_ccw_enable(&ccw, false), CCW_CC_STATUS_PENDING);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	cr_assert_eq(raw.status.function, CCW_HALT);
	unsigned before = raw.interrupts;
	probe_complete(&probe, 0);
	cr_assert_eq(raw.interrupts, before, "the program does not go on");
	cr_assert_eq(probe.device.status, 0, "but the reset did");
	probe.hold = false;
	start();
	virtio_ccw_clear(&ccw);
	virtio_ccw_clear(&ccw);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	cr_assert_eq(raw.status.function, CCW_CLEAR);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1, "queues are not affected");
}

Test(ccw_hostile, nothing_works_on_a_disabled_subchannel)
{
	cr_assert_eq(virtio_ccw_enable(&ccw, false), CCW_CC_DONE);
	cr_assert_eq(raw_ccw_go(&raw), CCW_CC_NOT_OPERATIONAL);
	cr_assert_eq(virtio_ccw_halt(&ccw), CCW_CC_NOT_OPERATIONAL);
	cr_assert_eq(virtio_ccw_clear(&ccw), CCW_CC_NOT_OPERATIONAL);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_NOT_OPERATIONAL);
	cr_assert_lt(notify(0), 0);
}

Test(ccw_hostile, starting_while_a_status_is_pending)
{
	start();
	request();
	cr_assert_eq(raw_ccw_go(&raw), CCW_CC_STATUS_PENDING);
	cr_assert_eq(virtio_ccw_test(&ccw, &raw.status), CCW_CC_DONE);
	cr_assert_eq(raw_ccw_get_status(&raw), RUNNING);
}

/* Random bytes as programs and data never hurt, and the device works afterwards. */
Test(ccw_hostile, random_programs_never_hurt)
{
	uint64_t seed = 99;

	start();
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t *bytes = fake_mem_at(&mem, RAW_CCW_PROGRAM, 64);

		for (unsigned i = 0; i < 64; i++) {
			static const uint8_t codes[] = {0x13, 0x33, 0x43, 0x53, 0x73, 0x12, 0x11,
			                                0x22, 0x21, 0x31, 0x32, 0x83, 0x72, 0x08};

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			bytes[i] = (uint8_t)(seed >> 56);
			if (i % 8 == 0 && bytes[i] & 0x80)
				bytes[i] = codes[bytes[i] % sizeof(codes)];
			if ((i % 8 == 2 || i % 8 == 4) && seed & 1 << 20)
				bytes[i] = 0;
		}
		virtio_ccw_start(
		    &ccw, &(struct ccw_request){RAW_CCW_PROGRAM, round % 4 != 0, round % 2 == 0});
		virtio_ccw_test(&ccw, &raw.status);
		notify(seed >> 60);
	}
	cr_assert_eq(mem.register_accesses, 0);
	virtio_ccw_enable(&ccw, true);
	expect_works();
}
