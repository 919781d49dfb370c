/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop of a host CPU. */
#include "hv/sched.h"

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/time.h>

#include "hv/host_work.h"
#include "hv/machine/board.h"
#include "hv/sched_queue.h"
#include "hv/vsock/vsock.h"

#define RETRY_NS 100000     /* a reset waits for a back-end */
#define WATCH_NS 1000000000 /* how often a CPU with nothing to do looks at the others */
#define LATE_NS  20000000   /* beyond a deadline: its interrupt is lost */

void sched_add(struct vm_vcpu *v)
{
	queue_add(&run_queues[v->cpu], v);
}

void sched_remove(struct vm_vcpu *v)
{
	queue_remove(&run_queues[v->cpu], v);
}

/* Between two turns of its own loop a CPU needs no telling: the next one looks at everything. */
void sched_poke(struct vm_vcpu *v)
{
	const struct vm_vcpu *running = run_queues[cpu_id()].running;
	unsigned cpu = v->cpu;

	if (cpu != cpu_id() || (running && running != v))
		cpu_kick(cpu);
}

void sched_deadline(struct vm_vcpu *v, uint64_t deadline)
{
	struct run_queue *queue = &run_queues[v->cpu];

	if (v->cpu != cpu_id())
		cpu_kick(v->cpu);
	else if (deadline < queue->deadline)
		queue->deadline = deadline;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void arm(struct run_queue *queue, uint64_t deadline)
{
	queue->deadline = deadline;
	if (queue->armed == deadline)
		return;
	__atomic_store_n(&queue->armed, deadline, __ATOMIC_RELAXED);
	timer_arm(deadline);
}

/*
 * CPUs look after each other: one whose deadline has long passed has lost its timer's interrupt,
 * and any other gets it going. (QEMU's SVM can lose one that comes just as a guest exits or is
 * entered: it changes its word of pending requests without a lock.) Returns when to look again.
 */
static uint64_t watch_others(unsigned cpu, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < cpu_count(); i++) {
		uint64_t armed = __atomic_load_n(&run_queues[i].armed, __ATOMIC_RELAXED);

		if (i == cpu || armed == 0 || armed == UINT64_MAX)
			continue;
		next = (now / WATCH_NS + 1) * WATCH_NS;
		if (armed < now && now - armed > LATE_NS)
			cpu_kick(i);
	}
	return next;
}

/* One that only waits for its turn gets its timers with it, in run(): ticks that come while it
 * cannot take them would become one. */
static uint64_t run_timers(struct run_queue *queue, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct vm_vcpu *v = queue->first; v; v = v->next) {
		struct vm *vm = v->vm;

		if (vm->state != VM_RUNNING || vm->request != VM_REQUEST_NONE ||
		    (v != queue->current && queue_can_run(v)))
			continue;
		if (v->deadline <= now) {
			lock_take(&vm->lock);
			vm_run_timers(v, now);
			lock_drop(&vm->lock);
		}
		next = earlier(next, v->deadline);
	}
	return next;
}

/* A guest that something is asked of is left alone. */
static void let_go(struct run_queue *queue)
{
	for (struct vm_vcpu *v = queue->first; v; v = v->next) {
		if (!v->attached || v->vm->request == VM_REQUEST_NONE)
			continue;
		lock_take(&v->vm->lock);
		vm_detach(v);
		lock_drop(&v->vm->lock);
	}
}

static uint64_t serve_requests(struct run_queue *queue, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct vm_vcpu *v = queue->first; v; v = v->next) {
		if (v->index != 0)
			continue;
		vm_serve_request(v->vm);
		if (v->vm->request != VM_REQUEST_NONE)
			next = now + RETRY_NS;
	}
	return next;
}

static void look_at(struct vm_vcpu *v)
{
	if (v->stopping)
		v->off = true;
	v->stopping = false;
	if (v->starting) /* run() begins with it: the work is the vCPU's own time */
		v->off = v->idle = false;
	if (v->idle && !v->off && board_wakes(v))
		v->idle = false;
	v->woken = false;
}

/* The timer that is part of a vCPU stands still while the vCPU waits. */
static uint64_t look_at_timer(struct vm_vcpu *v, uint64_t now)
{
	uint64_t deadline = vcpu_timer_deadline(v->vcpu);

	if (deadline > now)
		return deadline;
	lock_take(&v->vm->lock);
	v->idle = false;
	lock_drop(&v->vm->lock);
	return UINT64_MAX;
}

/* What other guests have sent. More may come while it is taken in. */
static uint64_t take_mail(struct vm *vm, uint64_t now)
{
	if (!atomic_load(&vm->mail))
		return UINT64_MAX;
	lock_take(&vm->lock);
	atomic_store(&vm->mail, false);
	vsock_poll(vm->number);
	lock_drop(&vm->lock);
	return atomic_load(&vm->mail) ? now : UINT64_MAX;
}

/*
 * The notes for this CPU's vCPUs, after all that may leave some. Where there is none the lock is
 * not taken: a guest that works for long under its lock keeps nobody else waiting.
 */
static uint64_t look_at_notes(struct run_queue *queue, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct vm_vcpu *v = queue->first; v; v = v->next) {
		struct vm *vm = v->vm;

		if (vm->state != VM_RUNNING || vm->request != VM_REQUEST_NONE)
			continue;
		if (v->index == 0)
			next = earlier(next, take_mail(vm, now));
		if (__atomic_load_n(&v->woken, __ATOMIC_RELAXED)) {
			lock_take(&vm->lock);
			look_at(v);
			lock_drop(&vm->lock);
		}
		if (v->idle && !v->off)
			next = earlier(next, look_at_timer(v, now));
	}
	return next;
}

/* Another vCPU of the guest asked for it. */
static void start_vcpu(struct vm_vcpu *v)
{
	vcpu_reset(v->vcpu);
	vcpu_set_time_offset(v->vcpu, v->vm->time_offset);
	vcpu_set_start(v->vcpu, v->start_entry, v->start_argument);
	v->starting = false;
}

/* Enter the guest once and handle its exit. The guest's lock is held, except while the guest runs.
 * Returns whether it may go on at once. */
static bool run_once(struct vm_vcpu *v)
{
	struct vm *vm = v->vm;
	struct vcpu_exit exit;

	v->woken = false;
	board_enter(v);
	v->inside = true;
	lock_drop(&vm->lock);
	vcpu_run(v->vcpu, &exit);
	v->inside = false;
	lock_take(&vm->lock);
	board_leave(v);
	exit_handle(v, &exit);
	return exit.kind != EXIT_HOST && !v->idle && !v->stopping && vm->request == VM_REQUEST_NONE;
}

/*
 * Run the vCPU until its CPU has something else to do. The timer is armed for the earliest
 * deadline, so a due timer is an EXIT_HOST; so is a kick. Since it was chosen its guest may have
 * been asked for something, even have begun anew.
 */
static void run(struct run_queue *queue, struct vm_vcpu *v, uint64_t now)
{
	struct vm *vm = v->vm;

	lock_take(&vm->lock);
	queue->running = v;
	if (queue_can_run(v) && v->deadline <= now)
		vm_run_timers(v, now);
	queue->deadline = earlier(queue->deadline, v->deadline);
	if (queue_can_run(v) && !v->stopping) {
		v->attached = v->running = true;
		if (v->starting)
			start_vcpu(v);
		do {
			if (queue->deadline < queue->armed)
				arm(queue, queue->deadline);
		} while (run_once(v));
		v->running = false;
	}
	queue->running = NULL;
	lock_drop(&vm->lock);
	queue_charge(v, time_ns() - now);
}

/* A CPU without virtualisation gives its vCPUs to the boot CPU, which has it. */
void sched_start(unsigned cpu)
{
	struct run_queue *queue = &run_queues[cpu];

	queue->armed = queue->deadline = UINT64_MAX;
	if (!cpu_virt_enable())
		return;
	log_error("CPU %u: no virtualisation; no guest runs on it", cpu);
	queue->closed = true;
	while (cpu != 0 && queue->first)
		queue_send(queue, queue->first, 0);
}

/* When to look again at the latest, after what waits has been done. */
static uint64_t serve_guests(struct run_queue *queue, uint64_t now)
{
	uint64_t next;

	queue_receive(queue);
	next = run_timers(queue, now);
	let_go(queue);
	next = earlier(next, serve_requests(queue, now));
	next = earlier(next, look_at_notes(queue, now));
	return earlier(next, queue->deadline);
}

void sched_turn(unsigned cpu)
{
	struct run_queue *queue = &run_queues[cpu];
	uint64_t deadline, now;
	struct vm_vcpu *v;
	bool others;

	queue->deadline = UINT64_MAX;
	deadline = host_work(cpu);
	now = time_ns();
	if (queue->armed <= now)
		queue->armed = UINT64_MAX; /* it has fired */
	deadline = earlier(deadline, serve_guests(queue, now));
	deadline = earlier(deadline, watch_others(cpu, now));
	v = queue_choose(queue, now, &others);
	queue_balance(queue);
	if (others)
		deadline = earlier(deadline, queue->slice_end);
	arm(queue, deadline);
	if (v)
		run(queue, v, now);
	else
		cpu_idle();
}

_Noreturn void sched_loop(unsigned cpu)
{
	sched_start(cpu);
	for (;;)
		sched_turn(cpu);
}
