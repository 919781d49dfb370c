/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vCPUs of one host CPU. Only that CPU looks at its queue, but for the inbox and the load.
 *
 * Each vCPU's `share` is the time that it has run, in nanoseconds; the one with the least runs
 * next, for a slice. One that slept goes on a little behind the others, not with all it has missed,
 * and so runs at once. Shares of two CPUs do not compare: what goes from one to the other keeps its
 * distance to the queue's floor.
 */
#pragma once

#include "hv/vm.h"

struct run_queue {
	struct vm_vcpu *first;   /* all vCPUs of this CPU, whether they can run or not */
	struct vm_vcpu *current; /* chosen last */
	struct vm_vcpu *running; /* in the guest, or its exit is being handled */
	uint64_t slice_end;
	int64_t floor;     /* the least share of those that could run, so far */
	uint64_t armed;    /* what timer_arm() was told last */
	uint64_t deadline; /* the same, or the earlier one of a timer that was set since */
	bool closed;       /* this CPU can run no guest */

	atomic_uint load; /* how many can run, and those on their way here; read by all */
	struct lock lock;
	struct vm_vcpu *inbox; /* from other CPUs; under the lock */
} __attribute__((aligned(64)));

extern struct run_queue run_queues[];

void queue_add(struct run_queue *queue, struct vm_vcpu *v);
void queue_remove(struct run_queue *queue, struct vm_vcpu *v);

/* It could go on now. Its CPU. */
bool queue_can_run(const struct vm_vcpu *v);

/* The one to run now, NULL: none. *others: more wait. */
struct vm_vcpu *queue_choose(struct run_queue *queue, uint64_t now, bool *others);

/* It ran for ns. */
void queue_charge(struct vm_vcpu *v, uint64_t ns);

/* Take in what other CPUs have sent. */
void queue_receive(struct run_queue *queue);

/* This CPU has more to run than another: one that waits goes there. */
void queue_balance(struct run_queue *queue);

/* Hand the vCPU, which does not run, to another CPU. */
void queue_send(struct run_queue *queue, struct vm_vcpu *v, unsigned cpu);
