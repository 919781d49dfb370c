/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/drivers/virtio_blk.h"

#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <string.h>

#define BLK_F_SIZE_MAX (1ull << 1)
#define BLK_F_SEG_MAX  (1ull << 2)
#define BLK_F_RO       (1ull << 5)
#define BLK_F_FLUSH    (1ull << 9)

enum { CONFIG_CAPACITY = 0, CONFIG_SIZE_MAX = 8, CONFIG_SEG_MAX = 12 }; /* 5.2.4 */
enum { TYPE_IN = 0, TYPE_OUT = 1, TYPE_FLUSH = 4 };
enum { STATUS_OK = 0, STATUS_UNSUPPORTED = 2, STATUS_NONE = 0xff };

#define SECTOR       512
#define CAPACITY_MAX (1ull << 54) /* sectors; more would overflow bytes */

static struct host_blk *blk_of(struct blk_backend *backend)
{
	return (struct host_blk *)(void *)backend;
}

/* ---- interrupts ---- */

static void config_interrupt(void *context)
{
	((struct host_blk *)context)->config_pending = true;
}

static void queue_interrupt(void *context)
{
	struct host_blk *blk = context;

	blk->interrupts++;
	if (blk->port.config_vector == blk->port.queue_vector)
		blk->config_pending = true;
}

/* ---- requests ---- */

static bool within(const struct host_blk *blk, const struct blk_request *request)
{
	uint64_t sum = 0;

	if (request->op == BLK_FLUSH)
		return true;
	if (!request->size || request->size % SECTOR || request->offset % SECTOR ||
	    request->offset > blk->backend.capacity ||
	    request->size > blk->backend.capacity - request->offset)
		return false;
	if (!request->span_count || request->span_count > blk->segments)
		return false;
	for (unsigned i = 0; i < request->span_count; i++) {
		if (!request->spans[i].size || request->spans[i].size > blk->segment_max)
			return false;
		sum += request->spans[i].size;
	}
	return sum == request->size;
}

/* What to answer without asking the device; -1: ask it. */
static int answer_at_once(const struct host_blk *blk, const struct blk_request *request)
{
	if (blk->offline)
		return BLK_IO_ERROR;
	if (request->op != BLK_READ && request->op != BLK_WRITE && request->op != BLK_FLUSH)
		return BLK_NOT_SUPPORTED;
	if (request->op == BLK_FLUSH && !(blk->port.port.features & BLK_F_FLUSH))
		return BLK_OK; /* such a device writes through */
	if (request->op == BLK_WRITE && blk->backend.read_only)
		return BLK_IO_ERROR;
	return within(blk, request) ? -1 : BLK_IO_ERROR;
}

static struct host_blk_slot *free_slot(struct host_blk *blk)
{
	for (unsigned i = 0; i < HOST_BLK_IN_FLIGHT; i++)
		if (!blk->slots[i].request)
			return &blk->slots[i];
	return NULL;
}

static uint32_t type_of(enum blk_op op)
{
	return op == BLK_READ ? TYPE_IN : op == BLK_WRITE ? TYPE_OUT : TYPE_FLUSH;
}

/* Header, payload, status. ERR_BUSY: later. */
static int hand_over(struct host_blk *blk, struct blk_request *request)
{
	struct blk_span spans[HOST_BLK_SEGMENTS + 2];
	struct host_blk_slot *slot = free_slot(blk);
	unsigned payload = request->op == BLK_FLUSH ? 0 : request->span_count;
	unsigned writable = request->op == BLK_READ ? payload + 1 : 1;
	int err;

	if (!slot)
		return ERR_BUSY;
	slot->head.type = type_of(request->op);
	slot->head.reserved = 0;
	slot->head.sector = request->op == BLK_FLUSH ? 0 : request->offset / SECTOR;
	slot->status = STATUS_NONE;
	spans[0] = (struct blk_span){&slot->head, sizeof(slot->head)};
	for (unsigned i = 0; i < payload; i++)
		spans[i + 1] = request->spans[i];
	spans[payload + 1] = (struct blk_span){&slot->status, 1};
	err = ring_add(&blk->ring, spans, payload + 2 - writable, writable, slot);
	if (!err)
		slot->request = request;
	return err;
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	struct host_blk *blk = blk_of(backend);
	int answer = answer_at_once(blk, request);

	if (answer >= 0) {
		request->done(request, (enum blk_result)answer);
		return;
	}
	/* in order: nothing overtakes a request that waits */
	if (blk->polling || blk->waiting || hand_over(blk, request)) {
		request->next = NULL;
		*blk->waiting_end = request;
		blk->waiting_end = &request->next;
	} else {
		virtio_port_kick(&blk->port.port, 0, &blk->ring);
	}
}

static struct blk_request *take_waiting(struct host_blk *blk)
{
	struct blk_request *request = blk->waiting;

	blk->waiting = request->next;
	if (!blk->waiting)
		blk->waiting_end = &blk->waiting;
	return request;
}

static void finish(struct host_blk_slot *slot, enum blk_result result)
{
	struct blk_request *request = slot->request;

	slot->request = NULL;
	request->done(request, result);
}

static enum blk_result result_of(const struct host_blk_slot *slot, uint32_t written)
{
	uint8_t status = slot->status;
	uint64_t expected = 1 + (slot->request->op == BLK_READ ? slot->request->size : 0);

	if (status == STATUS_UNSUPPORTED)
		return BLK_NOT_SUPPORTED;
	/* a read that delivered less than everything is no success, whatever the status says */
	return status == STATUS_OK && written >= expected ? BLK_OK : BLK_IO_ERROR;
}

/* The device failed: it is stopped for good, and everything it had has failed. */
static void go_offline(struct host_blk *blk, const char *why)
{
	struct host_blk_slot *slot;

	blk->offline = true;
	virtio_port_fail(&blk->port.port, why);
	virtio_port_reset(&blk->port.port);
	virtio_pci_port_close(&blk->port);
	while ((slot = ring_take_back(&blk->ring)) != NULL)
		finish(slot, BLK_IO_ERROR);
	while (blk->waiting) {
		struct blk_request *request = take_waiting(blk);

		request->done(request, BLK_IO_ERROR);
	}
}

static void check(struct host_blk *blk)
{
	if (blk->offline)
		return;
	if (blk->ring.broken) {
		go_offline(blk, blk->ring.broken);
	} else if (blk->config_pending) {
		blk->config_pending = false;
		if (virtio_port_ill(&blk->port.port))
			go_offline(blk, "the device is gone or wants a reset");
	}
}

void host_blk_poll(struct host_blk *blk)
{
	struct host_blk_slot *slot;
	uint32_t written;

	if (blk->polling || blk->offline)
		return;
	blk->polling = true;
	for (unsigned i = 0; i < HOST_BLK_IN_FLIGHT; i++) {
		slot = ring_reap(&blk->ring, &written);
		if (!slot)
			break;
		finish(slot, result_of(slot, written));
	}
	while (blk->waiting && hand_over(blk, blk->waiting) == 0)
		take_waiting(blk);
	virtio_port_kick(&blk->port.port, 0, &blk->ring);
	check(blk);
	blk->polling = false;
}

/* ---- start ---- */

static int read_limits(struct host_blk *blk)
{
	struct virtio_port *port = &blk->port.port;
	uint64_t sectors = virtio_port_config(port, CONFIG_CAPACITY, 8);

	blk->segment_max = UINT32_MAX;
	blk->segments = HOST_BLK_SEGMENTS;
	blk->backend.read_only = port->features & BLK_F_RO;
	if (port->features & BLK_F_SIZE_MAX)
		blk->segment_max = (uint32_t)virtio_port_config(port, CONFIG_SIZE_MAX, 4);
	if (port->features & BLK_F_SEG_MAX) {
		uint32_t most = (uint32_t)virtio_port_config(port, CONFIG_SEG_MAX, 4);

		blk->segments = most < HOST_BLK_SEGMENTS ? most : HOST_BLK_SEGMENTS;
	}
	if (sectors > CAPACITY_MAX)
		return virtio_port_fail(port, "its capacity is absurd");
	if (blk->segment_max < SECTOR || !blk->segments)
		return virtio_port_fail(port, "its limits leave no room for a sector");
	blk->backend.capacity = sectors * SECTOR;
	return 0;
}

static int bring_up(struct host_blk *blk, uint8_t *ring)
{
	struct virtio_port *port = &blk->port.port;
	int err;

	virtio_pci_port_interrupts(&blk->port, config_interrupt, queue_interrupt, blk);
	err = virtio_port_begin(port,
	                        BLK_F_SIZE_MAX | BLK_F_SEG_MAX | BLK_F_RO | BLK_F_FLUSH |
	                            RING_FEATURES | RING_F_PACKED,
	                        0);
	if (!err)
		err = read_limits(blk);
	if (!err)
		err = virtio_port_queue(port, 0, &blk->ring, ring, HOST_BLK_RING);
	if (!err && blk->ring.size < 4u)
		err = virtio_port_fail(port, "its queue is too small");
	return err ? err : virtio_port_go(port);
}

int host_blk_start(struct host_blk *blk, struct host_pci_device *pci)
{
	size_t slots = HOST_BLK_IN_FLIGHT * sizeof(struct host_blk_slot);
	size_t pages =
	    (slots + RING_ALIGN + ring_bytes(HOST_BLK_RING, true) + PAGE_SIZE - 1) / PAGE_SIZE;
	uint8_t *memory;
	int err = virtio_pci_port_open(&blk->port, pci, "virtio-blk");

	if (err)
		return err;
	memory = pages_alloc(pages, PAGE_SIZE);
	if (!memory) {
		log_error("%s: no memory for its queue", blk->port.name);
		return ERR_NO_MEMORY;
	}
	blk->slots = (struct host_blk_slot *)(void *)memory;
	blk->waiting_end = &blk->waiting;
	blk->backend.submit = submit;
	err = bring_up(blk, memory + ((slots + RING_ALIGN - 1) & ~(size_t)(RING_ALIGN - 1)));
	if (err) {
		/* memory that a device may still write to is never given back */
		bool quiet = virtio_port_reset(&blk->port.port) == 0;

		virtio_pci_port_close(&blk->port);
		if (quiet)
			pages_free(memory, pages);
		return err;
	}
	log_info("%s: %llu MiB%s", blk->port.name,
	         (unsigned long long)(blk->backend.capacity >> 20),
	         blk->backend.read_only ? ", read-only" : "");
	return 0;
}
