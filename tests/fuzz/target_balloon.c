/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The balloon over both rings. Pages that go are really gone: whoever touches one that was not
 * brought back by way of the guest's memory dies of it.
 * Planted: guest-devices/virtio/balloon_free.c: "first < size && count < BALLOON_BATCH;"
 * becomes "first < size && count <= BALLOON_BATCH;"
 */
#include "guest-devices/virtio/balloon.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/fuzz/fuzz.h"

enum { RAM_SLOTS = 3, SLOT_PAGES = (FAKE_HIGH_END - FAKE_SEAM) / GUEST_PAGE };

static struct virtio_balloon balloon;
static struct keeper {
	struct balloon_backend backend;
	struct guest_mem_pager pager;
	struct guest_mem *mem;
	uint8_t *pages[RAM_SLOTS][SLOT_PAGES];
	bool busy, empty;
} keeper;

/* ---- who has the memory ---- */

/* Where the page stands in its slot's table, and where it is in host memory. NULL: it is no RAM. */
static uint8_t **place_of(uint64_t address, uint8_t **host)
{
	const struct guest_mem_slot *slot = guest_mem_slot(keeper.mem, address);

	if (!slot || !slot->pages)
		return NULL;
	*host = slot->host + (address - slot->address);
	return &slot->pages[(address - slot->address) / GUEST_PAGE];
}

static void protect(uint8_t *host, int rights)
{
	if (mprotect(host, GUEST_PAGE, rights))
		abort();
}

static bool bring(struct guest_mem_pager *pager, uint64_t address)
{
	uint8_t *host, **place = place_of(address, &host);

	(void)pager;
	protect(host, PROT_READ | PROT_WRITE);
	memset(host, 0, GUEST_PAGE);
	*place = host;
	return true;
}

static bool in_area(uint64_t page, uint64_t address, uint64_t size)
{
	return page < address + size && address < page + GUEST_PAGE;
}

/* As the hypervisor does it: pages with rings stay. */
static bool has_ring(uint64_t page)
{
	for (unsigned i = 0; i < BALLOON_QUEUES; i++) {
		const struct virtqueue *vq = &balloon.rings[i];

		if (vq->enabled && (in_area(page, vq->desc, 16ull * vq->size) ||
		                    in_area(page, vq->driver, 6 + 2ull * vq->size) ||
		                    in_area(page, vq->device, 6 + 8ull * vq->size)))
			return true;
	}
	return false;
}

static void check_call(const uint64_t *pages, size_t count)
{
	if (count == 0 || count > BALLOON_BATCH)
		abort();
	for (size_t i = 0; i < count; i++)
		if (pages[i] % GUEST_PAGE != 0)
			abort();
}

static bool release(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	(void)backend;
	check_call(pages, count);
	for (size_t i = 0; i < count && !keeper.busy; i++) {
		uint8_t *host, **place = place_of(pages[i], &host);

		if (!place || !*place || has_ring(pages[i]))
			continue;
		*place = NULL;
		protect(host, PROT_NONE);
	}
	return !keeper.busy;
}

static bool restore(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	(void)backend;
	check_call(pages, count);
	for (size_t i = 0; i < count && !keeper.empty; i++) {
		uint8_t *host, **place = place_of(pages[i], &host);

		if (place && !*place)
			bring(&keeper.pager, pages[i]);
	}
	return !keeper.empty;
}

/* ---- the target ---- */

static void cut_into_pages(struct guest_mem *mem)
{
	keeper.mem = mem;
	mem->pager = &keeper.pager;
	for (unsigned i = 0; i < RAM_SLOTS; i++) {
		for (unsigned page = 0; page < SLOT_PAGES; page++)
			keeper.pages[i][page] = mem->slots[i].host + page * GUEST_PAGE;
		mem->slots[i].pages = keeper.pages[i];
	}
}

static void create(struct fuzz *fuzz)
{
	keeper = (struct keeper){.backend = {release, restore}, .pager = {bring}};
	cut_into_pages(&fuzz->mem.mem);
	virtio_balloon_init(&balloon, &(struct virtio_balloon_config){
	                                  .name = "balloon",
	                                  .mem = &fuzz->mem.mem,
	                                  .backend = &keeper.backend,
	                                  .timer_scope = fuzz,
	                              });
	virtio_offer(&balloon.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &balloon.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	switch (what % 5) {
	case 0:
		virtio_balloon_set_target(&balloon, fuzz_u32(fuzz));
		break;
	case 1:
		virtio_balloon_ask_stats(&balloon);
		break;
	case 2:
		virtio_balloon_start_hints(&balloon);
		break;
	case 3:
		keeper.busy = !keeper.busy;
		break;
	default:
		keeper.empty = !keeper.empty;
	}
}

/* A run of page numbers as an array, or as buffers: a queue's own kind of request. */
static void pages(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint32_t first = fuzz_u16(fuzz), count = fuzz_u16(fuzz) % 1200, queue = how % 5;
	uint64_t at = how & 0x80 ? first % 0x400 * (uint64_t)GUEST_PAGE : 0x80000;
	struct raw_piece piece = {at, 4 * count, 0};

	for (uint32_t i = 0; i < count && queue < BALLOON_STATS; i++)
		guest_mem_write(&fuzz->mem.mem, at + 4ull * i, &(uint32_t){first + i}, 4);
	if (queue >= BALLOON_STATS)
		piece = (struct raw_piece){(uint64_t)first * GUEST_PAGE, count * GUEST_PAGE / 2, 2};
	fuzz_run_wild(fuzz);
	fuzz_offer(fuzz, queue, &piece, 1);
	fuzz_kick(fuzz, queue);
}

const struct fuzz_target fuzz_target = {.create = create, .event = event, .own = pages};
