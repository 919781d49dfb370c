/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest virtio device, for tests of what lies below device types. It answers each chain by
 * copying the readable bytes to the writable part, or keeps chains as a slow back-end
 * would (hold).
 */
#pragma once

#include "guest-devices/virtio/virtio.h"

#define PROBE_QUEUES 3

struct probe {
	struct virtio_device device;
	struct virtqueue queues[PROBE_QUEUES];
	uint8_t config[16];    /* bytes 8-11 are writable */
	bool hold;             /* keep chains in held[] instead of answering */
	bool refuse_event;     /* features_valid refuses EVENT_IDX */
	struct vq_chain chain; /* the last one popped */
	struct vq_chain held[8];
	unsigned held_count;
	/* what happened */
	unsigned resets, starts, notifies, chains, queue_interrupts, config_interrupts;
	unsigned drains, queue_resets, negotiations;
	uint64_t bytes; /* read from chains */
};

/* Ready for a transport; its own wires count interrupts until one is connected. */
void probe_init(struct probe *probe, const struct guest_mem *mem, uint16_t queue_size_max);

/* Up to FEATURES_OK with these features (VERSION_1 is added), then queues, then DRIVER_OK. */
void probe_negotiate(struct probe *probe, uint64_t features);
void probe_go(struct probe *probe);

/* The back-end is done with held chain i of queue 0. */
void probe_complete(struct probe *probe, unsigned i);
