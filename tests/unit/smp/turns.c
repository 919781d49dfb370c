/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs when and where. Proven by planted bugs: queue_choose() that takes the first that can
 * run, shares that are not clamped to the floor, sched_poke() that never tells the own CPU, a timer
 * list for each guest instead of each vCPU, queue_balance() that moves what is pinned - each fails
 * one of these.
 */
#include "guest-devices/port.h"
#include "tests/unit/smp/fixture.h"

TestSuite(turns, .timeout = 60);

/* A vCPU that computes: it goes on until the timer, or for its own while. */
static uint64_t while_of[GUESTS];

static void compute(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	uint64_t ns = while_of[vcpu == guests[1].vcpus[0].vcpu];

	hosted_time.now_ns += ns ? ns : 1000000;
	*exit = (struct vcpu_exit){.kind = EXIT_HOST};
}

static int64_t difference(void)
{
	return (int64_t)(guests[0].vcpus[0].run_ns - guests[1].vcpus[0].run_ns);
}

Test(turns, two_that_compute_get_the_same)
{
	smp_start(1, "[vm a]\n" ONE "[vm b]\n" ONE, compute);
	while_of[0] = 3000000;
	while_of[1] = 700000;
	for (unsigned i = 0; i < 1000; i++) {
		turn(0);
		cr_assert(difference() < 20000000 && difference() > -20000000);
	}
	cr_assert_gt(guests[0].vcpus[0].run_ns, 500000000);
}

static void wait_for_ever(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = (struct vcpu_exit){.kind = EXIT_IDLE};
}

Test(turns, one_that_slept_long_does_not_take_all)
{
	struct vm_vcpu *sleeper;

	smp_start(1, "[vm a]\n" ONE "[vm b]\n" ONE, compute);
	while_of[0] = while_of[1] = 1000000;
	sleeper = &guests[1].vcpus[0];
	sleeper->vcpu->run = wait_for_ever;
	for (unsigned i = 0; i < 1000; i++)
		turn(0);
	cr_assert(sleeper->idle);
	sleeper->vcpu->run = compute;
	sleeper->idle = false;
	turn(0);
	cr_assert_gt(sleeper->run_ns, 0, "it runs at once");
	sleeper->run_ns = guests[0].vcpus[0].run_ns = 0;
	for (unsigned i = 0; i < 200; i++)
		turn(0);
	cr_assert(difference() < 30000000 && difference() > -30000000);
}

static void start_second(void)
{
	vm_lock(&guests[0]);
	cr_assert_eq(vm_start_vcpu(&guests[0], 1, 0x4000, 0), 0);
	vm_unlock(&guests[0]);
}

/* vCPU 0 on CPU 0 starts vCPU 1, which is there too, and goes on. */
static void start_own(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	*exit = (struct vcpu_exit){.kind = EXIT_CPU_START, .cpu = {.target = 1, .entry = 0x4000}};
	if (vcpu->call_result == 0)
		compute(vcpu, exit);
}

Test(turns, what_is_left_for_another_vcpu_of_the_same_cpu_is_seen)
{
	smp_start(1, "[vm a]\n" TWO, start_own);
	guests[0].vcpus[0].vcpu->call_result = 1;
	turn(0);
	cr_assert_eq(guests[0].vcpus[0].vcpu->call_result, 0);
	cr_assert(told(0), "otherwise vCPU 0 might run for ever");
	for (unsigned i = 0; i < 20; i++)
		turn(0);
	cr_assert_gt(guests[0].vcpus[1].vcpu->runs, 0);
}

Test(turns, an_idle_cpu_gets_one_that_waits)
{
	struct vm_vcpu *moved;

	smp_start(2, "[vm a]\n" ONE "[vm b]\n" ONE, compute);
	/* Both on CPU 0. */
	hosted_cpu.id = 1;
	sched_remove(&guests[1].vcpus[0]);
	guests[1].vcpus[0].cpu = 0;
	hosted_cpu.id = 0;
	sched_add(&guests[1].vcpus[0]);
	turn(0);
	cr_assert(told(1));
	moved = guests[0].vcpus[0].cpu == 1 ? &guests[0].vcpus[0] : &guests[1].vcpus[0];
	cr_assert_eq(moved->cpu, 1);
	cr_assert_eq(moved->vcpu->runs, 0);
	turn(1);
	cr_assert_eq(moved->vcpu->runs, 1);
	turn(0);
	turn(0);
	cr_assert_eq(moved->cpu, 1, "it stays");
}

/* It has run on CPU 0: what the CPU holds of it is put away before it goes. */
Test(turns, one_that_has_run_can_move)
{
	smp_start(2, "[vm a]\n" TWO, compute);
	start_second();
	turn(1);
	cr_assert_eq(guests[0].vcpus[1].cpu, 1);
	cr_assert(guests[0].vcpus[1].attached);
	hosted_cpu.id = 1;
	sched_remove(&guests[0].vcpus[1]);
	vcpu_leave_cpu(guests[0].vcpus[1].vcpu);
	guests[0].vcpus[1].cpu = 0;
	hosted_cpu.id = 0;
	sched_add(&guests[0].vcpus[1]);
	for (unsigned i = 0; i < 20 && guests[0].vcpus[0].cpu == guests[0].vcpus[1].cpu; i++)
		turn(0);
	turn(1);
	turn(0);
	cr_assert_neq(guests[0].vcpus[0].cpu, guests[0].vcpus[1].cpu);
}

Test(turns, one_with_a_cpu_of_its_own_stays_there)
{
	smp_start(2, "[vm a]\n" ONE "cpu = 0\n[vm b]\n" ONE "cpu = 0\n", compute);
	hosted_cpu.id = 1;
	sched_remove(&guests[1].vcpus[0]);
	guests[1].vcpus[0].cpu = 0;
	hosted_cpu.id = 0;
	sched_add(&guests[1].vcpus[0]);
	for (unsigned i = 0; i < 20; i++)
		turn(0);
	cr_assert_eq(guests[0].vcpus[0].cpu, 0);
	cr_assert_eq(guests[1].vcpus[0].cpu, 0);
	cr_assert(!told(1));
}

/* ---- timers ---- */

static unsigned fired_on[CPUS];

static void fire(void *context)
{
	(void)context;
	fired_on[hosted_cpu.id]++;
}

static void set_timer(struct port_timer *timer, struct vm_vcpu *v, uint64_t deadline)
{
	timer->fire = fire;
	timer->scope = v;
	vm_lock(v->vm);
	port_timer_set(timer, deadline);
	vm_unlock(v->vm);
}

Test(turns, a_timer_fires_on_its_vcpus_cpu)
{
	static struct port_timer first, second;

	smp_start(2, "[vm a]\n" TWO, wait_for_ever);
	turn(0);
	turn(1);
	hosted_cpu.id = 0;
	hosted_cpu.kicked[1] = false;
	set_timer(&second, &guests[0].vcpus[1], 5000);
	cr_assert(told(1), "it has to be armed there");
	hosted_cpu.kicked[1] = false;
	set_timer(&first, &guests[0].vcpus[0], 5000);
	cr_assert(!told(1), "nobody else is woken");
	hosted_time.now_ns = 5000;
	turn(0);
	cr_assert(fired_on[0] == 1 && fired_on[1] == 0);
	turn(1);
	cr_assert(fired_on[0] == 1 && fired_on[1] == 1);
}

Test(turns, a_cpu_that_has_lost_its_timers_interrupt_is_told_by_another)
{
	static struct port_timer timer;

	smp_start(2, "[vm a]\n" TWO, wait_for_ever);
	turn(0);
	turn(1);
	hosted_cpu.id = 1;
	set_timer(&timer, &guests[0].vcpus[1], hosted_time.now_ns + 5000);
	turn(1);
	hosted_time.now_ns += 5000 + 15000000;
	hosted_cpu.kicked[1] = false;
	turn(0);
	cr_assert(!told(1), "it may be in the middle of something");
	cr_assert_leq(hosted_time.deadline, hosted_time.now_ns + 1000000000, "one looks again");
	hosted_time.now_ns += 10000000;
	turn(0);
	cr_assert(told(1));
	turn(1);
	cr_assert_eq(fired_on[1], 1);
	hosted_cpu.kicked[1] = false;
	turn(0);
	cr_assert(!told(1), "it has come to itself");
}

/* Ticks that come while a vCPU waits for its turn would become one. */
Test(turns, a_timer_of_one_that_waits_for_its_turn_comes_with_it)
{
	static struct port_timer timer;
	struct vm_vcpu *waits;
	unsigned runs;

	smp_start(1, "[vm a]\n" ONE "[vm b]\n" ONE, compute);
	while_of[0] = while_of[1] = 1000000;
	turn(0);
	waits = guests[0].vcpus[0].vcpu->runs ? &guests[1].vcpus[0] : &guests[0].vcpus[0];
	set_timer(&timer, waits, hosted_time.now_ns + 1500000);
	fired_on[0] = 0;
	runs = waits->vcpu->runs;
	for (unsigned i = 0; i < 50 && waits->vcpu->runs == runs; i++) {
		cr_assert_eq(fired_on[0], 0);
		turn(0);
	}
	cr_assert_eq(waits->vcpu->runs, runs + 1);
	cr_assert_eq(fired_on[0], 1);
	set_timer(&timer, waits, hosted_time.now_ns + 500000);
	turn(0);
	cr_assert_leq(hosted_time.deadline, hosted_time.now_ns, "armed for the one that runs");
}

/* The timer that is part of the vCPU, which stands still while it waits. */
Test(turns, a_waiting_vcpus_own_timer_wakes_it)
{
	struct vcpu *vcpu;
	unsigned runs;

	smp_start(1, "[vm a]\n" ONE, wait_for_ever);
	vcpu = guests[0].vcpus[0].vcpu;
	turn(0);
	vcpu->timer_deadline = 7000;
	turn(0);
	runs = vcpu->runs;
	cr_assert_leq(hosted_time.deadline, 7000);
	hosted_time.now_ns = 7000;
	turn(0);
	cr_assert_eq(vcpu->runs, runs + 1);
}
