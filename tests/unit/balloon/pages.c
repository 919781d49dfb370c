/* SPDX-License-Identifier: BSD-2-Clause */
/* The queues that move pages: inflate, deflate, report. */
#include <string.h>

#include "tests/unit/balloon/fixture.h"

TestSuite(balloon, .init = balloon_setup, .fini = balloon_teardown, .timeout = 60);

PROVES("V14-BALLOON-002", "V14-BALLOON-003")
Test(balloon, inflated_pages_go_before_the_request_is_used_and_come_with_deflate)
{
	static const uint32_t pages[] = {7, 9, 0x123};

	cr_assert(call_words(BALLOON_INFLATE, pages, 3));
	cr_expect(keeper.away[7] && keeper.away[9] && keeper.away[0x123] && !keeper.away[8]);
	cr_expect_eq(rig.interrupts[BALLOON_INFLATE], 1);
	cr_assert(call_words(BALLOON_DEFLATE, pages + 1, 1));
	cr_expect(keeper.away[7] && !keeper.away[9] && keeper.away[0x123]);
}

Test(balloon, a_target_is_shown_and_interrupts)
{
	unsigned before = rig.interrupts[rig.config_vector];

	virtio_balloon_set_target(&balloon, 0x8765);
	cr_expect_eq(space(SPACE_NUM_PAGES), 0x8765);
	cr_expect_gt(rig.interrupts[rig.config_vector], before);
	set_space(SPACE_NUM_PAGES, 1);
	cr_expect_eq(space(SPACE_NUM_PAGES), 0x8765);
	rig_reset(&rig);
	cr_expect_eq(space(SPACE_NUM_PAGES), 0x8765);
	cr_expect_eq(virtio_balloon_target(&balloon), 0x8765);
}

/* The device need not refuse; it never does. */
PROVES("V14-BALLOON-001")
Test(balloon, a_driver_that_does_not_tell_is_served)
{
	cr_expect_eq(rig_features(&rig) & F_ALL, F_ALL);
	cr_assert(rig_start(&rig, 0));
	cr_assert(call_words(BALLOON_INFLATE, (uint32_t[]){5}, 1));
	cr_expect(keeper.away[5]);
}

/* BL-005: the page waits for the device that is at work on it. */
Test(balloon, BL_005_inflate_waits_while_another_device_is_at_work)
{
	static const uint32_t first[] = {3}, second[] = {4};

	keeper.busy = true;
	cr_expect(!call_words(BALLOON_INFLATE, first, 1));
	cr_expect(!call_words(BALLOON_INFLATE, second, 1));
	fake_port_advance(VIRTIO_BALLOON_RETRY_NS);
	cr_expect_eq(rig_used_count(&rig, BALLOON_INFLATE), 0);
	keeper.busy = false;
	fake_port_advance(VIRTIO_BALLOON_RETRY_NS);
	cr_expect_eq(rig_used_count(&rig, BALLOON_INFLATE), 2);
	cr_expect(keeper.away[3] && keeper.away[4]);
}

Test(balloon, BL_012_deflate_waits_until_there_is_memory)
{
	keeper.empty = true;
	cr_expect(!call_words(BALLOON_DEFLATE, (uint32_t[]){3}, 1));
	cr_assert(call_words(BALLOON_INFLATE, (uint32_t[]){4}, 1), "the other queue goes on");
	keeper.empty = false;
	fake_port_advance(VIRTIO_BALLOON_RETRY_NS);
	cr_expect_eq(rig_used_count(&rig, BALLOON_DEFLATE), 1);
	cr_expect_eq(keeper.restored, 1);
}

Test(balloon, a_request_that_waits_is_forgotten_at_reset)
{
	keeper.busy = true;
	cr_expect(!call_words(BALLOON_INFLATE, (uint32_t[]){3}, 1));
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
	keeper.busy = false;
	fake_port_advance(1000000000);
	cr_expect_eq(keeper.released, 0);
}

Test(balloon, BL_007_odd_and_huge_arrays)
{
	uint64_t at = rig_alloc(&rig, 64);
	struct rig_buffer huge[200];

	*(uint32_t *)rig_at(&rig, at, 4) = 0x11;
	cr_expect(call(BALLOON_INFLATE, &(struct rig_buffer){at, 7, false}, 1));
	cr_expect_eq(keeper.released, 1);
	cr_expect(call(BALLOON_INFLATE, &(struct rig_buffer){at, 3, false}, 1));
	cr_expect(call(BALLOON_INFLATE, &(struct rig_buffer){at, 0, false}, 1));
	cr_expect(call(BALLOON_INFLATE, &(struct rig_buffer){at, 16, true}, 1));
	cr_expect_eq(keeper.released, 1);
	for (unsigned i = 0; i < 200; i++)
		huge[i] = (struct rig_buffer){FAKE_HIGH, 0x100000, false};
	cr_expect(call(BALLOON_INFLATE, huge, 200));
	cr_expect_eq(keeper.released, 1 + VIRTIO_BALLOON_PAGES_MAX);
	cr_expect_leq(keeper.most, BALLOON_BATCH);
}

/* An array that is cut anywhere is the same array. */
Test(balloon, numbers_may_be_cut_anywhere)
{
	uint64_t at = rig_alloc(&rig, 16);
	uint32_t *pages = rig_at(&rig, at, 16);
	struct rig_buffer parts[3] = {{at, 1, false}, {at + 1, 6, false}, {at + 7, 5, false}};

	pages[0] = 0x101;
	pages[1] = 0x202;
	pages[2] = 0x303;
	cr_expect(call(BALLOON_INFLATE, parts, 3));
	cr_expect(keeper.away[0x101] && keeper.away[0x202] && keeper.away[0x303]);
}

/* More than one call takes; the first page to go is the array's own. */
Test(balloon, BL_005_an_array_in_a_page_that_it_names)
{
	enum { COUNT = BALLOON_BATCH + 2 };
	uint32_t pages[COUNT];

	keeper.reused = true;
	for (unsigned i = 0; i < COUNT; i++)
		pages[i] = RIG_HEAP / 4096;
	pages[COUNT - 1] = FAKE_SEAM / 4096;
	cr_assert(call_words(BALLOON_INFLATE, pages, COUNT));
	cr_expect_eq(keeper.released, COUNT);
	cr_expect(keeper.away[FAKE_SEAM / 4096]);
}

static bool report(uint64_t address, uint32_t size)
{
	return call(BALLOON_REPORTS, &(struct rig_buffer){address, size, true}, 1);
}

PROVES("V14-BALLOON-013")
Test(balloon, reported_pages_go_before_the_request_is_used)
{
	cr_assert(rig_start(&rig, F_REPORTING));
	cr_assert(report(FAKE_HIGH + 0x10000, 0x3000));
	cr_expect_eq(keeper.released, 3);
	cr_expect(keeper.away[0x210] && keeper.away[0x212] && !keeper.away[0x213]);
	cr_expect_eq(balloon.reported, 3);
}

Test(balloon, BL_010_only_whole_pages_are_reported)
{
	cr_assert(rig_start(&rig, F_REPORTING));
	cr_assert(report(FAKE_HIGH + 0x10800, 0x3000));
	cr_assert(report(FAKE_HIGH + 0x10000, 0xfff));
	cr_expect_eq(keeper.released, 0);
	cr_assert(report(FAKE_HIGH + 0x10000, 0x1fff));
	cr_expect(keeper.released == 1 && keeper.away[0x210]);
	cr_assert(call(BALLOON_REPORTS, &(struct rig_buffer){FAKE_HIGH, 0x1000, false}, 1));
	cr_expect_eq(keeper.released, 1);
}

/* More than fits in one turn: the rest in the next ones, each page once. */
Test(balloon, a_large_report_goes_in_turns)
{
	struct rig_buffer buffers[10];

	cr_assert(rig_start(&rig, F_REPORTING));
	for (unsigned i = 0; i < 10; i++)
		buffers[i] = (struct rig_buffer){FAKE_HIGH, 0x100000, true};
	cr_expect(!call(BALLOON_REPORTS, buffers, 10));
	cr_expect_eq(keeper.released, VIRTIO_BALLOON_PAGES_MAX);
	for (unsigned i = 0; i < 2; i++)
		fake_port_advance(VIRTIO_BALLOON_RETRY_NS);
	cr_expect_eq(rig_used_count(&rig, BALLOON_REPORTS), 1);
	cr_expect_eq(keeper.released, 2560);
}

/* Whatever the addresses: the back-end knows what is RAM. */
Test(balloon, BL_010_reports_of_what_is_no_ram)
{
	cr_assert(rig_start(&rig, F_REPORTING));
	cr_assert(report(UINT64_MAX - 0xfff, 0x2000));
	cr_assert(report(1ull << 44, 0x1000));
	cr_expect_eq(keeper.released, 0, "no page number that wraps");
	cr_assert(report(FAKE_REGISTERS, 0x1000));
	cr_expect_eq(rig.mem.register_accesses, 0);
}

PROVES("V14-BALLOON-014", "V14-BALLOON-012")
Test(balloon, reported_pages_stay_where_they_have_to_hold_the_poison)
{
	set_space(SPACE_POISON, 0xaaaaaaaa);
	cr_expect_eq(space(SPACE_POISON), 0xaaaaaaaa);
	cr_assert(report(FAKE_HIGH, 0x2000));
	cr_expect_eq(keeper.released, 0);
	set_space(SPACE_POISON, 0);
	cr_assert(report(FAKE_HIGH, 0x2000));
	cr_expect_eq(keeper.released, 2);
}

Test(balloon, poison_is_read_only_unless_negotiated_and_gone_at_reset)
{
	set_space(SPACE_POISON, 5);
	cr_assert(rig_start(&rig, F_REPORTING));
	cr_expect_eq(space(SPACE_POISON), 0);
	set_space(SPACE_POISON, 5);
	cr_expect_eq(space(SPACE_POISON), 0);
}

Test(balloon, queues_without_their_feature_are_not_there)
{
	cr_assert(rig_start(&rig, 0));
	cr_expect_eq(balloon.device.queue_limit, 2);
	cr_assert(rig_start(&rig, F_REPORTING));
	cr_expect_eq(balloon.device.queue_limit, 5);
	cr_expect(!call_words(BALLOON_STATS, (uint32_t[]){0, 0, 0}, 3));
	cr_expect(!call_words(BALLOON_HINTS, (uint32_t[]){2}, 1));
	cr_expect_eq(rig_used_count(&rig, BALLOON_STATS), 0);
	cr_expect_null(fake_port.timers);
}

Test(balloon, BL_009_actual_is_whatever_the_driver_says)
{
	set_space(SPACE_ACTUAL, 0xffffffff);
	cr_expect_eq(balloon.actual, 0xffffffff);
	set_space(SPACE_ACTUAL, 0);
	cr_expect_eq(balloon.actual, 0);
	cr_assert(call_words(BALLOON_INFLATE, (uint32_t[]){5}, 1));
	set_space(SPACE_ACTUAL, 17);
	rig_reset(&rig);
	cr_expect_eq(balloon.actual, 0);
}
