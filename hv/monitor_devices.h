/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's command 'devices': a guest's virtio devices as they are now. */
#pragma once

#include "hv/vm.h"

/* line is called once for each line of the answer. Takes the guest's lock. */
void monitor_devices(struct vm *vm, void (*line)(const char *text));
