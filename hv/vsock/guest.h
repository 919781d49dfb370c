/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's socket device, plugged into the switch. */
#pragma once

#include "hv/vm.h"
#include "hv/vsock/vsock.h"

/* The device, with the CID of the guest's configuration, is ready for a transport; name outlives
 * it. ERR_NO_MEMORY. */
int vsock_guest_create(struct virtio_vsock **device, struct vm *vm, const char *name);
void vsock_guest_destroy(struct virtio_vsock *device, struct vm *vm); /* NULL: nothing */

/* What the guest may read about itself on the status port, as lines "name: value". Returns the
 * bytes written, at most size. Under the guest's lock. */
size_t vsock_guest_status(const struct vm *vm, char *to, size_t size);
