/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/probe.h"

#include <string.h>

static struct probe *probe_of(struct virtio_device *device)
{
	return (struct probe *)device; /* its first member */
}

static void reset(struct virtio_device *device)
{
	probe_of(device)->resets++;
}

static void start(struct virtio_device *device)
{
	probe_of(device)->starts++;
}

static void answer(struct probe *probe, unsigned queue)
{
	const struct vq_chain *chain = &probe->chain;
	uint8_t bytes[256];
	uint32_t done = 0;

	for (size_t got; (got = vq_read(chain, done, bytes, sizeof(bytes))) > 0;) {
		vq_write(chain, done, bytes, got);
		done += (uint32_t)got;
	}
	probe->bytes += done;
	virtio_used(&probe->device, queue, chain, done);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	struct probe *probe = probe_of(device);
	struct virtqueue *vq = &probe->queues[queue];

	probe->notifies++;
	for (unsigned budget = vq->size; budget > 0; budget--) {
		if (!vq_pop(vq, &probe->chain))
			break;
		probe->chains++;
		if (probe->hold && probe->held_count < 8) {
			probe->held[probe->held_count++] = probe->chain;
			virtio_hold(device);
		} else {
			answer(probe, queue);
		}
	}
	vq_want_kicks(vq, true);
}

void probe_complete(struct probe *probe, unsigned i)
{
	virtio_used(&probe->device, 0, &probe->held[i], probe->held[i].write_size);
	virtio_release(&probe->device);
}

static void config_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	if (offset >= 8 && offset + size <= 12)
		memcpy(device->config + offset, from, size);
	else
		virtio_misuse(device);
}

static bool features_valid(const struct virtio_device *device, uint64_t features)
{
	const struct probe *probe = (const struct probe *)device;

	return !probe->refuse_event || !(features & VIRTIO_F_EVENT_IDX);
}

static void negotiated(struct virtio_device *device)
{
	probe_of(device)->negotiations++;
}

static void drain(struct virtio_device *device, unsigned queue)
{
	(void)queue;
	probe_of(device)->drains++;
}

static void queue_reset(struct virtio_device *device, unsigned queue)
{
	(void)queue;
	probe_of(device)->queue_resets++;
}

static void queue_interrupt(void *context, unsigned queue)
{
	(void)queue;
	((struct probe *)context)->queue_interrupts++;
}

static void config_interrupt(void *context)
{
	((struct probe *)context)->config_interrupts++;
}

void probe_init(struct probe *probe, const struct guest_mem *mem, uint16_t queue_size_max)
{
	static const struct virtio_ops ops = {.reset = reset,
	                                      .start = start,
	                                      .notify = notify,
	                                      .config_write = config_write,
	                                      .features_valid = features_valid,
	                                      .negotiated = negotiated,
	                                      .drain = drain,
	                                      .queue_reset = queue_reset};
	const struct virtio_wires wires = {.queue_interrupt = queue_interrupt,
	                                   .config_interrupt = config_interrupt,
	                                   .context = probe};

	memset(probe, 0, sizeof(*probe));
	for (unsigned i = 0; i < sizeof(probe->config); i++)
		probe->config[i] = (uint8_t)(0xa0 + i);
	probe->device = (struct virtio_device){.ops = &ops,
	                                       .name = "alpha probe0",
	                                       .type = 4,
	                                       .offered = 1 | 1ull << 33,
	                                       .config = probe->config,
	                                       .config_size = sizeof(probe->config),
	                                       .queues = probe->queues,
	                                       .queue_count = PROBE_QUEUES};
	virtio_init(&probe->device, mem, queue_size_max);
	virtio_connect(&probe->device, &wires);
}

void probe_negotiate(struct probe *probe, uint64_t features)
{
	struct virtio_device *device = &probe->device;

	virtio_set_status(device, 0);
	virtio_set_status(device, VIRTIO_ACKNOWLEDGE);
	virtio_set_status(device, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	virtio_set_features(device, features | VIRTIO_F_VERSION_1);
	virtio_set_status(device, device->status | VIRTIO_FEATURES_OK);
}

void probe_go(struct probe *probe)
{
	virtio_set_status(&probe->device, probe->device.status | VIRTIO_DRIVER_OK);
}
