/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every wrong ring of the catalogue that a device can be given, to every device over every
 * transport: the device says NEEDS_RESET, has touched nothing, and works again after a reset. That
 * each has its own reason is proved in tests/unit/virtqueue and vq_packed.
 */
#include "tests/unit/hostile_rings/ways.h"

#include <string.h>

#include "tests/lib/raw_packed.h"

enum { SIZE = 8, RING = 0x8000, TABLE = 0x20000, BUFFER = 0x30000, BUFFER_SIZE = 0x1000 };
enum { N = RAW_NEXT, W = RAW_WRITE, I = RAW_INDIRECT, ALL = 0xffff };
#define NOWHERE (1ull << 40)

static uint8_t ours[16]; /* of the hypervisor, by its host address */

/* Up to two descriptors in the ring and two in a table. */
static const struct wrong {
	const char *id; /* packed: PR-002, PR-015, PR-016, PR-020 are the same mistakes */
	bool split_only;
	uint16_t head, jump; /* the index in the avail ring; avail idx beyond the right one */
	struct raw_desc ring[2], table[2];
} all[] = {
    {"SR-001", true, 0, 0, {{BUFFER, 16, N, 0}}, {{0}}},
    {"SR-002", true, 0, 0, {{BUFFER, 16, N, 1}, {BUFFER, 16, N, 0}}, {{0}}},
    {"SR-004", true, 0, 0, {{BUFFER, 0, N, 0}}, {{0}}},
    {"SR-006", true, SIZE, 0, {{BUFFER, 16, 0, 0}}, {{0}}},
    {"SR-008", true, 0, 0xfffe, {{BUFFER, 16, 0, 0}}, {{0}}},
    {"SR-013", false, 0, 0, {{BUFFER, 16, W | N, 1}, {BUFFER, 16, 0, 0}}, {{0}}},
    {"SR-015", false, 0, 0, {{NOWHERE, 16, 0, 0}}, {{0}}},
    {"SR-016", false, 0, 0, {{FAKE_HIGH_END - 15, 16, 0, 0}}, {{0}}},
    {"SR-017", false, 0, 0, {{FAKE_LOW_END - 8, 16, W, 0}}, {{0}}},
    {"SR-018", false, 0, 0, {{FAKE_REGISTERS, 16, W, 0}}, {{0}}},
    {"SR-019", false, 0, 0, {{FAKE_ROM, 16, W, 0}}, {{0}}},
    {"SR-022", false, 0, 0, {{BUFFER, 0xffffffff, W, 0}}, {{0}}},
    {"SR-025", false, 0, 0, {{TABLE, 32, I, 0}}, {{TABLE, 16, I, 0}}},
    {"SR-026", false, 0, 0, {{TABLE, 16, I | N, 1}, {BUFFER, 16, 0, 0}}, {{BUFFER, 16, 0, 0}}},
    {"SR-027", false, 0, 0, {{TABLE, 0, I, 0}}, {{0}}},
    {"SR-030", false, 0, 0, {{FAKE_HIGH_END - 16, 32, I, 0}}, {{0}}},
    {"SR-032", true, 0, 0, {{TABLE, 32, I, 0}}, {{BUFFER, 16, N, 0}}},
    {"SR-033", true, 0, 0, {{TABLE, 32, I, 0}}, {{BUFFER, 16, N, 7}}},
    {"SR-046", true, 0, 0, {{UINT64_MAX, UINT32_MAX, ALL, ALL}}, {{0}}},
};

/* The hypervisor's own address is known at run time only. */
static struct wrong at_the_hypervisor(void)
{
	return (struct wrong){.id = "SR-020", .ring = {{(uintptr_t)ours, sizeof(ours), W, 0}}};
}

static struct raw_ring ring; /* packed: its places */
static struct raw_packed packed;

static void lay_out(bool is_packed)
{
	if (!is_packed) {
		raw_ring_init(&ring, &machine.mem, RING, SIZE);
		return;
	}
	raw_packed_init(&packed, &machine.mem, RING, SIZE);
	ring = (struct raw_ring){.mem = &machine.mem,
	                         .size = SIZE,
	                         .desc = packed.desc,
	                         .avail = packed.driver,
	                         .used = packed.device};
}

static void offer_split(const struct wrong *wrong)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct raw_desc *desc = &wrong->ring[i], *entry = &wrong->table[i];

		raw_desc(&ring, i, desc->addr, desc->len, desc->flags, desc->next);
		raw_table(&ring, TABLE, i, entry->addr, entry->len, entry->flags, entry->next);
	}
	raw_offer(&ring, wrong->head);
	if (wrong->jump)
		raw_set_avail_idx(&ring, wrong->jump);
}

static void offer_packed(const struct wrong *wrong)
{
	struct raw_piece pieces[2];
	unsigned count = wrong->ring[0].flags & N ? 2 : 1;

	for (unsigned i = 0; i < 2; i++) {
		const struct raw_desc *desc = &wrong->ring[i], *entry = &wrong->table[i];

		pieces[i] = (struct raw_piece){desc->addr, desc->len, desc->flags & (W | I)};
		raw_packed_entry(&packed, TABLE, i, entry->addr, entry->len, 0, entry->flags);
	}
	raw_packed_offer(&packed, 0, pieces, count);
}

static void begin(const struct way *way, const struct victim *victim, bool is_packed)
{
	way->begin(VIRTIO_F_INDIRECT_DESC | (is_packed ? VIRTIO_F_RING_PACKED : 0) |
	           victim->features);
	lay_out(is_packed);
	way->queue(victim->queue, &ring);
	way->run();
}

static bool untouched(const uint8_t *bytes, uint8_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static bool nothing_touched(void)
{
	return machine.mem.register_accesses == 0 && untouched(ours, 0x66, sizeof(ours)) &&
	       untouched(fake_mem_at(&machine.mem, BUFFER, BUFFER_SIZE), 0x55, BUFFER_SIZE) &&
	       untouched(fake_mem_at(&machine.mem, FAKE_ROM, 16), FAKE_ROM_BYTE, 16);
}

static void try(const struct way *way, const struct victim *victim, const struct wrong *wrong,
                bool is_packed)
{
	struct virtio_device *device = machine_with(victim, way);

	memset(ours, 0x66, sizeof(ours));
	memset(fake_mem_at(&machine.mem, BUFFER, BUFFER_SIZE), 0x55, BUFFER_SIZE);
	begin(way, victim, is_packed);
	cr_assert_eq(way->status(), 15, "%s over %s", victim->name, way->name);
	(is_packed ? offer_packed : offer_split)(wrong);
	way->kick(victim->queue);
	cr_expect(way->status() & VIRTIO_NEEDS_RESET, "%s: %s over %s%s", wrong->id, victim->name,
	          way->name, is_packed ? ", packed" : "");
	cr_expect(nothing_touched(), "%s: %s over %s", wrong->id, victim->name, way->name);
	begin(way, victim, is_packed);
	way->kick(victim->queue);
	cr_expect_eq(way->status(), 15, "%s: %s over %s", wrong->id, victim->name, way->name);
	cr_expect(virtio_idle(device));
	machine_end();
}

static void try_all_rings(const struct way *way, const struct victim *victim)
{
	struct wrong last = at_the_hypervisor();

	for (unsigned i = 0; i <= sizeof(all) / sizeof(all[0]); i++) {
		const struct wrong *wrong = i < sizeof(all) / sizeof(all[0]) ? &all[i] : &last;

		try(way, victim, wrong, false);
		if (!wrong->split_only)
			try(way, victim, wrong, true);
	}
}

static void try_all(const struct way *way)
{
	for (unsigned i = 0; i < victim_count; i++)
		try_all_rings(way, &victims[i]);
}

TestSuite(hostile_rings, .timeout = 120);

Test(hostile_rings, every_device_over_pci)
{
	try_all(&way_pci);
}

Test(hostile_rings, every_device_over_mmio)
{
	try_all(&way_mmio);
}

Test(hostile_rings, every_device_over_channel_io)
{
	try_all(&way_ccw);
}
