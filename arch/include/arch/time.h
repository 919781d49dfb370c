/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: nanoseconds since start, the same on every CPU, never backwards. */
#pragma once

#include <stdint.h>

uint64_t time_ns(void);
int64_t time_wall(void);    /* seconds since 1970-01-01 UTC, from firmware's clock at start */
uint64_t time_cycles(void); /* the CPU's cycle counter, for measuring */
uint64_t time_cycles_hz(void);
uint64_t time_ns_at(uint64_t cycles); /* time_ns() when time_cycles() was cycles */
void time_delay_us(unsigned us);      /* busy wait, start-up of devices only */

/* Wake this CPU (vcpu_run or cpu_idle returns) at or soon after deadline; one deadline a CPU, the
 * last call wins; UINT64_MAX: none. */
void timer_arm(uint64_t deadline_ns);
