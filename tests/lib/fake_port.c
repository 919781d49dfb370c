/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/fake_port.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct fake_port fake_port;

void fake_port_reset(void)
{
	memset(&fake_port, 0, sizeof(fake_port));
}

__attribute__((weak)) void port_log(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(fake_port.log, sizeof(fake_port.log), fmt, args);
	va_end(args);
	fake_port.log_lines++;
}

__attribute__((weak)) uint64_t port_time_ns(void)
{
	return fake_port.now_ns;
}

__attribute__((weak)) int64_t port_wall_seconds(void)
{
	return fake_port.wall + (int64_t)(fake_port.now_ns / 1000000000);
}

static void forget(struct port_timer *timer)
{
	for (struct port_timer **at = &fake_port.timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			return;
		}
	}
}

__attribute__((weak)) void port_timer_set(struct port_timer *timer, uint64_t deadline_ns)
{
	struct port_timer **at = &fake_port.timers;

	forget(timer);
	timer->deadline = deadline_ns;
	if (deadline_ns == UINT64_MAX)
		return;
	while (*at && (*at)->deadline <= deadline_ns)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
}

void fake_port_advance(uint64_t ns)
{
	uint64_t end = fake_port.now_ns + ns;

	while (fake_port.timers && fake_port.timers->deadline <= end) {
		struct port_timer *timer = fake_port.timers;

		fake_port.timers = timer->next;
		if (timer->deadline > fake_port.now_ns)
			fake_port.now_ns = timer->deadline;
		timer->deadline = UINT64_MAX;
		fake_port.fired++;
		timer->fire(timer->context);
	}
	fake_port.now_ns = end;
}
