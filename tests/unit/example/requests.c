/* SPDX-License-Identifier: BSD-2-Clause */
/* What the example device answers, to good requests and to others. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/example.h"
#include "guest-devices/virtio/registry.h"
#include "guest-devices/virtio/work.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/watch.h"

enum { TEXT_MAX = 64 };

static struct rig rig;
static struct virtio_example example;

static void setup(void)
{
	rig_init(&rig);
	memset(&example, 0x5a, sizeof(example));
	virtio_example_init(&example, &(struct virtio_example_config){.name = "test example",
	                                                              .mem = &rig.mem.mem,
	                                                              .timer_scope = &rig,
	                                                              .text_max = TEXT_MAX});
	rig_plug(&rig, &example.device);
	cr_assert(rig_start(&rig, EXAMPLE_F_UPPER));
}

static void teardown(void)
{
	rig_free(&rig);
}

TestSuite(example, .init = setup, .fini = teardown, .timeout = 60);

/* A request of `size` bytes at `at`, and room for an answer behind it, which is returned. */
static uint8_t *ask(uint64_t at, uint32_t size, uint32_t room, uint32_t *written)
{
	uint64_t answer = rig_alloc(&rig, room + 16);
	struct rig_buffer buffers[] = {{at, size, false}, {answer, room, true}};
	uint16_t head;

	memset(rig_at(&rig, answer, room + 16), 0xee, room + 16);
	rig_offer(&rig, 0, buffers, 2);
	rig_kick(&rig, 0);
	cr_assert(rig_used(&rig, 0, &head, written));
	return rig_at(&rig, answer, room + 16);
}

static uint64_t request(uint32_t operation, const char *text)
{
	uint64_t at = rig_alloc(&rig, 4 + (uint32_t)strlen(text));

	le32_put(rig_at(&rig, at, 4), operation);
	memcpy(rig_at(&rig, at + 4, strlen(text)), text, strlen(text));
	return at;
}

static void expect_status(uint64_t at, uint32_t size, uint32_t room, uint8_t status)
{
	uint32_t written;
	uint8_t *answer = ask(at, size, room, &written);

	cr_expect_eq(written, 1);
	cr_expect_eq(answer[0], status);
	cr_expect_eq(answer[1], 0xee, "nothing behind the status");
}

static void still_works(void)
{
	uint32_t written;
	uint8_t *answer = ask(request(EXAMPLE_SUM, "\x01\x02"), 6, 5, &written);

	cr_expect_eq(written, 5);
	cr_expect_eq(answer[0], EXAMPLE_OK);
	cr_expect_eq(le32_get(answer + 1), 3);
	cr_expect_eq(rig_status(&rig) & VIRTIO_NEEDS_RESET, 0);
}

Test(example, is_in_the_registry)
{
	cr_assert_str_eq(registry_type(EXAMPLE_DEVICE_TYPE)->name, "example");
	cr_assert_str_eq(registry_feature(EXAMPLE_DEVICE_TYPE, 0)->name, "UPPER");
	cr_assert_eq(rig_features(&rig) & UINT16_MAX, EXAMPLE_F_UPPER);
}

Test(example, sums_bytes)
{
	uint32_t written;
	uint8_t *answer = ask(request(EXAMPLE_SUM, "\xff\xff\x02"), 7, 100, &written);

	cr_expect_eq(written, 5);
	cr_expect_eq(answer[0], EXAMPLE_OK);
	cr_expect_eq(le32_get(answer + 1), 512);
	cr_expect_eq(answer[5], 0xee);
	cr_expect_eq(rig.interrupts[0], 1);
}

Test(example, upper_case_leaves_the_rest_alone)
{
	uint32_t written;
	uint8_t *answer = ask(request(EXAMPLE_UPPER, "`az{AZ 09\xe4"), 14, 11, &written);

	cr_expect_eq(written, 11);
	cr_expect_eq(answer[0], EXAMPLE_OK);
	cr_expect_arr_eq(answer + 1, "`AZ{AZ 09\xe4", 10);
}

/* How the driver cuts its buffers means nothing (2.6.4). */
Test(example, pieces_of_one_byte)
{
	struct rig_buffer buffers[16];
	uint64_t at = request(EXAMPLE_UPPER, "abc"), answer = rig_alloc(&rig, 16);
	uint32_t written;
	uint16_t head;

	for (unsigned i = 0; i < 7; i++)
		buffers[i] = (struct rig_buffer){at + i, 1, false};
	for (unsigned i = 0; i < 4; i++)
		buffers[7 + i] = (struct rig_buffer){answer + 3 - i, 1, true};
	rig_offer(&rig, 0, buffers, 11);
	rig_kick(&rig, 0);
	cr_assert(rig_used(&rig, 0, &head, &written));
	cr_expect_eq(written, 4);
	cr_expect_arr_eq(rig_at(&rig, answer, 4), "CBA\0", 4);
}

Test(example, empty_text)
{
	uint32_t written;
	uint8_t *answer = ask(request(EXAMPLE_SUM, ""), 4, 5, &written);

	cr_expect_eq(written, 5);
	cr_expect_eq(le32_get(answer + 1), 0);
	expect_status(request(EXAMPLE_UPPER, ""), 4, 1, EXAMPLE_OK);
}

Test(example, upper_needs_its_feature)
{
	cr_assert(rig_start(&rig, 0));
	expect_status(request(EXAMPLE_UPPER, "abc"), 7, 10, EXAMPLE_UNKNOWN);
	still_works();
}

Test(example, unknown_operations)
{
	expect_status(request(2, "abc"), 7, 10, EXAMPLE_UNKNOWN);
	expect_status(request(UINT32_MAX, "abc"), 7, 10, EXAMPLE_UNKNOWN);
	still_works();
}

Test(example, no_whole_operation)
{
	expect_status(request(EXAMPLE_SUM, ""), 3, 10, EXAMPLE_INVALID);
	expect_status(request(EXAMPLE_SUM, ""), 0, 10, EXAMPLE_INVALID);
	still_works();
}

Test(example, longest_text_and_one_more)
{
	uint64_t at = rig_alloc(&rig, 4 + TEXT_MAX + 1);
	uint32_t written;

	ask(at, 4 + TEXT_MAX, 5, &written);
	cr_expect_eq(written, 5);
	expect_status(at, 4 + TEXT_MAX + 1, 5, EXAMPLE_INVALID);
	expect_status(FAKE_HIGH, 0x100000, 5, EXAMPLE_INVALID);
	still_works();
}

Test(example, no_room_for_the_result)
{
	uint32_t written;

	expect_status(request(EXAMPLE_SUM, "abc"), 7, 4, EXAMPLE_INVALID);
	expect_status(request(EXAMPLE_UPPER, "abc"), 7, 3, EXAMPLE_INVALID);
	cr_expect_eq(ask(request(EXAMPLE_SUM, "abc"), 7, 0, &written)[0], 0xee);
	cr_expect_eq(written, 0);
	still_works();
}

Test(example, tells_how_long_a_text_may_be)
{
	uint64_t at = rig_alloc(&rig, 4 + EXAMPLE_TEXT_MAX);
	uint32_t written;

	cr_expect_eq(rig_read(&rig, rig.config, 4), TEXT_MAX);
	rig_write(&rig, rig.config, 1, 4);
	cr_expect_eq(rig_read(&rig, rig.config, 4), TEXT_MAX, "read-only");
	virtio_example_set_text_max(&example, UINT32_MAX);
	cr_expect_eq(rig.interrupts[rig.config_vector], 1);
	cr_expect_eq(rig_read(&rig, rig.config, 4), EXAMPLE_TEXT_MAX);
	ask(at, 4 + EXAMPLE_TEXT_MAX, 5, &written);
	cr_expect_eq(written, 5);
	expect_status(at, 4 + EXAMPLE_TEXT_MAX + 1, 5, EXAMPLE_INVALID);
}

/* One kick costs bounded time: what is beyond its budget waits for the timer, and is not forgotten.
 */
Test(example, work_of_one_kick_is_bounded)
{
	const struct rig_buffer huge[] = {{FAKE_HIGH, 0x100000, false},
	                                  {rig_alloc(&rig, 16), 16, true}};
	unsigned first;

	for (unsigned i = 0; i < 100; i++)
		rig_offer(&rig, 0, huge, 2);
	rig_kick(&rig, 0);
	first = rig_used_count(&rig, 0);
	cr_expect_leq(first, WORK_BUDGET / 0x100000 + 1);
	cr_expect_gt(first, 0);
	fake_port_advance(1000);
	cr_expect_gt(rig_used_count(&rig, 0), first);
	for (unsigned i = 0; i < 100; i++)
		fake_port_advance(1000);
	cr_expect_eq(rig_used_count(&rig, 0), 100);
}

Test(example, work_that_waits_is_forgotten_at_reset)
{
	const struct rig_buffer huge[] = {{FAKE_HIGH, 0x100000, false}};

	for (unsigned i = 0; i < 10; i++)
		rig_offer(&rig, 0, huge, 1);
	rig_kick(&rig, 0);
	cr_expect_not_null(fake_port.timers);
	rig_reset(&rig);
	cr_expect_null(fake_port.timers);
	cr_assert(rig_start(&rig, 0));
	still_works();
}

/* A driver that adds a chain just before it could see that kicks are wanted again: it sends none.
 */
static struct {
	struct watch watch; /* first */
	size_t flags;       /* of the used ring, in the page */
	unsigned writes;
} late;

static void before_access(struct watch *watch, size_t offset)
{
	(void)watch;
	if (offset == late.flags && ++late.writes == 2)
		rig_offer(&rig, 0, &(struct rig_buffer){rig_alloc(&rig, 8), 8, true}, 1);
}

Test(example, a_chain_between_the_last_look_and_the_wish_for_kicks)
{
	uint8_t *used = rig_at(&rig, rig.rings[0].used, 4);

	late.flags = (uintptr_t)used & 4095;
	late.watch =
	    (struct watch){.start = used - late.flags, .size = 4096, .before = before_access};
	rig_offer(&rig, 0, &(struct rig_buffer){rig_alloc(&rig, 8), 8, true}, 1);
	watch_start(&late.watch);
	rig_kick(&rig, 0);
	watch_stop();
	cr_expect_eq(rig_used_count(&rig, 0), 2);
	cr_expect_eq(late.writes, 4, "off, on, off for the late one, on");
}
