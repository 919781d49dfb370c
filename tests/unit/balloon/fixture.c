/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/balloon/fixture.h"

#include <string.h>

struct rig rig;
struct virtio_balloon balloon;
struct keeper keeper;

static void note(const uint64_t *pages, size_t count, uint8_t away)
{
	cr_assert_leq(count, BALLOON_BATCH);
	keeper.most = count > keeper.most ? (unsigned)count : keeper.most;
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(pages[i] % 4096, 0);
		if (pages[i] / 4096 < sizeof(keeper.away))
			keeper.away[pages[i] / 4096] = away;
	}
}

static void reuse(const uint64_t *pages, size_t count)
{
	for (size_t i = 0; i < count && keeper.reused; i++)
		memset(rig_at(&rig, pages[i], 4096), 0x99, 4096);
}

static bool release(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	(void)backend;
	if (keeper.busy)
		return false;
	note(pages, count, 1);
	reuse(pages, count);
	keeper.released += (unsigned)count;
	return true;
}

static bool restore(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	(void)backend;
	if (keeper.empty)
		return false;
	note(pages, count, 0);
	keeper.restored += (unsigned)count;
	return true;
}

void balloon_setup_with(uint64_t features)
{
	rig_init(&rig);
	memset(&keeper, 0, sizeof(keeper));
	keeper.backend = (struct balloon_backend){release, restore};
	virtio_balloon_init(&balloon, &(struct virtio_balloon_config){.name = "test balloon0",
	                                                              .mem = &rig.mem.mem,
	                                                              .backend = &keeper.backend});
	rig_plug(&rig, &balloon.device);
	cr_assert(rig_start(&rig, features));
}

void balloon_setup(void)
{
	balloon_setup_with(F_ALL);
}

void balloon_teardown(void)
{
	rig_free(&rig);
}

bool call(unsigned queue, const struct rig_buffer *buffers, unsigned count)
{
	uint16_t head = rig_offer(&rig, queue, buffers, count), back = 0;
	uint32_t written = 0;
	bool used;

	rig_kick(&rig, queue);
	used = rig_used(&rig, queue, &back, &written);
	cr_assert(!used || (back == head && written == 0));
	return used;
}

bool call_words(unsigned queue, const uint32_t *words, unsigned count)
{
	uint64_t at = rig_alloc(&rig, 4 * count);

	memcpy(rig_at(&rig, at, 4 * count), words, 4 * count);
	return call(queue, &(struct rig_buffer){at, 4 * count, false}, 1);
}

uint32_t space(unsigned offset)
{
	return (uint32_t)rig_read(&rig, rig.config + offset, 4);
}

void set_space(unsigned offset, uint32_t value)
{
	rig_write(&rig, rig.config + offset, value, 4);
}
