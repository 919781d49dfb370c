/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real time clock device (VIRTIO 1.4, 5.23): clocks of several time standards, read alone or
 * together with the counter of the guest's CPUs, and an alarm for each. Alarms outlive a reset of
 * the device, as 5.23.6.6 allows.
 */
#pragma once

#include "guest-devices/backend.h"
#include "guest-devices/port.h"
#include "guest-devices/virtio/virtio.h"

#define VIRTIO_RTC_CLOCKS 8 /* of a back-end */

enum { /* clock types, smearing variants and counters of 5.23.6.1, for back-ends */
       VIRTIO_RTC_CLOCK_UTC = 0,
       VIRTIO_RTC_CLOCK_TAI = 1,
       VIRTIO_RTC_CLOCK_MONOTONIC = 2,
       VIRTIO_RTC_CLOCK_UTC_SMEARED = 3,
       VIRTIO_RTC_CLOCK_UTC_MAYBE_SMEARED = 4,
       VIRTIO_RTC_SMEAR_UNSPECIFIED = 0,
       VIRTIO_RTC_SMEAR_NOON_LINEAR = 1,
       VIRTIO_RTC_SMEAR_UTC_SLS = 2,
       VIRTIO_RTC_COUNTER_ARM_VCT = 0,
       VIRTIO_RTC_COUNTER_X86_TSC = 1,
       VIRTIO_RTC_COUNTER_INVALID = 0xff, /* the guest's CPUs have none */
};

enum virtio_rtc_queues { RTC_REQUESTS, RTC_ALARMS, RTC_QUEUES };

struct virtio_rtc_config {
	const char *name;              /* "alpha rtc0"; outlives the device */
	const struct guest_mem *mem;   /* outlives the device */
	struct clock_backend *backend; /* outlives the device; at most VIRTIO_RTC_CLOCKS clocks */
	void *timer_scope;             /* whom its timers belong to: struct port_timer */
};

struct virtio_rtc;

struct virtio_rtc_alarm {
	struct virtio_rtc *owner;
	struct port_timer timer; /* armed only while a driver can be told */
	uint64_t time;           /* as the clock shows it */
	uint64_t due;            /* what the timer is set to */
	bool enabled;
	bool expired; /* and the driver was not told yet: the device serves the expiration */
};

/* Embedded by the owner, who changes nothing in it. */
struct virtio_rtc {
	struct virtio_device device; /* for the transport */
	struct virtqueue rings[RTC_QUEUES];
	struct port_timer later[RTC_QUEUES];
	struct clock_backend *backend;
	struct virtio_rtc_alarm alarms[VIRTIO_RTC_CLOCKS]; /* by clock */
	struct vq_chain chain;
};

/* Any content before; the device is ready to be given to a transport. */
void virtio_rtc_init(struct virtio_rtc *rtc, const struct virtio_rtc_config *config);
