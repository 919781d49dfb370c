/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start, stop and reset of guests with several vCPUs. vCPU n of the guest is on CPU n. That a vCPU
 * is touched by its own CPU only is checked by arch/hosted at every call. Proven by planted bugs:
 * all_out() that is always true, vm_detach() without sched_poke() - each fails one of these.
 */
#include <arch/err.h>

#include "guest-devices/irqchip/lapic.h"
#include "tests/unit/smp/fixture.h"

#define GUEST   (&guests[0])
#define VCPU(n) (guests[0].vcpus[n].vcpu)

TestSuite(smp, .timeout = 60);

static void host(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	*exit = (struct vcpu_exit){.kind = EXIT_HOST};
}

/* What vCPU 0 does at its next turn. */
static void vcpu0_does(const struct vcpu_exit *exits, size_t count)
{
	hosted_script(VCPU(0), exits, count);
	turn(0);
}

static void start_by_call(unsigned target)
{
	const struct vcpu_exit call = {
	    .kind = EXIT_CPU_START,
	    .cpu = {.target = target, .entry = 0x4000, .argument = 7},
	};

	vcpu0_does(&call, 1);
}

/* Both vCPUs are in the guest: attached to their CPUs. */
static void start_both(void)
{
	smp_start(2, "[vm a]\n" TWO, host);
	start_by_call(1);
	turn(1);
	cr_assert_eq(VCPU(1)->runs, 1);
}

Test(smp, only_the_first_vcpu_runs_at_first)
{
	smp_start(2, "[vm a]\n" TWO, host);
	turn(0);
	turn(1);
	cr_assert_eq(VCPU(0)->runs, 1);
	cr_assert_eq(VCPU(1)->runs, 0);
	cr_assert_eq(hosted_cpu.idles, 1);
}

Test(smp, a_vcpu_is_started_by_its_own_cpu_once)
{
	smp_start(2, "[vm a]\n" TWO, host);
	start_by_call(1);
	cr_assert_eq(VCPU(0)->call_result, 0);
	cr_assert_eq(VCPU(1)->start_entry, 0, "not before its CPU's turn");
	cr_assert(told(1));
	start_by_call(1);
	cr_assert_eq(VCPU(0)->call_result, ERR_BUSY, "about to be on");
	turn(1);
	cr_assert_eq(VCPU(1)->start_entry, 0x4000);
	cr_assert_eq(VCPU(1)->start_argument, 7);
	cr_assert_eq(VCPU(1)->time_offset, VCPU(0)->time_offset);
	cr_assert_eq(VCPU(1)->runs, 1);
	start_by_call(1);
	cr_assert_eq(VCPU(0)->call_result, ERR_BUSY, "it is on");
	start_by_call(2);
	cr_assert_eq(VCPU(0)->call_result, ERR_INVALID);
	start_by_call(~0u);
	cr_assert_eq(VCPU(0)->call_result, ERR_INVALID);
}

Test(smp, a_vcpu_that_stops_can_be_started_again)
{
	static const struct vcpu_exit stop = {.kind = EXIT_CPU_STOP};
	unsigned runs;

	start_both();
	hosted_script(VCPU(1), &stop, 1);
	turn(1);
	runs = VCPU(1)->runs;
	cr_assert_eq(vm_vcpu_state(GUEST, 1), 0);
	turn(1);
	cr_assert_eq(VCPU(1)->runs, runs);
	start_by_call(1);
	turn(1);
	cr_assert_eq(vm_vcpu_state(GUEST, 1), 1);
	cr_assert_eq(VCPU(1)->runs, runs + 1);
}

/* A reset is asked for while vCPU 1 is in the guest. */
static void ask_and_serve(void)
{
	vm_ask(GUEST, VM_REQUEST_RESET, "test");
	cr_assert(told(1));
	turn(0);
	turn(0);
	cr_assert_eq(GUEST->resets, 0, "vCPU 1 is still in the guest");
}

static void reset_meanwhile(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	on_cpu(0, ask_and_serve);
	host(vcpu, exit);
}

Test(smp, a_reset_waits_until_every_vcpu_is_out)
{
	start_both();
	VCPU(1)->run = reset_meanwhile;
	turn(1);
	turn(0);
	cr_assert_eq(GUEST->resets, 0, "its registers are still in CPU 1");
	hosted_cpu.kicked[0] = false;
	VCPU(1)->run = host;
	turn(1);
	cr_assert(told(0), "the last to leave says so");
	turn(0);
	cr_assert_eq(GUEST->resets, 1);
	cr_assert_eq(GUEST->request, VM_REQUEST_NONE);
	cr_assert_eq(vm_vcpu_state(GUEST, 1), 0, "off, as after power on");
}

Test(smp, nobody_enters_while_a_request_waits)
{
	unsigned runs;

	start_both();
	runs = VCPU(1)->runs;
	vm_ask(GUEST, VM_REQUEST_STOP, "test");
	turn(1);
	turn(1);
	cr_assert_eq(VCPU(1)->runs, runs);
	turn(0);
	cr_assert_eq(GUEST->state, VM_STOPPED);
	turn(1);
	cr_assert_eq(VCPU(1)->runs, runs);
}

static void reset_at_once(void)
{
	vm_ask(GUEST, VM_REQUEST_RESET, "test");
	turn(0);
}

Test(smp, a_stop_that_comes_during_a_reset_is_not_lost)
{
	start_both();
	on_cpu(0, reset_at_once);
	vm_ask(GUEST, VM_REQUEST_STOP, "test");
	turn(1);
	turn(0);
	cr_assert_eq(GUEST->state, VM_STOPPED);
	cr_assert_eq(GUEST->resets, 0);
}

/* ---- a PC's messages between its local APICs ---- */

static void lapic_write(uint32_t reg, uint32_t value)
{
	const struct vcpu_exit write = {
	    .kind = EXIT_MMIO,
	    .access = {.address = LAPIC_BASE + reg, .value = value, .size = 4, .write = true}};

	vcpu0_does(&write, 1);
}

static void send(uint32_t mode, uint8_t to, uint8_t vector)
{
	lapic_write(0x310, (uint32_t)to << 24);
	lapic_write(0x300, 0x4000 | mode << 8 | vector);
}

Test(smp, X8_038_init_and_startup)
{
	unsigned runs;

	smp_start(2, "[vm a]\n" TWO, host);
	for (unsigned round = 1; round <= 1000; round++) {
		uint8_t vector = (uint8_t)round;

		send(LAPIC_INIT, 1, 0);
		if (round % 2) /* with time between the two, and without */
			turn(1);
		runs = VCPU(1)->runs;
		send(LAPIC_STARTUP, 1, vector);
		turn(1);
		cr_assert_eq(VCPU(1)->start_entry, (uint64_t)vector << 12);
		cr_assert_eq(VCPU(1)->runs, runs + 1);
	}
	send(LAPIC_STARTUP, 1, 0x99);
	turn(1);
	cr_assert_neq(VCPU(1)->start_entry, 0x99000, "it is on");
	send(LAPIC_INIT, 1, 0);
	runs = VCPU(1)->runs;
	turn(1);
	cr_assert_eq(VCPU(1)->runs, runs, "it waits");
}

Test(smp, X8_038_init_of_the_first_cpu_resets_the_guest)
{
	start_both();
	send(LAPIC_INIT, 0, 0);
	turn(1);
	turn(0);
	cr_assert_eq(GUEST->resets, 1);
	cr_assert_str_eq(GUEST->request_reason, "INIT of its first CPU");
}

Test(smp, an_nmi_ends_a_wait)
{
	static const struct vcpu_exit idle = {.kind = EXIT_IDLE};
	unsigned runs;

	start_both();
	hosted_script(VCPU(1), &idle, 1);
	turn(1);
	turn(1);
	runs = VCPU(1)->runs;
	send(LAPIC_NMI, 1, 0);
	cr_assert_eq(VCPU(1)->nmis, 0, "not by the sender's CPU");
	turn(1);
	cr_assert_eq(VCPU(1)->nmis, 1);
	cr_assert_eq(VCPU(1)->runs, runs + 1);
	turn(1);
	cr_assert_eq(VCPU(1)->nmis, 1);
}

static const struct vcpu_exit listen_and_wait[] = {
    {.kind = EXIT_MMIO,
     .access = {.address = LAPIC_BASE + 0xf0, .value = 0x1ff, .size = 4, .write = true}},
    {.kind = EXIT_IDLE},
};

/* vCPU 1 has its local APIC on and waits. */
static void one_waits(bool irq_enabled)
{
	start_both();
	VCPU(1)->irq_enabled = irq_enabled;
	hosted_script(VCPU(1), listen_and_wait, 2);
	turn(1);
	turn(1);
	cr_assert(GUEST->vcpus[1].idle);
	hosted_cpu.kicked[1] = false;
}

Test(smp, an_ipi_wakes_and_is_offered_there)
{
	one_waits(true);
	send(LAPIC_FIXED, 1, 0x40);
	cr_assert(told(1));
	hosted_cpu.kicked[1] = false;
	send(LAPIC_FIXED, 1, 0x50);
	cr_assert(!told(1), "it has been told and has not looked yet");
	turn(1);
	cr_assert(!GUEST->vcpus[1].idle);
	cr_assert_eq(VCPU(1)->offered, -1, "taken");
	send(LAPIC_FIXED, 1, 0x60);
	cr_assert(!told(1), "it only waits for its turn");
	VCPU(1)->irq_enabled = false; /* keep what is offered */
	turn(1);
	cr_assert_eq(VCPU(1)->offered, 0x60);
}

static void send_meanwhile(void)
{
	send(LAPIC_FIXED, 1, 0x40);
	cr_assert(told(1));
}

static void run_meanwhile(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	on_cpu(0, send_meanwhile);
	host(vcpu, exit);
}

Test(smp, one_that_runs_is_told)
{
	one_waits(true);
	GUEST->vcpus[1].idle = false;
	VCPU(1)->run = run_meanwhile;
	turn(1);
	cr_assert(GUEST->vcpus[1].woken);
}

/* Interrupts sent without end to one that waits with interrupts off cost its CPU nothing. */
Test(smp, X8_030_a_storm_at_a_deaf_vcpu)
{
	unsigned runs;

	one_waits(false);
	runs = VCPU(1)->runs;
	for (unsigned vector = 0x30; vector < 0xf0; vector++)
		send(LAPIC_FIXED, 1, (uint8_t)vector);
	cr_assert(!told(1));
	turn(1);
	cr_assert_eq(VCPU(1)->runs, runs);
	send(LAPIC_NMI, 1, 0);
	cr_assert(told(1), "but it hears an NMI");
	turn(1);
	cr_assert_eq(VCPU(1)->runs, runs + 1);
}
