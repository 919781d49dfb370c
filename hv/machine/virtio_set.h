/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio devices that a guest's configuration asks for, with their back-ends, the same on every
 * board. Each sits behind a PCI transport of its own.
 */
#pragma once

#include "guest-devices/pci/pci.h"
#include "hv/vm.h"

struct virtio_set;

/* Create the devices for the guest and put them on its PCI bus, one slot each from first_slot on.
 * NULL after one line that says why: no memory, or a disk's image file that is missing. */
struct virtio_set *virtio_set_create(struct vm *vm, struct pci_host *pci, unsigned first_slot);
void virtio_set_destroy(struct virtio_set *set);

/* Devices as after power on. Under the guest's lock. */
void virtio_set_reset(struct virtio_set *set);

/* Counters for 'stats'; see board_stats(). */
void virtio_set_stats(struct virtio_set *set,
                      void (*show)(void *context, const char *device, const char *name,
                                   uint64_t value),
                      void *context);
