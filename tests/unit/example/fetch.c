/* SPDX-License-Identifier: BSD-2-Clause */
/* DF-003 for the example device: another vCPU swaps a request for another one while it is served.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/example.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/flip.h"

enum { REQUEST = RIG_HEAP, ANSWER = RIG_HEAP + 0x2000 };

static struct rig rig;
static struct virtio_example example;

TestSuite(example_fetch, .timeout = 120);

static uint8_t *setup(void)
{
	static const struct rig_buffer chain[] = {{REQUEST, 12, false}, {ANSWER, 64, true}};

	rig_init(&rig);
	virtio_example_init(&example, &(struct virtio_example_config){.name = "test example",
	                                                              .mem = &rig.mem.mem,
	                                                              .timer_scope = &rig,
	                                                              .text_max = 64});
	rig_plug(&rig, &example.device);
	cr_assert(rig_start(&rig, EXAMPLE_F_UPPER));
	rig_offer(&rig, 0, chain, 2);
	return rig_at(&rig, REQUEST, 12);
}

static void kick(void)
{
	rig_kick(&rig, 0);
}

static void outcome(uint8_t *out)
{
	uint16_t head = 0;
	uint32_t written = 0;
	bool used = rig_used(&rig, 0, &head, &written);

	memcpy(out, (uint32_t[]){used, head, written, rig_status(&rig)}, 16);
	memcpy(out + 64, rig_at(&rig, ANSWER, 64), 64);
}

static void teardown(void)
{
	rig_free(&rig);
}

/* The operation: four bytes, read as one. */
Test(example_fetch, DF_003_the_operation_flips)
{
	static const uint8_t upper[] = "\x01\0\0\0abcdefgh", sum[] = "\0\0\0\0abcdefgh",
	                     unknown[] = "\x07\x07\x07\x07"
	                                 "abcdefgh";
	static const uint8_t *const others[] = {sum, unknown};

	for (unsigned i = 0; i < 2; i++) {
		struct flip flip = {setup, kick, outcome, teardown, {upper, others[i]}, 4};
		struct flip_report report = flip_everywhere(&flip);

		cr_assert(report.differ);
		cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
	}
}
