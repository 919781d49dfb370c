/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that the device library asks from outside: a log, the time and timers. Whoever links it
 * defines these. Every call into the library and every call back is made under one lock per guest,
 * held by the caller.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One line about a guest's or a device's misbehaviour; the implementation limits the rate. */
void port_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

uint64_t port_time_ns(void);     /* guest time in nanoseconds, never backwards */
int64_t port_wall_seconds(void); /* seconds since 1970-01-01 UTC */

/*
 * A one-shot timer. The owner embeds it, zeroed, with fire and context set; port_timer_set arms or
 * re-arms it (UINT64_MAX: disarms). fire is called under the guest's lock at or soon after the
 * deadline.
 */
struct port_timer {
	void (*fire)(void *context);
	void *context;
	void *scope;             /* whom the timer belongs to; set by the creator of the device */
	struct port_timer *next; /* owned by the implementation */
	uint64_t deadline;       /* owned by the implementation; 0 and UINT64_MAX: not armed */
};
void port_timer_set(struct port_timer *timer, uint64_t deadline_ns);
