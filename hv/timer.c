/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device library asks for (guest-devices/port.h): time and timers. */

#include <arch/time.h>

#include "guest-devices/port.h"
#include "hv/sched.h"

uint64_t port_time_ns(void)
{
	return time_ns();
}

int64_t port_wall_seconds(void)
{
	return time_wall();
}

static void unlink_timer(struct vm_vcpu *v, struct port_timer *timer)
{
	for (struct port_timer **at = &v->timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			return;
		}
	}
}

static void link_timer(struct vm_vcpu *v, struct port_timer *timer)
{
	struct port_timer **at = &v->timers;

	while (*at && (*at)->deadline <= timer->deadline)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
}

static void note_first(struct vm_vcpu *v)
{
	atomic_store_explicit(&v->deadline, v->timers ? v->timers->deadline : UINT64_MAX,
	                      memory_order_relaxed);
}

void port_timer_set(struct port_timer *timer, uint64_t deadline_ns)
{
	struct vm_vcpu *v = timer->scope;

	unlink_timer(v, timer);
	timer->deadline = deadline_ns;
	if (deadline_ns != UINT64_MAX)
		link_timer(v, timer);
	note_first(v);
	if (v->timers == timer)
		sched_deadline(v, deadline_ns);
}

void vm_run_timers(struct vm_vcpu *v, uint64_t now)
{
	/* A timer that re-arms itself in the past must not keep us here. */
	for (unsigned budget = 32; budget && v->timers && v->timers->deadline <= now; budget--) {
		struct port_timer *timer = v->timers;

		v->timers = timer->next;
		timer->deadline = UINT64_MAX;
		timer->fire(timer->context);
	}
	note_first(v);
}
