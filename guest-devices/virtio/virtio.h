/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio device without a transport: status machine, feature negotiation, queues, configuration
 * space (VIRTIO 1.4, 2.1-2.5, 3.1). A device type gives virtio_ops and a configuration structure; a
 * transport gives virtio_wires. Neither knows the other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest-devices/virtio/virtqueue.h"

enum { /* device status, 2.1 */
       VIRTIO_ACKNOWLEDGE = 1,
       VIRTIO_DRIVER = 2,
       VIRTIO_DRIVER_OK = 4,
       VIRTIO_FEATURES_OK = 8,
       VIRTIO_NEEDS_RESET = 64,
       VIRTIO_FAILED = 128,
};

#define VIRTIO_F_INDIRECT_DESC (1ull << 28)
#define VIRTIO_F_EVENT_IDX     (1ull << 29)
#define VIRTIO_F_VERSION_1     (1ull << 32)

#define VIRTIO_NO_VECTOR 0xffff

struct virtio_device;

/* A device type. All are called under the guest's lock; only start is optional among the first
 * three. */
struct virtio_ops {
	void (*reset)(struct virtio_device *device); /* drop everything in flight; idempotent */
	void (*start)(struct virtio_device *device); /* DRIVER_OK was set; features are final */
	void (*notify)(struct virtio_device *device, unsigned queue); /* bounded work */
	/* the driver wrote [offset, offset+size) of a private copy of config; the device validates.
	 * May be NULL */
	void (*config_written)(struct virtio_device *device, size_t offset, size_t size);
	/* may a device refuse this subset? false refuses FEATURES_OK. May be NULL */
	bool (*features_valid)(const struct virtio_device *device, uint64_t features);
};

/* The transport's side. */
struct virtio_wires {
	void (*queue_interrupt)(void *context, unsigned queue);
	void (*config_interrupt)(void *context);
	void *context;
};

struct virtio_device {
	const struct virtio_ops *ops;
	const char *name; /* "alpha blk0": for messages */
	uint16_t type;    /* device ID, chapter 5 */
	uint64_t offered; /* feature bits 0-63; VERSION_1, INDIRECT_DESC and EVENT_IDX are added by
	                     virtio_init */
	uint8_t *config;  /* device configuration space as the driver reads it, little-endian, owned
	                     by the device */
	size_t config_size;
	struct virtqueue *queues;
	unsigned queue_count;
	/* below: owned by virtio.c */
	struct virtio_wires wires;
	uint8_t status;
	uint64_t features;   /* what the driver accepted; final from FEATURES_OK */
	uint32_t generation; /* changes with the configuration */
	uint64_t misuse;     /* registers misused: counted, otherwise ignored */
	uint64_t epoch;
};

/* Complete a device whose type has filled the first part; mem is the guest's RAM. queues are zeroed
 * by the caller. */
void virtio_init(struct virtio_device *device, const struct guest_mem *mem,
                 uint16_t queue_size_max);

/* --- for device types --- */
static inline bool virtio_has(const struct virtio_device *device, uint64_t feature)
{
	return (device->features & feature) == feature;
}
bool virtio_running(
    const struct virtio_device *device); /* DRIVER_OK, not NEEDS_RESET, not FAILED */
/* vq_push + notification if the driver wants one. */
void virtio_used(struct virtio_device *device, unsigned queue, const struct vq_chain *chain,
                 uint32_t written);
void virtio_notify_queue(struct virtio_device *device, unsigned queue); /* after several vq_push */
void virtio_config_changed(
    struct virtio_device *device); /* bumps generation, config interrupt if running */
/* Ring-level error or other fatal condition: NEEDS_RESET, config interrupt, one log line "name
 * queue N: REASON". */
void virtio_fail(struct virtio_device *device, unsigned queue, const char *reason);

/* --- for transports --- */
void virtio_connect(struct virtio_device *device, const struct virtio_wires *wires);
void virtio_set_status(struct virtio_device *device,
                       uint8_t status); /* 0 = reset; rules of 2.1 and 3.1 */
void virtio_reset(struct virtio_device *device);
void virtio_set_features(struct virtio_device *device,
                         uint64_t features); /* ignored after FEATURES_OK */
bool virtio_queue_enable(struct virtio_device *device,
                         unsigned queue);                       /* ignored misuse is counted */
void virtio_kick(struct virtio_device *device, unsigned queue); /* ignored unless running */
/* Bytes outside the structure read 0 / are ignored. */
void virtio_config_read(struct virtio_device *device, size_t offset, void *to, size_t size);
void virtio_config_write(struct virtio_device *device, size_t offset, const void *from,
                         size_t size);
