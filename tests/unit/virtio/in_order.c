/* SPDX-License-Identifier: BSD-2-Clause */
/* VIRTIO_F_IN_ORDER: back-ends finish in any order, the driver sees the order of its own
 * (VIRTIO 1.4, 2.6, 6). */
#include "tests/lib/raw_packed.h"
#include "tests/unit/virtio/fixture.h"

TestSuite(virtio_in_order, .init = setup, .fini = teardown);

static void hold(unsigned count)
{
	probe.hold = true;
	for (unsigned i = 0; i < count; i++)
		offer();
	virtio_kick(device, 0);
	cr_assert_eq(probe.held_count, count);
}

PROVES("V14-CORE-028")
Test(virtio_in_order, split)
{
	start_with(VIRTIO_F_IN_ORDER);
	hold(4);
	probe_complete(&probe, 2);
	probe_complete(&probe, 1);
	cr_assert_eq(raw_used_idx(&ring), 0, "the first is still out");
	cr_assert_eq(vq_in_flight(&probe.queues[0]), 4);
	probe_complete(&probe, 0);
	cr_assert_eq(raw_used_idx(&ring), 3);
	probe_complete(&probe, 3);
	for (uint16_t i = 0; i < 4; i++) {
		cr_assert_eq(raw_used_id(&ring, i), 2u * i);
		cr_assert_eq(raw_used_len(&ring, i), 4);
	}
	cr_assert_eq(device->misuse, 0);
}

Test(virtio_in_order, without_it_they_are_used_as_they_finish)
{
	start();
	hold(2);
	probe_complete(&probe, 1);
	cr_assert_eq(raw_used_id(&ring, 0), 2);
}

Test(virtio_in_order, many_laps_in_random_order)
{
	uint64_t seed = 7;

	start_with(VIRTIO_F_IN_ORDER);
	for (uint16_t round = 0; round < 20000; round++) {
		unsigned order[4] = {0, 1, 2, 3};

		hold(4);
		for (unsigned i = 3; i > 0; i--) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			unsigned j = (unsigned)(seed >> 33) % (i + 1), t = order[i];
			order[i] = order[j];
			order[j] = t;
		}
		for (unsigned i = 0; i < 4; i++)
			probe_complete(&probe, order[i]);
		probe.held_count = 0;
		cr_assert_eq(raw_used_idx(&ring), (uint16_t)(4 * (round + 1)));
		for (uint16_t i = 0; i < 4; i++)
			cr_assert_eq(raw_used_id(&ring, (uint16_t)(4 * round + i)), 2u * i);
	}
}

static struct raw_packed packed;

static void start_packed(void)
{
	virtio_offer(device, VIRTIO_F_RING_PACKED);
	probe_negotiate(&probe, VIRTIO_F_IN_ORDER | VIRTIO_F_RING_PACKED);
	raw_packed_init(&packed, &fake, FAKE_HIGH, 5);
	cr_assert(raw_packed_attach(&packed, device, 0));
	probe_go(&probe);
}

PROVES("V14-CORE-028")
Test(virtio_in_order, PR_024_packed_with_ids_that_are_not_in_sequence)
{
	const uint16_t ids[] = {40000, 3, 65535, 7};
	uint16_t id;
	uint32_t len;

	start_packed();
	probe.hold = true;
	for (unsigned i = 0; i < 4; i++)
		raw_packed_offer1(&packed, ids[i], DATA, 4 + i, RAW_WRITE);
	virtio_kick(device, 0);
	for (unsigned i = 3; i > 0; i--)
		probe_complete(&probe, i);
	cr_assert_not(raw_packed_used(&packed, &id, &len));
	probe_complete(&probe, 0);
	for (unsigned i = 0; i < 4; i++) {
		cr_assert(raw_packed_used(&packed, &id, &len));
		cr_assert_eq(id, ids[i]);
		cr_assert_eq(len, 4 + i);
	}
}

Test(virtio_in_order, a_reset_forgets_who_waits)
{
	start_with(VIRTIO_F_IN_ORDER);
	hold(3);
	probe_complete(&probe, 1);
	virtio_set_status(device, 0);
	probe_complete(&probe, 0);
	probe_complete(&probe, 2);
	probe.held_count = 0;
	probe.hold = false;
	start_with(VIRTIO_F_IN_ORDER);
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}
