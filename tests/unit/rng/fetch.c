/* SPDX-License-Identifier: BSD-2-Clause */
/* DF-003 for the entropy device: it reads nothing of a request but the descriptor, which changes
 * under it. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/rng.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/flip.h"

static struct rig rig;
static struct virtio_rng rng;
static uint64_t given;

TestSuite(rng_fetch, .timeout = 120);

static size_t source_read(struct rng_backend *backend, void *to, size_t size)
{
	(void)backend;
	memset(to, 0xa5, size);
	given += size;
	return size;
}

static uint8_t *setup(void)
{
	static struct rng_backend backend = {.read = source_read};

	rig_init(&rig);
	given = 0;
	virtio_rng_init(&rng, &(struct virtio_rng_config){
	                          .name = "test rng", .mem = &rig.mem.mem, .backend = &backend});
	rig_plug(&rig, &rng.device);
	cr_assert(rig_start(&rig, 0));
	rig_offer(&rig, 0, &(struct rig_buffer){RIG_HEAP, 64, true}, 1);
	return rig_at(&rig, rig.rings[0].desc, sizeof(struct raw_desc));
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

	memcpy(out, (uint32_t[]){used, head, written, rig_status(&rig), (uint32_t)given}, 20);
	memcpy(out + 64, rig_at(&rig, RIG_HEAP, 4096), 4096);
}

static void teardown(void)
{
	rig_free(&rig);
}

Test(rng_fetch, DF_003_descriptor_flips)
{
	static const struct raw_desc good = {RIG_HEAP, 64, RAW_WRITE, 0},
	                             others[] = {{RIG_HEAP, 4096, RAW_WRITE, 0},
	                                         {RIG_HEAP, 0, RAW_WRITE, 0},
	                                         {RIG_HEAP, 64, 0, 0},
	                                         {RIG_HEAP, UINT32_MAX, RAW_WRITE, 0},
	                                         {RIG_HEAP + 512, 64, RAW_WRITE, 0},
	                                         {FAKE_REGISTERS, 64, RAW_WRITE, 0}};

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct flip flip = {setup,       kick, outcome, teardown, {&good, &others[i]},
		                    sizeof(good)};
		struct flip_report report = flip_everywhere(&flip);

		cr_assert(report.differ);
		cr_assert_gt(report.accesses, 0);
		cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
	}
}
