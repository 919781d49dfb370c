/* SPDX-License-Identifier: BSD-2-Clause */
/* What the clock device's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/rtc.h"
#include "guest-devices/virtio/work.h"

enum { RTC_F_ALARM = 1 << 0 }; /* 5.23.3 */

enum rtc_status { /* 5.23.6 */
	          RTC_S_OK = 0,
	          RTC_S_EOPNOTSUPP = 2,
	          RTC_S_ENODEV = 3,
	          RTC_S_EINVAL = 4,
	          RTC_S_EIO = 5,
};

/* Answer the request in rtc->chain, which is not put back yet. Returns the bytes written to it. */
uint32_t rtc_answer(struct virtio_rtc *rtc);

void rtc_alarms_init(struct virtio_rtc *rtc, void *timer_scope); /* all disabled */
/* Negotiated, and of this clock. */
bool rtc_has_alarm(const struct virtio_rtc *rtc, unsigned clock);
/* The driver sets it: what expired before is forgotten, what is past expires now. */
enum rtc_status rtc_alarm_set(struct virtio_rtc *rtc, unsigned clock, uint64_t time, bool enabled);
void rtc_alarms_start(struct virtio_rtc *rtc); /* the driver is there */
void rtc_alarms_stop(struct virtio_rtc *rtc);  /* it has gone; the alarms stay as they are set */
void rtc_alarms_serve(struct virtio_rtc *rtc); /* tell it what expired, as far as it has buffers */
