/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues that cannot be: of every device over every transport. Such a queue does not begin, no kick
 * of it does anything, and the device goes on; the next set-up is right.
 */
#include "tests/unit/hostile_rings/ways.h"

enum { SIZE = 8, RING = 0x8000 };
#define KEEP 0x77 /* the right value of a field */

static const struct wrong {
	const char *id;
	uint16_t size; /* KEEP, or not a size; then it may be another one that counts */
	uint64_t desc, avail, used;
} all[] = {
    {"LC-001", 0, KEEP, KEEP, KEEP},
    {"LC-002", 3, KEEP, KEEP, KEEP},
    {"LC-002", 6, KEEP, KEEP, KEEP},
    {"LC-002", 1000, KEEP, KEEP, KEEP},
    {"LC-003", 512, KEEP, KEEP, KEEP},
    {"LC-003", 32769, KEEP, KEEP, KEEP},
    {"LC-003", 65535, KEEP, KEEP, KEEP},
    {"LC-007", KEEP, 1ull << 40, KEEP, KEEP},
    {"LC-007", KEEP, KEEP, FAKE_LOW_END - 8, KEEP},
    {"LC-007", KEEP, KEEP, KEEP, FAKE_LOW_END + 0x1000},
    {"LC-007", KEEP, FAKE_REGISTERS, KEEP, KEEP},
    {"LC-007", KEEP, KEEP, KEEP, FAKE_REGISTERS},
    {"LC-007", KEEP, KEEP, KEEP, FAKE_ROM},
    {"LC-008", KEEP, UINT64_MAX - 15, KEEP, KEEP},
    {"LC-008", KEEP, KEEP, UINT64_MAX - 1, KEEP},
    {"LC-008", KEEP, KEEP, KEEP, UINT64_MAX - 3},
};

static struct raw_ring right_ring(void)
{
	struct raw_ring ring;

	raw_ring_init(&ring, &machine.mem, RING, SIZE);
	return ring;
}

static struct raw_ring wrong_ring(const struct wrong *wrong)
{
	struct raw_ring ring = right_ring();

	ring.size = wrong->size == KEEP ? ring.size : wrong->size;
	ring.desc = wrong->desc == KEEP ? ring.desc : wrong->desc;
	ring.avail = wrong->avail == KEEP ? ring.avail : wrong->avail;
	ring.used = wrong->used == KEEP ? ring.used : wrong->used;
	return ring;
}

static void begin(const struct way *way, const struct victim *victim, const struct raw_ring *ring)
{
	way->begin(victim->features);
	way->queue(victim->queue, ring);
	way->run();
	way->kick(victim->queue);
}

static void try(const struct way *way, const struct victim *victim, const struct wrong *wrong)
{
	struct virtio_device *device = machine_with(victim, way);
	const struct virtqueue *vq = &device->queues[victim->queue];
	struct raw_ring ring = wrong_ring(wrong);

	begin(way, victim, &ring);
	cr_expect(!vq->enabled || (wrong->size != KEEP && vq->size != wrong->size && vq->size > 0),
	          "%s: %s over %s", wrong->id, victim->name, way->name);
	cr_expect_eq(way->status(), 15, "%s: %s over %s", wrong->id, victim->name, way->name);
	cr_expect_eq(machine.mem.register_accesses, 0);
	ring = right_ring();
	begin(way, victim, &ring);
	cr_expect(vq->enabled && vq->size == SIZE);
	cr_expect_eq(way->status(), 15, "%s: %s over %s", wrong->id, victim->name, way->name);
	machine_end();
}

static void try_all(const struct way *way)
{
	for (unsigned i = 0; i < victim_count; i++)
		for (unsigned n = 0; n < sizeof(all) / sizeof(all[0]); n++)
			try(way, &victims[i], &all[n]);
}

Test(hostile_rings, no_queue_of_that_kind_over_pci)
{
	try_all(&way_pci);
}

Test(hostile_rings, no_queue_of_that_kind_over_mmio)
{
	try_all(&way_mmio);
}

Test(hostile_rings, no_queue_of_that_kind_over_channel_io)
{
	try_all(&way_ccw);
}
