/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's socket device, plugged into the switch. */
#pragma once

#include "hv/vm.h"
#include "hv/vsock/vsock.h"

/* The device, with the CID of the guest's configuration, is ready for a transport; name outlives
 * it. vsock_port_close() ends it. ERR_NO_MEMORY. */
int vsock_guest_init(struct virtio_vsock *device, struct vm *vm, const char *name);

/* What the guest may read about itself on the status port, as lines "name: value". Returns the
 * bytes written, at most size. Under the guest's lock. */
size_t vsock_guest_status(const struct vm *vm, char *to, size_t size);
