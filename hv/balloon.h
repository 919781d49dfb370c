/* SPDX-License-Identifier: BSD-2-Clause */
/* What is behind a guest's balloon: its pages go to the machine's pool and come back. */
#pragma once

#include "guest-devices/virtio/balloon.h"
#include "hv/vm.h"

struct balloon {
	struct virtio_balloon device;
	struct balloon_backend backend;
	struct vm *vm;
};

/* The device is ready for a transport; name outlives it. */
void balloon_init(struct balloon *balloon, struct vm *vm, const char *name);

/* The guest shall have so many bytes of memory; false: more than it was given. Under the guest's
 * lock. */
bool balloon_resize(struct balloon *balloon, uint64_t memory);
