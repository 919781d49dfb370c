/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop of a host CPU. */
#include "hv/sched.h"

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/time.h>

#include "hv/host_work.h"
#include "hv/machine/board.h"

#define SLICE_NS 10000000 /* while another vCPU waits for the same CPU */
#define RETRY_NS 100000   /* a reset waits for a back-end */

struct run_queue {
	struct vm_vcpu *first;   /* all vCPUs of this CPU, runnable or not */
	struct vm_vcpu *current; /* ran last */
	uint64_t slice_end;
	uint64_t armed; /* what timer_arm() was told last */
} __attribute__((aligned(64)));

static struct run_queue queues[CPU_MAX];

void sched_add(struct vm_vcpu *v)
{
	struct vm_vcpu **at = &queues[v->cpu].first;

	while (*at)
		at = &(*at)->next;
	*at = v;
}

void sched_remove(struct vm_vcpu *v)
{
	struct run_queue *queue = &queues[v->cpu];
	struct vm_vcpu **at = &queue->first;

	while (*at && *at != v)
		at = &(*at)->next;
	if (*at)
		*at = v->next;
	v->next = NULL;
	if (queue->current == v)
		queue->current = NULL;
}

static void arm(struct run_queue *queue, uint64_t deadline)
{
	if (queue->armed == deadline)
		return;
	queue->armed = deadline;
	timer_arm(deadline);
}

static bool runnable(const struct vm_vcpu *v)
{
	return v->vm->state == VM_RUNNING && !v->idle && !v->off;
}

/* Another vCPU of the guest asked for it. */
static void start_vcpu(struct vm_vcpu *v)
{
	vcpu_reset(v->vcpu);
	vcpu_set_time_offset(v->vcpu, v->vm->time_offset);
	vcpu_set_start(v->vcpu, v->start_entry, v->start_argument);
	v->starting = v->off = v->idle = false;
}

/* A vCPU that waits goes on when an interrupt can be taken, not sooner. */
static void wake_idle(struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		struct vm_vcpu *v = &vm->vcpus[i];

		if (v->starting)
			start_vcpu(v);
		if (v->idle && v->woken && board_wakes(v))
			v->idle = false;
		v->woken = false;
	}
}

/* Requests and timers of all guests of this CPU; the earliest deadline that is left. Vcpus sleep
 * through this: a due timer wakes them. */
static uint64_t serve_guests(struct run_queue *queue, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct vm_vcpu *v = queue->first; v; v = v->next) {
		uint64_t deadline = UINT64_MAX;
		struct vm *vm = v->vm;

		if (v->index != 0)
			continue;
		vm_serve_request(vm);
		if (vm->request != VM_REQUEST_NONE && now + RETRY_NS < next)
			next = now + RETRY_NS;
		if (vm->state != VM_RUNNING)
			continue;
		lock_take(&vm->lock);
		deadline = vm_run_timers(vm, now);
		wake_idle(vm);
		lock_drop(&vm->lock);
		next = deadline < next ? deadline : next;
	}
	return next;
}

/* The next runnable vCPU after the current one, which goes on while its slice lasts. *others: does
 * another wait? */
static struct vm_vcpu *choose(struct run_queue *queue, uint64_t now, bool *others)
{
	struct vm_vcpu *chosen = NULL, *from = queue->current ? queue->current : queue->first;
	unsigned count = 0;

	for (struct vm_vcpu *v = queue->first; v; v = v->next)
		count += runnable(v);
	*others = count > 1;
	if (!count)
		return NULL;
	if (queue->current && runnable(queue->current) && (count == 1 || now < queue->slice_end))
		return queue->current;
	for (chosen = from->next ? from->next : queue->first; !runnable(chosen);)
		chosen = chosen->next ? chosen->next : queue->first;
	queue->current = chosen;
	queue->slice_end = now + SLICE_NS;
	return chosen;
}

/* Enter the guest once and handle its exit. The guest's lock is held, except while the guest runs.
 * Returns whether it may go on at once. */
static bool run_once(struct vm_vcpu *v)
{
	struct vm *vm = v->vm;
	struct vcpu_exit exit;

	board_enter(v);
	lock_drop(&vm->lock);
	vcpu_run(v->vcpu, &exit);
	lock_take(&vm->lock);
	board_leave(v);
	exit_handle(v, &exit);
	return exit.kind != EXIT_HOST && !v->idle && !v->off && vm->request == VM_REQUEST_NONE;
}

/*
 * Run the vCPU until its CPU has something else to do. The timer is armed for the earliest
 * deadline, so a due timer is an EXIT_HOST; so is a kick.
 */
static void run(struct run_queue *queue, struct vm_vcpu *v, uint64_t deadline)
{
	struct vm *vm = v->vm;

	arm(queue, deadline);
	lock_take(&vm->lock);
	while (run_once(v)) {
		if (vm->timers && vm->timers->deadline < queue->armed)
			arm(queue, vm->timers->deadline);
	}
	lock_drop(&vm->lock);
}

_Noreturn void sched_loop(unsigned cpu)
{
	struct run_queue *queue = &queues[cpu];

	queue->armed = UINT64_MAX;
	if (cpu_virt_enable()) {
		log_error("CPU %u: no virtualisation; its guests do not run", cpu);
		for (struct vm_vcpu *v = queue->first; v; v = v->next)
			v->vm->state = VM_FAILED;
		queue->first = NULL;
	}
	for (;;) {
		uint64_t deadline = host_work(cpu), now = time_ns(), timer;
		struct vm_vcpu *v;
		bool others;

		if (queue->armed <= now)
			queue->armed = UINT64_MAX; /* it has fired */
		timer = serve_guests(queue, now);
		deadline = timer < deadline ? timer : deadline;
		v = choose(queue, now, &others);
		if (others && queue->slice_end < deadline)
			deadline = queue->slice_end;
		if (v) {
			run(queue, v, deadline);
		} else {
			arm(queue, deadline);
			cpu_idle();
		}
	}
}
