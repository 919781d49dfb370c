/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is behind a guest's clock device: firmware's time at start, carried on by the host's
 * counter, in five standards, together with what the guest's own counter shows.
 */
#pragma once

#include "guest-devices/virtio/rtc.h"
#include "hv/timescale.h"
#include "hv/vm.h"

/* UTC, TAI, monotonic since the guest was made, UTC smeared from noon to noon, UTC-SLS. */
#define CLOCK_COUNT 5
_Static_assert(CLOCK_COUNT <= VIRTIO_RTC_CLOCKS, "the device has an alarm for each");

struct clock {
	struct virtio_rtc device;
	struct clock_backend backend;
	struct timescale scales[CLOCK_COUNT];
	const struct vm *vm;
};

/* Once, before the guests: the leap second that the configuration tells, if any. */
void clock_start(const struct leap_second *leap);

/* The device is ready for a transport; name outlives it. */
void clock_init(struct clock *clock, struct vm *vm, const char *name);
