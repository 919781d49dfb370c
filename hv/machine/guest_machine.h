/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's board and the virtio devices on it, together: their life. All under the guest's lock,
 * but for creation. */
#pragma once

#include "hv/vm.h"

/* Builds vm->board and vm->virtio. ERR_NO_MEMORY, ERR_NOT_FOUND or ERR_INVALID after one line. */
int guest_machine_create(struct vm *vm);
/* Also after a failed create; only when guest_machine_idle(). */
void guest_machine_destroy(struct vm *vm);

/* Power-on state of all devices. A back-end may still be at work: see guest_machine_idle(). */
void guest_machine_reset(struct vm *vm);
/* Nothing reads or writes the guest's RAM behind its back: it may be freed or filled anew. Once
 * true after a reset, it stays so until a vCPU runs. */
bool guest_machine_idle(const struct vm *vm);

/* The devices' own counters, for 'stats': calls show for each. */
void guest_machine_stats(struct vm *vm,
                         void (*show)(void *context, const char *device, const char *name,
                                      uint64_t value),
                         void *context);
