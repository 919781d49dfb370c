/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time is the TSC, scaled. Under QEMU's TCG it claims no invariance but is one clock for all CPUs.
 */
#include "arch/x86_64/timer.h"

#include <arch/io.h>
#include <arch/log.h>
#include <arch/time.h>

#include "arch/x86_64/apic.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/trap.h"

#define NS_PER_S      1000000000ul
#define PM_TIMER_HZ   3579545ul
#define PIT_HZ        1193182ul
#define MEASURE_US    10000ul
#define FAR_NS        NS_PER_S
#define DIVIDE_BY_ONE 0xb
#define SAMPLES       8

static uint64_t tsc_start, tsc_hz, apic_hz;
static uint64_t ns_per_cycle; /* fixed point, 32 bits after the point */
static uint64_t cycles_per_ns, apic_ticks_per_ns;
static int64_t wall_start;
static bool has_deadline;

uint64_t time_cycles(void)
{
	return rdtsc();
}

uint64_t time_cycles_hz(void)
{
	return tsc_hz;
}

static uint64_t scale(uint64_t value, uint64_t factor)
{
	return (uint64_t)((unsigned __int128)value * factor >> 32);
}

uint64_t time_ns_at(uint64_t cycles)
{
	return scale(cycles - tsc_start, ns_per_cycle);
}

uint64_t time_ns(void)
{
	return time_ns_at(rdtsc());
}

int64_t time_wall(void)
{
	return wall_start ? wall_start + (int64_t)(time_ns() / NS_PER_S) : 0;
}

void time_delay_us(unsigned us)
{
	uint64_t start = rdtsc(), cycles = us * tsc_hz / 1000000;

	while (rdtsc() - start < cycles)
		cpu_relax();
}

/* A clock of known speed, that counts up and around. */
struct reference {
	uint32_t (*read)(void);
	uint64_t hz, mask;
};

/* All clocks at one moment; or what they did between two. */
struct sample {
	uint64_t tsc, apic, ticks;
};

static uint16_t pm_timer;

static uint32_t read_pm_timer(void)
{
	return io_in32(pm_timer);
}

/* Counter 2 of the interval timer counts down; latched, then low byte first. */
static uint32_t read_pit(void)
{
	uint32_t low;

	io_out8(0x43, 0x80);
	low = io_in8(0x42);
	return 0x10000 - (low | (uint32_t)io_in8(0x42) << 8);
}

static void start_pit(void)
{
	io_out8(0x61, (uint8_t)((io_in8(0x61) & ~2u) | 1u)); /* counter on, speaker off */
	io_out8(0x43, 0xb4);                                 /* mode 2 */
	io_out8(0x42, 0);
	io_out8(0x42, 0);
}

static struct reference choose_reference(const struct acpi *acpi)
{
	pm_timer = acpi->pm_timer;
	if (pm_timer)
		return (struct reference){read_pm_timer, PM_TIMER_HZ,
		                          acpi->pm_timer_32 ? UINT32_MAX : 0xffffff};
	start_pit();
	return (struct reference){read_pit, PIT_HZ, 0xffff};
}

/*
 * Below us may be a machine that stops us between two reads, so the one of several samples counts
 * whose reads were closest together.
 */
static struct sample take_sample(const struct reference *reference)
{
	struct sample best = {0};
	uint64_t shortest = UINT64_MAX;

	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t before = rdtsc(), ticks = reference->read();
		uint64_t apic = UINT32_MAX - apic_read(APIC_CURRENT), length = rdtsc() - before;

		if (length < shortest) {
			shortest = length;
			best = (struct sample){before + length / 2, apic, ticks};
		}
	}
	return best;
}

static struct sample measure(const struct reference *reference)
{
	uint64_t ticks = 0;
	struct sample start, end;

	apic_write(APIC_DIVIDE, DIVIDE_BY_ONE);
	apic_write(APIC_INITIAL, UINT32_MAX);
	start = take_sample(reference);
	while (ticks < reference->hz * MEASURE_US / 1000000)
		ticks = (reference->read() - start.ticks) & reference->mask;
	end = take_sample(reference);
	apic_write(APIC_INITIAL, 0);
	return (struct sample){end.tsc - start.tsc, end.apic - start.apic,
	                       (end.ticks - start.ticks) & reference->mask};
}

/* The TSC's frequency where CPUID has it exactly, otherwise 0. */
static uint64_t tsc_hz_by_cpuid(void)
{
	struct cpuid_regs r;

	if (cpuid(0, 0).eax < 0x15)
		return 0;
	r = cpuid(0x15, 0);
	return r.eax && r.ebx && r.ecx ? (uint64_t)r.ecx * r.ebx / r.eax : 0;
}

/* numerator / denominator with 32 bits after the point; a 128-bit division, which C leaves to a
 * library. */
static uint64_t fraction(uint64_t numerator, uint64_t denominator)
{
	uint64_t quotient, rest;

	__asm__("divq %4"
	        : "=a"(quotient), "=d"(rest)
	        : "a"(numerator << 32), "d"(numerator >> 32), "r"(denominator)
	        : "cc");
	return quotient;
}

void timer_init(const struct acpi *acpi, int64_t wall_clock, uint64_t entry_cycles)
{
	struct reference reference = choose_reference(acpi);
	struct sample passed = measure(&reference);

	tsc_hz = tsc_hz_by_cpuid();
	if (!tsc_hz)
		tsc_hz = passed.tsc * reference.hz / passed.ticks;
	apic_hz = passed.apic * reference.hz / passed.ticks;
	if (!tsc_hz || !apic_hz)
		panic("this machine's clocks stand still");
	ns_per_cycle = fraction(NS_PER_S, tsc_hz);
	cycles_per_ns = fraction(tsc_hz, NS_PER_S);
	apic_ticks_per_ns = fraction(apic_hz, NS_PER_S);
	has_deadline = cpuid(1, 0).ecx >> 24 & 1;
	tsc_start = entry_cycles;
	wall_start = wall_clock;
	log_debug("TSC %lu kHz%s, APIC timer %lu kHz%s", tsc_hz / 1000,
	          cpuid(0x80000007, 0).edx >> 8 & 1 ? ", invariant" : "", apic_hz / 1000,
	          has_deadline ? ", deadlines" : "");
}

void timer_start(void)
{
	this_cpu()->deadline = UINT64_MAX;
	apic_write(APIC_DIVIDE, DIVIDE_BY_ONE);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (has_deadline ? APIC_TIMER_DEADLINE : 0));
	io_barrier(); /* before the first write of a deadline */
}

/* 0 stops the counter. */
static uint32_t ticks_until(uint64_t deadline_ns, uint64_t now)
{
	if (deadline_ns == UINT64_MAX)
		return 0;
	return deadline_ns <= now ? 1 : (uint32_t)scale(deadline_ns - now, apic_ticks_per_ns) + 1;
}

/* A deadline that is far away is cut to what all counters can hold; timer_fired() goes on. */
static void set_hardware(uint64_t deadline_ns)
{
	uint64_t now = time_ns();

	if (deadline_ns != UINT64_MAX && deadline_ns > now && deadline_ns - now > FAR_NS)
		deadline_ns = now + FAR_NS;
	if (!has_deadline)
		apic_write(APIC_INITIAL, ticks_until(deadline_ns, now));
	else if (deadline_ns == UINT64_MAX)
		wrmsr(MSR_TSC_DEADLINE, 0);
	else
		wrmsr(MSR_TSC_DEADLINE, tsc_start + scale(deadline_ns, cycles_per_ns) + 1);
}

void timer_arm(uint64_t deadline_ns)
{
	struct cpu *cpu = this_cpu();

	if (cpu->deadline == deadline_ns)
		return;
	cpu->deadline = deadline_ns;
	set_hardware(deadline_ns);
}

void timer_fired(void)
{
	struct cpu *cpu = this_cpu();

	if (time_ns() < cpu->deadline)
		set_hardware(cpu->deadline);
	else
		cpu->deadline = UINT64_MAX;
}
