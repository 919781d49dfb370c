/* SPDX-License-Identifier: BSD-2-Clause */
/* Host CPUs and time under a test's control. */
#include <arch/cpu.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arch/log.h>
#include <arch/time.h>

#include "arch/hosted/hosted.h"

struct hosted_cpu hosted_cpu = {.count = 1, .random = 1};
struct hosted_time hosted_time = {.deadline = UINT64_MAX};

void arch_init(struct boot_info *info)
{
	(void)info;
}

unsigned cpu_id(void)
{
	return hosted_cpu.id;
}

unsigned cpu_count(void)
{
	return hosted_cpu.count;
}

void cpu_start_others(void (*entry)(unsigned cpu))
{
	hosted_cpu.entry = entry;
}

void cpu_kick(unsigned cpu)
{
	CHECK(cpu < CPU_MAX);
	hosted_cpu.kicked[cpu] = true;
	if (hosted_cpu.kick)
		hosted_cpu.kick();
}

void cpu_idle(void)
{
	hosted_cpu.idles++;
	hosted_cpu.kicked[hosted_cpu.id] = false;
	if (hosted_cpu.idle)
		hosted_cpu.idle();
}

size_t cpu_random(void *buf, size_t size)
{
	uint8_t *to = buf;
	if (!hosted_cpu.random)
		return 0;
	for (size_t i = 0; i < size; i++) {
		hosted_cpu.random =
		    hosted_cpu.random * 6364136223846793005ull + 1442695040888963407ull;
		to[i] = (uint8_t)(hosted_cpu.random >> 56);
	}
	return size;
}

void machine_self_check(void)
{
}

static _Noreturn void stop(int how)
{
	if (hosted_cpu.stop_armed) {
		hosted_cpu.stop_armed = false;
		longjmp(hosted_cpu.stop, how);
	}
	abort();
}

void cpu_halt(void)
{
	stop(STOP_HALT);
}

void machine_power_off(void)
{
	stop(STOP_POWER_OFF);
}

void machine_reset(void)
{
	stop(STOP_RESET);
}

void panic(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(hosted_cpu.panic_text, sizeof(hosted_cpu.panic_text), fmt, args);
	va_end(args);
	fprintf(stderr, "panic: %s\n", hosted_cpu.panic_text);
	stop(STOP_PANIC);
}

uint64_t time_ns(void)
{
	return hosted_time.now_ns;
}

uint64_t time_cycles(void)
{
	return hosted_time.now_ns;
}

uint64_t time_cycles_hz(void)
{
	return 1000000000;
}

uint64_t time_ns_at(uint64_t cycles)
{
	return cycles;
}

int64_t time_wall(void)
{
	return hosted_time.wall + (int64_t)(hosted_time.now_ns / 1000000000);
}

void time_delay_us(unsigned us)
{
	hosted_time.now_ns += us * 1000ull;
}

void timer_arm(uint64_t deadline_ns)
{
	hosted_time.deadline = deadline_ns;
}
