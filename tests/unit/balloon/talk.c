/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics, hints and the legacy interface. */
#include <string.h>

#include "tests/lib/raw_legacy.h"
#include "tests/unit/balloon/fixture.h"

enum { TAG_FREE = 4, TAG_TOTAL = 5 };
enum { PAGES = FAKE_HIGH + 0x80000 };

TestSuite(balloon_talk, .init = balloon_setup, .fini = balloon_teardown, .timeout = 60);

struct __attribute__((packed)) stat {
	uint16_t tag;
	uint64_t val;
};

static bool send_stats(const struct stat *stats, unsigned count)
{
	uint64_t at = rig_alloc(&rig, (uint32_t)(count * sizeof(*stats)));

	memcpy(rig_at(&rig, at, count * sizeof(*stats)), stats, count * sizeof(*stats));
	return call(BALLOON_STATS,
	            &(struct rig_buffer){at, (uint32_t)(count * sizeof(*stats)), false}, 1);
}

static unsigned stats_back(void)
{
	unsigned count = rig_used_count(&rig, BALLOON_STATS);
	uint16_t head;
	uint32_t written;

	while (rig_used(&rig, BALLOON_STATS, &head, &written))
		;
	return count;
}

PROVES("V14-BALLOON-004", "V14-BALLOON-005")
Test(balloon_talk, statistics_in_any_order_and_of_unknown_kinds)
{
	static const struct stat stats[] = {
	    {0x7777, 1}, {TAG_TOTAL, 1000}, {10, 2}, {TAG_FREE, 0x123456789}, {0xffff, 3}};

	cr_expect(!send_stats(stats, 5), "the buffer is kept");
	cr_expect_eq(balloon.stats_known, 1u << TAG_FREE | 1u << TAG_TOTAL);
	cr_expect_eq(balloon.stats[TAG_FREE], 0x123456789);
	cr_expect_eq(balloon.stats[TAG_TOTAL], 1000);
}

Test(balloon_talk, the_buffer_comes_back_when_new_figures_are_wanted)
{
	virtio_balloon_ask_stats(&balloon);
	cr_expect_eq(stats_back(), 0);
	send_stats((struct stat[]){{TAG_FREE, 1}}, 1);
	cr_expect_eq(rig.interrupts[BALLOON_STATS], 0);
	virtio_balloon_ask_stats(&balloon);
	virtio_balloon_ask_stats(&balloon);
	cr_expect_eq(stats_back(), 1);
	cr_expect_eq(rig.interrupts[BALLOON_STATS], 1);
	send_stats((struct stat[]){{TAG_FREE, 2}}, 1);
	cr_expect_eq(balloon.stats[TAG_FREE], 2);
}

Test(balloon_talk, BL_008_floods_of_statistics)
{
	static struct stat many[1000];

	for (unsigned i = 0; i < 1000; i++)
		many[i] =
		    (struct stat){(uint16_t)(i < VIRTIO_BALLOON_STATS_MAX ? 99 : TAG_FREE), i};
	cr_expect(!send_stats(many, 1000));
	cr_expect_eq(balloon.stats_known, 0, "not all of a huge buffer is looked at");
	for (unsigned i = 0; i < 5000; i++) {
		rig_offer(&rig, BALLOON_STATS, &(struct rig_buffer){FAKE_HIGH, 15, false}, 1);
		rig_kick(&rig, BALLOON_STATS);
		cr_assert_leq(vq_in_flight(&balloon.rings[BALLOON_STATS]), 1);
	}
	cr_expect_eq(rig_used_count(&rig, BALLOON_STATS), 5000);
	cr_assert(rig_start(&rig, F_ALL));
	send_stats((struct stat[]){{TAG_FREE, 7}}, 1);
	cr_expect_eq(balloon.stats[TAG_FREE], 7);
}

Test(balloon_talk, a_kept_buffer_is_forgotten_at_reset)
{
	send_stats((struct stat[]){{TAG_FREE, 1}}, 1);
	cr_assert(rig_start(&rig, F_ALL));
	virtio_balloon_ask_stats(&balloon);
	cr_expect_eq(stats_back(), 0);
	cr_expect_eq(balloon.stats_known, 0);
}

static void hint(uint32_t size)
{
	cr_assert(call(BALLOON_HINTS, &(struct rig_buffer){PAGES, size, true}, 1));
}

static void say_command(uint32_t id)
{
	cr_assert(call_words(BALLOON_HINTS, &id, 1));
}

PROVES("V14-BALLOON-008", "V14-BALLOON-011")
Test(balloon_talk, a_round_of_hints)
{
	uint32_t id;

	cr_expect_eq(space(SPACE_CMD_ID), CMD_STOP);
	cr_assert(virtio_balloon_start_hints(&balloon));
	id = space(SPACE_CMD_ID);
	cr_expect_gt(id, CMD_DONE);
	hint(0x5000);
	cr_expect_eq(balloon.hinted, 0, "of no round");
	say_command(id + 1);
	hint(0x5000);
	cr_expect_eq(balloon.hinted, 0, "of another round");
	say_command(id);
	hint(0x5000);
	hint(0x1000);
	cr_expect_eq(balloon.hinted, 0x6000);
	say_command(CMD_STOP);
	cr_expect_eq(space(SPACE_CMD_ID), CMD_DONE);
	hint(0x5000);
	cr_expect_eq(balloon.hinted, 0x6000);
}

PROVES("V14-BALLOON-007")
Test(balloon_talk, a_command_id_is_not_used_again_before_the_driver_said_stop)
{
	uint32_t id;

	cr_assert(virtio_balloon_start_hints(&balloon));
	id = space(SPACE_CMD_ID);
	say_command(id);
	cr_expect(!virtio_balloon_start_hints(&balloon));
	cr_expect_eq(space(SPACE_CMD_ID), id);
	say_command(CMD_STOP);
	balloon.hint_last = UINT32_MAX;
	cr_assert(virtio_balloon_start_hints(&balloon));
	cr_expect_gt(space(SPACE_CMD_ID), CMD_DONE, "neither STOP nor DONE when it wraps");
}

PROVES("V14-BALLOON-006")
Test(balloon_talk, hints_stop_when_they_are_of_no_use)
{
	uint32_t id;

	cr_assert(virtio_balloon_start_hints(&balloon));
	id = space(SPACE_CMD_ID);
	say_command(id);
	virtio_balloon_set_target(&balloon, 100);
	cr_expect_eq(space(SPACE_CMD_ID), CMD_STOP);
	hint(0x5000);
	cr_expect_eq(balloon.hinted, 0);
	say_command(CMD_STOP);
	cr_expect_eq(space(SPACE_CMD_ID), CMD_DONE);
}

/* Hinted pages keep what they hold, before DONE and after: they are never released. */
PROVES("V14-BALLOON-009", "V14-BALLOON-010")
Test(balloon_talk, hinted_pages_are_only_counted)
{
	memset(rig_at(&rig, PAGES, 0x5000), 0x5a, 0x5000);
	cr_assert(virtio_balloon_start_hints(&balloon));
	say_command(space(SPACE_CMD_ID));
	hint(0x5000);
	say_command(CMD_STOP);
	cr_expect_eq(keeper.released, 0);
	for (unsigned i = 0; i < 0x5000; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, PAGES + i, 1), 0x5a);
}

Test(balloon_talk, BL_010_stale_and_short_commands)
{
	uint64_t at = rig_alloc(&rig, 4);

	cr_assert(virtio_balloon_start_hints(&balloon));
	cr_assert(call(BALLOON_HINTS, &(struct rig_buffer){at, 3, false}, 1));
	cr_expect_gt(space(SPACE_CMD_ID), CMD_DONE, "three bytes are no command");
	say_command(CMD_DONE);
	hint(0x1000);
	cr_expect_eq(balloon.hinted, 0);
	rig_reset(&rig);
	cr_expect_eq(space(SPACE_CMD_ID), CMD_STOP);
	cr_expect(!virtio_balloon_start_hints(&balloon), "nobody is there to hint");
	cr_assert(rig_start(&rig, F_REPORTING));
	cr_expect(!virtio_balloon_start_hints(&balloon), "the driver knows no hints");
}

/* As Linux does it: the first buffer is there before the driver is ready, and nobody kicks again.
 */
Test(balloon_talk, a_buffer_from_before_driver_ok_is_seen)
{
	uint64_t at = rig_alloc(&rig, 10);

	*(uint8_t *)rig_at(&rig, at, 1) = TAG_FREE;
	rig_reset(&rig);
	virtio_legacy_set_status(&balloon.device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	virtio_legacy_set_features(&balloon.device, F_STATS_VQ);
	raw_legacy_ring_init(&rig.rings[BALLOON_STATS], &rig.mem, 0x40000, VQ_SIZE_MAX,
	                     VQ_ALIGN_LEGACY);
	raw_desc(&rig.rings[BALLOON_STATS], 0, at, 10, 0, 0);
	raw_offer(&rig.rings[BALLOON_STATS], 0);
	virtio_legacy_set_queue(&balloon.device, BALLOON_STATS, 0x40000);
	virtio_legacy_set_status(&balloon.device,
	                         VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK);
	cr_expect(balloon.asking_held);
}

PROVES("V14-BALLOON-L01")
Test(balloon_talk, a_legacy_driver_may_use_pages_that_it_did_not_ask_for)
{
	rig_start_legacy(&rig, 0);
	cr_expect(virtio_running(&balloon.device));
	cr_assert(call_words(BALLOON_INFLATE, (uint32_t[]){0x201}, 1));
	cr_expect(keeper.away[0x201]);
	cr_assert(call(BALLOON_INFLATE, &(struct rig_buffer){0x201000, 4, false}, 1));
	cr_assert(call_words(BALLOON_DEFLATE, (uint32_t[]){0x201}, 1));
	cr_expect(!keeper.away[0x201]);
}

PROVES("V14-BALLOON-L02")
Test(balloon_talk, legacy_configuration_is_little_endian)
{
	struct bus_access access = {.size = 1};

	rig_start_legacy(&rig, 0);
	virtio_balloon_set_target(&balloon, 0x11223344);
	for (unsigned i = 0; i < 4; i++) {
		virtio_legacy_config_access(&balloon.device, SPACE_NUM_PAGES + i, &access);
		cr_expect_eq(access.value, 0x44 - 0x11 * i);
	}
}

PROVES("V14-BALLOON-L03")
Test(balloon_talk, legacy_actual_means_nothing_before_its_last_byte)
{
	rig_start_legacy(&rig, 0);
	rig_write_config_legacy(&rig, SPACE_ACTUAL, 0x34, 1);
	rig_write_config_legacy(&rig, SPACE_ACTUAL + 1, 0x12, 1);
	rig_write_config_legacy(&rig, SPACE_ACTUAL + 2, 1, 1);
	cr_expect_eq(balloon.actual, 0);
	rig_write_config_legacy(&rig, SPACE_ACTUAL + 3, 0, 1);
	cr_expect_eq(balloon.actual, 0x11234);
}

PROVES("V14-BALLOON-L04", "V14-BALLOON-L05")
Test(balloon_talk, legacy_statistics_begin_with_the_second_buffer)
{
	rig_start_legacy(&rig, F_STATS_VQ);
	send_stats((struct stat[]){{TAG_FREE, 99}}, 1);
	cr_expect_eq(balloon.stats_known, 0);
	virtio_balloon_ask_stats(&balloon);
	cr_expect_eq(stats_back(), 1);
	send_stats((struct stat[]){{TAG_FREE, 0x1234}}, 1);
	cr_expect_eq(balloon.stats_known, 1u << TAG_FREE);
	cr_expect_eq(balloon.stats[TAG_FREE], 0x1234);
}

PROVES("V14-BALLOON-L06")
Test(balloon_talk, legacy_commands_are_in_the_order_of_the_guest)
{
	rig_start_legacy(&rig, F_HINT);
	cr_assert(virtio_balloon_start_hints(&balloon));
	say_command(balloon.hint_last);
	hint(0x3000);
	cr_expect_eq(balloon.hinted, 0x3000);
}

/* --- what each check is for --- */

Test(balloon_talk, one_interrupt_for_buffers_that_come_back_at_once)
{
	uint64_t at = rig_alloc(&rig, 40);

	for (unsigned i = 0; i < 3; i++)
		rig_offer(&rig, BALLOON_STATS, &(struct rig_buffer){at, 10, false}, 1);
	rig_kick(&rig, BALLOON_STATS);
	cr_expect_eq(stats_back(), 2);
	cr_expect_eq(rig.interrupts[BALLOON_STATS], 1);
}

Test(balloon_talk, queues_are_reset_one_by_one)
{
	balloon_setup_with(F_ALL | VIRTIO_F_RING_RESET);
	send_stats((struct stat[]){{TAG_FREE, 1}}, 1);
	balloon.report_at = 5;
	virtio_queue_reset(&balloon.device, BALLOON_INFLATE);
	cr_expect_not(virtio_queue_ready(&balloon.device, BALLOON_INFLATE));
	cr_expect(balloon.asking_held && balloon.stats_known && balloon.report_at == 5);
	virtio_queue_reset(&balloon.device, BALLOON_STATS);
	cr_expect_not(virtio_queue_ready(&balloon.device, BALLOON_STATS));
	cr_expect(!balloon.asking_held && !balloon.stats_known && balloon.report_at == 5);
	virtio_queue_reset(&balloon.device, BALLOON_REPORTS);
	cr_expect_not(virtio_queue_ready(&balloon.device, BALLOON_REPORTS));
	cr_expect_eq(balloon.report_at, 0);
}

Test(balloon_talk, a_report_begins_with_its_first_page)
{
	struct rig_buffer pages = {PAGES, 0x3000, true};

	for (unsigned i = 1; i <= 3; i++) {
		cr_assert(call(BALLOON_REPORTS, &pages, 1));
		cr_expect_eq(keeper.released, 3 * i);
	}
}

Test(balloon_talk, BL_010_a_stop_that_nobody_waits_for)
{
	unsigned told = rig.interrupts[rig.config_vector];
	struct rig_buffer pages = {PAGES, 0x1000, true};

	cr_assert(call_words(BALLOON_HINTS, (uint32_t[]){CMD_STOP}, 1));
	cr_assert(call(BALLOON_HINTS, &pages, 1));
	cr_expect_eq(balloon.hinted, 0);
	cr_expect_eq(space(SPACE_CMD_ID), CMD_STOP);
	cr_expect_eq(rig.interrupts[rig.config_vector], told);
}

Test(balloon_talk, no_hints_from_a_driver_that_gave_up)
{
	virtio_set_status(&balloon.device, balloon.device.status | VIRTIO_FAILED);
	cr_expect_not(virtio_balloon_start_hints(&balloon));
}
