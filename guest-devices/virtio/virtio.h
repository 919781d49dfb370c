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
       VIRTIO_SUSPEND = 16,
       VIRTIO_NEEDS_RESET = 64,
       VIRTIO_FAILED = 128,
};

#define VIRTIO_F_ANY_LAYOUT        (1ull << 27) /* legacy drivers only */
#define VIRTIO_F_INDIRECT_DESC     (1ull << 28)
#define VIRTIO_F_EVENT_IDX         (1ull << 29)
#define VIRTIO_F_VERSION_1         (1ull << 32)
#define VIRTIO_F_ACCESS_PLATFORM   (1ull << 33)
#define VIRTIO_F_RING_PACKED       (1ull << 34)
#define VIRTIO_F_IN_ORDER          (1ull << 35)
#define VIRTIO_F_ORDER_PLATFORM    (1ull << 36)
#define VIRTIO_F_NOTIFICATION_DATA (1ull << 38)
#define VIRTIO_F_NOTIF_CONFIG_DATA (1ull << 39)
#define VIRTIO_F_RING_RESET        (1ull << 40)
#define VIRTIO_F_SUSPEND           (1ull << 43)

/* What a transport shows (1.3.1): the interface of this specification, the one before it, or both.
 */
enum virtio_face { VIRTIO_MODERN, VIRTIO_TRANSITIONAL, VIRTIO_LEGACY };

#define VIRTIO_NO_VECTOR  0xffff
#define VIRTIO_CONFIG_MAX 256 /* bytes of a device's configuration structure */

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
	/* may a device refuse this subset? false refuses FEATURES_OK. What registry.h knows is
	 * checked already. May be NULL */
	bool (*features_valid)(const struct virtio_device *device, uint64_t features);
	/* The driver wants the queue back, or suspends the device: use at once the chains of this
	 * queue that no back-end works on. NULL: it never keeps any. */
	void (*drain)(struct virtio_device *device, unsigned queue);
	/* The driver has reset this queue alone: back to what it was before set-up. May be NULL. */
	void (*queue_reset)(struct virtio_device *device, unsigned queue);
};

/* The transport's side; each may be NULL. */
struct virtio_wires {
	void (*queue_interrupt)(void *context, unsigned queue);
	void (*config_interrupt)(void *context);
	void (*reset)(void *context);      /* forget the transport's registers, vectors too */
	void (*reset_done)(void *context); /* the device status is 0 */
	void *context;
	uint64_t cannot; /* features that this transport has no means for: not offered */
};

struct virtio_device {
	const struct virtio_ops *ops;
	const char *name; /* "alpha blk0": for messages */
	uint16_t type;    /* device ID, chapter 5 */
	uint64_t offered; /* feature bits 0-63; virtio_init adds those that need nothing of a
	                     device, and takes away what lacks what it needs */
	uint8_t *config;  /* device configuration space as the driver reads it, little-endian, owned
	                     by the device */
	size_t config_size; /* at most VIRTIO_CONFIG_MAX */
	struct virtqueue *queues;
	unsigned queue_count;
	/* Queues that are there; negotiated may take away those that need a feature which was not
	 * negotiated. Back to queue_count at each reset. */
	unsigned queue_limit;
	/* below: owned by virtio.c */
	struct virtio_wires wires;
	uint8_t status;
	bool resetting;      /* a reset waits for held work; status still reads as before */
	bool started;        /* ops->start was called */
	bool legacy;         /* the driver uses the legacy interface: until the next reset */
	bool suspending;     /* waits for the chains that are out; then SUSPEND is set */
	bool config_untold;  /* config changed while suspended */
	bool config_dirty;   /* config changed since the driver last read the generation */
	uint32_t generation; /* see virtio_generation */
	unsigned held;
	uint64_t driver_features;          /* as the driver wrote them */
	uint64_t features;                 /* what was negotiated; 0 before FEATURES_OK */
	uint64_t misuse;                   /* registers misused: counted, otherwise ignored */
	uint8_t frozen[VIRTIO_CONFIG_MAX]; /* config as the driver sees it while suspended */
};

/* Complete a device whose type has filled the first part; mem is the guest's RAM. queues are zeroed
 * by the caller. */
void virtio_init(struct virtio_device *device, const struct guest_mem *mem,
                 uint16_t queue_size_max);

/* Offer more: RING_PACKED, ACCESS_PLATFORM or ORDER_PLATFORM. By the device's owner, after its init
 * and before it is connected to a transport. The platform ones change nothing here: a guest's
 * physical addresses are those that its devices use, and all accesses are ordered. */
static inline void virtio_offer(struct virtio_device *device, uint64_t features)
{
	device->offered |= features;
}

/* --- for device types --- */
static inline bool virtio_has(const struct virtio_device *device, uint64_t feature)
{
	return (device->features & feature) == feature;
}
/* The driver has begun, and neither failed, nor suspends, nor resets the device. */
bool virtio_running(const struct virtio_device *device);
/* Is the driver one of before VERSION_1? Then some structures are shorter (5.x Legacy Interface).
 */
static inline bool virtio_legacy(const struct virtio_device *device)
{
	return device->legacy;
}
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
/* The status register; looks whether a suspension is complete. */
uint8_t virtio_status(struct virtio_device *device);
/* What the driver writes to it: 0 = reset, else bits to add; rules of 2.1, 3.1, 3.4. */
void virtio_set_status(struct virtio_device *device, uint8_t status);
/* The same, all or nothing: false, and nothing happened, if a bit would not be set. */
bool virtio_try_status(struct virtio_device *device, uint8_t status);
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
/* The driver resets one queue (2.6.1), if RING_RESET was negotiated: no notification any more.
 * virtio_queue_resetting until its requests are through, then it is neither resetting nor ready. */
void virtio_queue_reset(struct virtio_device *device, unsigned queue);
bool virtio_queue_resetting(struct virtio_device *device, unsigned queue);
bool virtio_queue_ready(struct virtio_device *device, unsigned queue);
void virtio_kick(struct virtio_device *device, unsigned queue); /* ignored unless running */
/* The same by what a driver writes, which tells more than the queue with NOTIFICATION_DATA (2.9).
 */
void virtio_kick_word(struct virtio_device *device, uint32_t word);
unsigned virtio_kicked(const struct virtio_device *device,
                       uint32_t word); /* which queue it means */
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

/*
 * --- for transports with a legacy interface: guest-devices/virtio/virtio_legacy.c ---
 * The first write through it makes the driver a legacy one until the next reset; a driver that has
 * negotiated VERSION_1 cannot become one. It has no way to learn that features were refused: bits
 * that were not offered, or lack what they need, are dropped.
 */
bool virtio_legacy_begin(struct virtio_device *device); /* false: it cannot become one */
uint32_t virtio_legacy_offered(const struct virtio_device *device);
void virtio_legacy_set_features(struct virtio_device *device, uint32_t features);
void virtio_legacy_set_status(struct virtio_device *device, uint8_t status);
/* Where the used ring of a queue in one piece begins: at the next multiple of align (2.7.2). 4096
 * unless set. */
void virtio_legacy_set_align(struct virtio_device *device, unsigned queue, uint32_t align);
/* A queue in one piece at address, of the size and alignment that were set: enables it. Address 0
 * stops it. */
void virtio_legacy_set_queue(struct virtio_device *device, unsigned queue, uint64_t address);
uint64_t virtio_legacy_queue(struct virtio_device *device, unsigned queue); /* 0: not in use */
void virtio_legacy_kick(struct virtio_device *device, unsigned queue);
void virtio_legacy_config_access(struct virtio_device *device, uint64_t offset,
                                 struct bus_access *access);
