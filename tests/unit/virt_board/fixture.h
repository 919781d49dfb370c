/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole hypervisor with the Arm board on a machine made of C, and a guest that is a list of
 * steps. */
#pragma once

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch/hosted/hosted.h"
#include "hv/machine/virt/virt.h"
#include "hv/vm.h"

#define ALPHA "[vm alpha]\nmemory = 32M\nkernel = Image\n"
#define BETA  "[vm beta]\nmemory = 32M\nkernel = Image\n"

extern uint8_t kernel[4096]; /* the least that passes for an Image; a test may change it */

void fixture_reset(void);

/* One more file beside vireo.ini. */
void add_file(const char *name, const void *data, size_t size);

/* Run until the machine stops; returns how (STOP_*). */
int run(const char *configuration);

/* What a guest does at each vcpu_run(), in turn; after the last one it powers off. */
typedef void guest_step(struct vcpu *vcpu);
int run_steps(const char *configuration, guest_step *const *steps, unsigned count);
#define RUN_STEPS(configuration, steps)                                                            \
	run_steps(configuration, steps, sizeof(steps) / sizeof((steps)[0]))

/* The first guest's accesses to its registers; false: nothing answers there. */
bool guest_read(uint64_t address, uint8_t size, uint64_t *value);
bool guest_write(uint64_t address, uint8_t size, uint64_t value);

/* A run() of a guest that does nothing else. */
void power_off(struct vcpu *vcpu, struct vcpu_exit *exit);
