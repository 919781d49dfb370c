/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/sched_queue.h"

#include <arch/cpu.h>

#define SLICE_NS 10000000 /* while another vCPU waits for the same CPU */
#define SLEEP_NS 10000000 /* one that slept is at most this far behind the others */
#define AHEAD_NS 6000000  /* who is this far ahead gives way at once */

struct run_queue run_queues[CPU_MAX];

void queue_add(struct run_queue *queue, struct vm_vcpu *v)
{
	struct vm_vcpu **at = &queue->first;

	while (*at)
		at = &(*at)->next;
	v->next = NULL;
	v->share += queue->floor;
	*at = v;
}

void queue_remove(struct run_queue *queue, struct vm_vcpu *v)
{
	struct vm_vcpu **at = &queue->first;

	while (*at && *at != v)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = v->next;
	v->next = NULL;
	v->share -= queue->floor;
	if (queue->current == v)
		queue->current = NULL;
}

bool queue_can_run(const struct vm_vcpu *v)
{
	return !v->idle && !v->off && v->vm->state == VM_RUNNING &&
	       v->vm->request == VM_REQUEST_NONE;
}

struct vm_vcpu *queue_choose(struct run_queue *queue, uint64_t now, bool *others)
{
	struct vm_vcpu *best = NULL, *current = queue->current;
	unsigned count = 0;

	for (struct vm_vcpu *v = queue->first; v; v = v->next) {
		if (!queue_can_run(v))
			continue;
		count++;
		if (v->share < queue->floor - SLEEP_NS)
			v->share = queue->floor - SLEEP_NS;
		if (!best || v->share < best->share)
			best = v;
	}
	*others = count > 1;
	atomic_store_explicit(&queue->load, count, memory_order_relaxed);
	if (!best)
		return NULL;
	if (best->share > queue->floor)
		queue->floor = best->share;
	if (current && queue_can_run(current) && now < queue->slice_end &&
	    current->share <= best->share + AHEAD_NS)
		return current;
	queue->current = best;
	queue->slice_end = now + SLICE_NS;
	return best;
}

void queue_charge(struct vm_vcpu *v, uint64_t ns)
{
	v->run_ns += ns;
	v->share += (int64_t)ns;
}

void queue_receive(struct run_queue *queue)
{
	struct vm_vcpu *v, *next;

	if (!__atomic_load_n(&queue->inbox, __ATOMIC_RELAXED))
		return;
	lock_take(&queue->lock);
	v = queue->inbox;
	queue->inbox = NULL;
	lock_drop(&queue->lock);
	for (; v; v = next) {
		next = v->next;
		queue_add(queue, v);
	}
}

void queue_send(struct run_queue *queue, struct vm_vcpu *v, unsigned cpu)
{
	struct run_queue *to = &run_queues[cpu];

	queue_remove(queue, v);
	lock_take(&v->vm->lock);
	if (v->attached)
		vm_detach(v);
	v->cpu = cpu;
	lock_drop(&v->vm->lock);
	lock_take(&to->lock);
	v->next = to->inbox;
	to->inbox = v;
	lock_drop(&to->lock);
	cpu_kick(cpu);
}

/* The CPU that has least to run, if that is at least two less than here. */
static struct run_queue *less_loaded(const struct run_queue *queue)
{
	struct run_queue *best = NULL;
	unsigned least = queue->load - 1;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		struct run_queue *other = &run_queues[cpu];

		if (!other->closed && other->load < least) {
			least = other->load;
			best = other;
		}
	}
	return best;
}

void queue_balance(struct run_queue *queue)
{
	struct run_queue *to = queue->load > 1 ? less_loaded(queue) : NULL;

	for (struct vm_vcpu *v = queue->first; to && v; v = v->next) {
		if (v == queue->current || v->pinned || !queue_can_run(v))
			continue;
		atomic_fetch_add_explicit(&to->load, 1, memory_order_relaxed);
		atomic_fetch_sub_explicit(&queue->load, 1, memory_order_relaxed);
		queue_send(queue, v, (unsigned)(to - run_queues));
		return;
	}
}
