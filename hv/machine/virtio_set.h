/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio devices that a guest's configuration asks for, with their back-ends, the same on every
 * board. Each sits behind a transport of its own, PCI or MMIO as
 * the configuration says.
 */
#pragma once

#include "guest-devices/irq.h"
#include "guest-devices/pci/pci.h"
#include "guest-devices/virtio/virtio.h"
#include "hv/vm.h"

struct virtio_set;

#define VIRTIO_SET_MMIO_LINES 4

/* Where a board has room for them. */
struct virtio_places {
	struct pci_host *pci;
	unsigned first_slot; /* one slot each from here on */
	uint64_t mmio;       /* VIRTIO_MMIO_SIZE each from here on, in the guest's memory */
	struct irq_share *mmio_lines; /* VIRTIO_SET_MMIO_LINES: device n has line n & 3 */
};

/* Create the devices for the guest and put them on its PCI or memory bus. places outlives the call
 * only as far as it points to things.
 * ERR_NO_MEMORY; ERR_NOT_FOUND after one line: a disk's image file is missing. */
int virtio_set_create(struct virtio_set **set, struct vm *vm, const struct virtio_places *places);
void virtio_set_destroy(struct virtio_set *set);              /* only when virtio_set_idle() */
unsigned virtio_set_mmio_count(const struct virtio_set *set); /* those that lie at places.mmio */

/* The guest's balloon; NULL: it has none. */
struct balloon;
struct balloon *virtio_set_balloon(struct virtio_set *set);

/* The guest's socket device; NULL: it has none. */
struct virtio_vsock;
struct virtio_vsock *virtio_set_vsock(struct virtio_set *set);

/* A disk gets another size: "blk1", or "scsi1" for target 1 of the SCSI host. ERR_NOT_FOUND,
 * ERR_NO_MEMORY. Under the guest's lock. */
int virtio_set_resize(struct virtio_set *set, const char *disk, uint64_t size);

/* No back-end holds a request that touches the guest's RAM or the set's own memory. */
bool virtio_set_idle(const struct virtio_set *set);

/* Devices as after power on. Under the guest's lock. */
void virtio_set_reset(struct virtio_set *set);

/* Each device in turn, in the order in which the guest finds them. Under the guest's lock. */
void virtio_set_each(struct virtio_set *set,
                     void (*visit)(void *context, struct virtio_device *device), void *context);

/* Counters for 'stats'; see board_stats(). */
void virtio_set_stats(struct virtio_set *set,
                      void (*show)(void *context, const char *device, const char *name,
                                   uint64_t value),
                      void *context);
