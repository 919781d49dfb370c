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

#include "guest-devices/bus.h"
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
#define VIRTIO_F_RING_PACKED   (1ull << 34)

#define VIRTIO_NO_VECTOR 0xffff

struct virtio_device;

/* A device type. All are called under the guest's lock; only reset and notify must be there. */
struct virtio_ops {
	/* Forget every request; idempotent. The queues are reset already: chains still out are
	 * stale. What a back-end holds is counted by virtio_hold. */
	void (*reset)(struct virtio_device *device);
	/* Features are final (FEATURES_OK; legacy: DRIVER_OK), nothing runs yet: configuration
	 * fields that depend on them, and queue_limit. May be NULL. */
	void (*negotiated)(struct virtio_device *device);
	void (*start)(struct virtio_device *device);                  /* DRIVER_OK was set */
	void (*notify)(struct virtio_device *device, unsigned queue); /* bounded work */
	/* The driver writes bytes inside the configuration structure: take them into config or
	 * ignore them. NULL: all of it is read-only. */
	void (*config_write)(struct virtio_device *device, size_t offset, const void *from,
	                     size_t size);
	/* may a device refuse this subset? false refuses FEATURES_OK. May be NULL */
	bool (*features_valid)(const struct virtio_device *device, uint64_t features);
};

/* The transport's side; each may be NULL. */
struct virtio_wires {
	void (*queue_interrupt)(void *context, unsigned queue);
	void (*config_interrupt)(void *context);
	void (*reset)(void *context); /* forget the transport's registers, vectors too */
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
	/* Queues that are there; negotiated may take away those that need a feature which was not
	 * negotiated. Back to queue_count at each reset. */
	unsigned queue_limit;
	/* below: owned by virtio.c */
	struct virtio_wires wires;
	uint8_t status;
	bool resetting;      /* a reset waits for held work; status still reads as before */
	bool config_dirty;   /* config changed since the driver last read the generation */
	uint32_t generation; /* see virtio_generation */
	unsigned held;
	uint64_t driver_features; /* as the driver wrote them */
	uint64_t features;        /* what was negotiated; 0 before FEATURES_OK */
	uint64_t misuse;          /* registers misused: counted, otherwise ignored */
};

/* Complete a device whose type has filled the first part; mem is the guest's RAM. queues are zeroed
 * by the caller. */
void virtio_init(struct virtio_device *device, const struct guest_mem *mem,
                 uint16_t queue_size_max);

/* Let the driver choose packed rings. By the device's owner, after its init and before the driver
 * sees it. */
static inline void virtio_offer_packed(struct virtio_device *device)
{
	device->offered |= VIRTIO_F_RING_PACKED;
}

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
    struct virtio_device *device); /* new generation, config interrupt if running */
/* Ring-level error or other fatal condition: NEEDS_RESET, config interrupt, one log line "name
 * queue N: REASON". */
void virtio_fail(struct virtio_device *device, unsigned queue, const char *reason);

/*
 * Work that may touch guest RAM has left the device (a back-end has it), or has come back. A reset
 * reads as done only when all of it is back (2.4.1); RAM may be freed or reused only when
 * virtio_idle. A release may finish a reset.
 */
void virtio_hold(struct virtio_device *device);
void virtio_release(struct virtio_device *device);
static inline bool virtio_idle(const struct virtio_device *device)
{
	return device->held == 0;
}

/* --- for transports --- */
void virtio_connect(struct virtio_device *device, const struct virtio_wires *wires);
/* What the driver writes to the status register: 0 = reset, else bits to add; rules of 2.1, 3.1. */
void virtio_set_status(struct virtio_device *device, uint8_t status);
void virtio_reset(struct virtio_device *device);
/* Ignored from FEATURES_OK on. */
void virtio_set_features(struct virtio_device *device, uint64_t features);
/* Size and areas of an index; NULL: no such queue. */
struct virtqueue *virtio_queue(struct virtio_device *device, unsigned queue);
/* May size, areas or vector of this queue be written now? If not, the misuse is counted. */
bool virtio_queue_configurable(struct virtio_device *device, unsigned queue);
void virtio_set_queue_size(struct virtio_device *device, unsigned queue, uint32_t size);
bool virtio_queue_enable(struct virtio_device *device, unsigned queue);
/* The driver stops one queue (4.2.2.2). It reads as ready until its requests are through. */
void virtio_queue_stop(struct virtio_device *device, unsigned queue);
bool virtio_queue_ready(struct virtio_device *device, unsigned queue);
void virtio_kick(struct virtio_device *device, unsigned queue); /* ignored unless running */
/* The transport forbids or allows the device to touch memory (bus mastering off). A completion
 * while it is forbidden is a fatal error of the device. */
void virtio_allow_dma(struct virtio_device *device, bool allowed);
/* A register was misused: counted, otherwise without effect. */
void virtio_misuse(struct virtio_device *device);
/* The configuration's generation: moves at most by one a read, so that 8 bits of it suffice to see
 * any number of changes between two reads (2.5). */
uint32_t virtio_generation(struct virtio_device *device);
/* Bytes outside the structure read 0 / are ignored. */
void virtio_config_read(struct virtio_device *device, uint64_t offset, void *to, size_t size);
void virtio_config_write(struct virtio_device *device, uint64_t offset, const void *from,
                         size_t size);

/* --- registers that every transport has in some place: guest-devices/virtio/virtio_words.c --- */
/* 32 feature bits from bit 32 * select: offered, as the driver wrote them; the driver writes. */
uint32_t virtio_offered_word(const struct virtio_device *device, uint32_t select);
uint32_t virtio_driver_word(const struct virtio_device *device, uint32_t select);
void virtio_set_driver_word(struct virtio_device *device, uint32_t select, uint32_t value);
/* A queue's areas as six words: descriptor, driver, device area; the low half first. A queue that
 * is not there reads 0. */
uint32_t virtio_area_word(struct virtio_device *device, unsigned queue, unsigned word);
void virtio_set_area_word(struct virtio_device *device, unsigned queue, unsigned word,
                          uint32_t value);
/* One access to the configuration structure, offset from its start. */
void virtio_config_access(struct virtio_device *device, uint64_t offset, struct bus_access *access);
