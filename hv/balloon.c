/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/balloon.h"

#include "hv/machine/virtio_set.h"
#include "hv/vm_pages.h"

/* What devices hold host addresses of: the batch of pages must have none of it. */
struct search {
	const struct virtio_device *own; /* moves no data */
	uint64_t *pages;
	size_t count;
	bool busy;
};

static struct balloon *of_backend(struct balloon_backend *backend)
{
	return (void *)((char *)backend - offsetof(struct balloon, backend));
}

/* Its rings lie there: that page stays, whatever the guest says. */
static void keep_area(struct search *search, uint64_t address, uint64_t size)
{
	size_t kept = 0;

	for (size_t i = 0; i < search->count; i++) {
		uint64_t page = search->pages[i];

		if (page + GUEST_PAGE <= address || page >= address + size)
			search->pages[kept++] = page;
	}
	search->count = kept;
}

static void look_at_queue(struct search *search, const struct virtqueue *vq)
{
	uint64_t size = vq->size;

	if (!vq->enabled)
		return;
	keep_area(search, vq->desc, 16 * size);
	keep_area(search, vq->driver, 6 + 2 * size);
	keep_area(search, vq->device, 6 + 8 * size);
}

/* Requests that are out have buffers somewhere, and which is known to the device alone. */
static void look_at_device(void *context, struct virtio_device *device)
{
	struct search *search = context;

	for (unsigned i = 0; i < device->queue_count; i++) {
		look_at_queue(search, &device->queues[i]);
		if (device != search->own && device->queues[i].enabled &&
		    !device->queues[i].broken && vq_in_flight(&device->queues[i]) > 0)
			search->busy = true;
	}
	search->busy |= !virtio_idle(device);
}

static bool release(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	struct balloon *balloon = of_backend(backend);
	uint64_t copy[BALLOON_BATCH];
	struct search search = {.own = &balloon->device.device, .pages = copy, .count = count};

	for (size_t i = 0; i < count; i++)
		copy[i] = pages[i];
	virtio_set_each(balloon->vm->virtio, look_at_device, &search);
	if (search.busy)
		return false;
	vm_pages_release(balloon->vm, copy, search.count);
	return true;
}

static bool restore(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	bool all = true;

	for (size_t i = 0; i < count && all; i++)
		all = vm_pages_offer(of_backend(backend)->vm, pages[i]);
	return all;
}

void balloon_init(struct balloon *balloon, struct vm *vm, const char *name)
{
	balloon->vm = vm;
	balloon->backend = (struct balloon_backend){release, restore};
	virtio_balloon_init(&balloon->device, &(struct virtio_balloon_config){
	                                          .name = name,
	                                          .mem = &vm->mem,
	                                          .backend = &balloon->backend,
	                                          .timer_scope = &vm->vcpus[0],
	                                      });
}

bool balloon_resize(struct balloon *balloon, uint64_t memory)
{
	uint64_t all = balloon->vm->config->memory;

	if (memory > all)
		return false;
	virtio_balloon_set_target(&balloon->device, (uint32_t)((all - memory) / GUEST_PAGE));
	return true;
}
