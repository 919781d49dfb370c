/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/virtio/rng.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

static struct rig rig;
static struct virtio_rng rng;
static struct {
	struct rng_backend backend;
	uint64_t given;
	bool dry, lies;
} source;

static size_t source_read(struct rng_backend *backend, void *to, size_t size)
{
	(void)backend;
	if (source.dry)
		return 0;
	memset(to, 0xa5, size);
	source.given += size;
	return source.lies ? size + 1 : size;
}

static void setup(void)
{
	rig_init(&rig);
	memset(&source, 0, sizeof(source));
	source.backend.read = source_read;
	virtio_rng_init(&rng, &(struct virtio_rng_config){.name = "test rng",
	                                                  .mem = &rig.mem.mem,
	                                                  .backend = &source.backend});
	rig_plug(&rig, &rng.device);
	cr_assert(rig_start(&rig, 0));
}

static void teardown(void)
{
	rig_free(&rig);
}

TestSuite(rng_device, .init = setup, .fini = teardown, .timeout = 60);

static uint32_t ask(uint64_t at, uint32_t size, bool write)
{
	uint16_t head;
	uint32_t written = UINT32_MAX;

	rig_offer(&rig, 0, &(struct rig_buffer){at, size, write}, 1);
	rig_kick(&rig, 0);
	cr_assert(rig_used(&rig, 0, &head, &written));
	return written;
}

static void still_works(void)
{
	fake_port_advance(VIRTIO_RNG_SLICE_NS);
	cr_expect_eq(ask(rig_alloc(&rig, 16), 16, true), 16);
}

PROVES("V14-ENTROPY-001")
Test(rng_device, fills_what_is_asked_and_no_more)
{
	uint64_t at = rig_alloc(&rig, 1000);

	cr_expect_eq(ask(at, 777, true), 777);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert_eq(*(uint8_t *)rig_at(&rig, at + i, 1), i < 777 ? 0xa5 : 0);
	cr_expect_eq(source.given, 777);
	cr_expect_eq(rig.interrupts[0], 1);
}

Test(rng_device, a_source_that_claims_more_than_it_was_asked_for_is_dry)
{
	uint64_t at = rig_alloc(&rig, 16);
	uint16_t head;
	uint32_t written;

	source.lies = true;
	rig_offer(&rig, 0, &(struct rig_buffer){at, 8, true}, 1);
	rig_kick(&rig, 0);
	cr_expect_not(rig_used(&rig, 0, &head, &written));
	cr_expect_eq(*(uint8_t *)rig_at(&rig, at, 1), 0);
}

Test(rng_device, RN_001_huge_requests)
{
	struct rig_buffer buffers[250];

	cr_expect_leq(ask(FAKE_HIGH, 0x100000, true), VIRTIO_RNG_SLICE);
	for (unsigned i = 0; i < 250; i++)
		buffers[i] = (struct rig_buffer){FAKE_HIGH, 0x100000, true};
	rig_offer(&rig, 0, buffers, 250);
	rig_kick(&rig, 0);
	fake_port_advance(VIRTIO_RNG_SLICE_NS);
	cr_expect_eq(rig_used_count(&rig, 0), 1);
	cr_expect_leq(source.given, 2 * VIRTIO_RNG_SLICE);
	rig.seen[0]++;
	still_works();
}

Test(rng_device, RN_002_readable_only)
{
	uint64_t at = rig_alloc(&rig, 64);

	cr_expect_eq(ask(at, 64, false), 0);
	cr_expect_eq(ask(at, 0, true), 0);
	cr_expect_eq(source.given, 0);
	still_works();
}

/* A ring that is always full gets one slice of bytes in a slice of time. */
Test(rng_device, RN_003_drained_at_full_rate)
{
	for (unsigned ms = 0; ms < 100; ms++) {
		while ((uint16_t)(rig.rings[0].avail_idx - raw_used_idx(&rig.rings[0])) < 200)
			rig_offer(&rig, 0, &(struct rig_buffer){FAKE_HIGH, 4096, true}, 1);
		for (unsigned i = 0; i < 10; i++)
			rig_kick(&rig, 0);
		fake_port_advance(VIRTIO_RNG_SLICE_NS);
	}
	cr_expect_leq(source.given, 101ull * VIRTIO_RNG_SLICE);
	cr_expect_geq(source.given, 99ull * VIRTIO_RNG_SLICE);
}

/* At least one byte; so the request waits. */
PROVES("V14-ENTROPY-001")
Test(rng_device, RN_005_source_is_dry)
{
	uint16_t head;
	uint32_t written;

	source.dry = true;
	rig_offer(&rig, 0, &(struct rig_buffer){rig_alloc(&rig, 32), 32, true}, 1);
	rig_kick(&rig, 0);
	fake_port_advance(1000000000);
	cr_expect_eq(rig_used_count(&rig, 0), 0);
	source.dry = false;
	fake_port_advance(1000000000);
	cr_assert(rig_used(&rig, 0, &head, &written));
	cr_expect_eq(written, 32);
	still_works();
}

Test(rng_device, a_waiting_request_is_forgotten_at_reset)
{
	source.dry = true;
	rig_offer(&rig, 0, &(struct rig_buffer){rig_alloc(&rig, 32), 32, true}, 1);
	rig_kick(&rig, 0);
	rig_reset(&rig);
	source.dry = false;
	cr_expect_null(fake_port.timers);
	fake_port_advance(1000000000);
	cr_expect_eq(source.given, 0);
	cr_assert(rig_start(&rig, 0));
	still_works();
}
