/* SPDX-License-Identifier: BSD-2-Clause */
/* Time is the physical counter, scaled; the alarm is EL2's own timer, Arm ARM D11.2. */
#include "arch/aarch64/timer.h"

#include <arch/log.h>
#include <arch/time.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/host.h"
#include "arch/aarch64/irq.h"

#define NS_PER_S  1000000000ul
#define HYP_TIMER 26 /* where firmware does not say, Arm BSA */

static uint64_t start, hz;
static uint64_t ns_per_cycle; /* fixed point, 32 bits after the point */
static uint64_t cycles_per_ns;
static int64_t wall_start;
static uint32_t timer_irq;

uint64_t time_cycles(void)
{
	isb(); /* the counter may otherwise be read early */
	return sysreg_read(cntpct_el0);
}

uint64_t time_cycles_hz(void)
{
	return hz;
}

static uint64_t scale(uint64_t value, uint64_t factor)
{
	return (uint64_t)((unsigned __int128)value * factor >> 32);
}

uint64_t time_ns_at(uint64_t cycles)
{
	return scale(cycles - start, ns_per_cycle);
}

uint64_t time_ns(void)
{
	return time_ns_at(time_cycles());
}

int64_t time_wall(void)
{
	return wall_start ? wall_start + (int64_t)(time_ns() / NS_PER_S) : 0;
}

void time_delay_us(unsigned us)
{
	uint64_t from = time_cycles(), cycles = us * hz / 1000000;

	while (time_cycles() - from < cycles)
		cpu_relax();
}

static void set_hardware(uint64_t deadline_ns)
{
	if (deadline_ns == UINT64_MAX) {
		sysreg_write(cnthp_ctl_el2, 0);
	} else {
		sysreg_write(cnthp_cval_el2, start + scale(deadline_ns, cycles_per_ns) + 1);
		sysreg_write(cnthp_ctl_el2, TIMER_ENABLE);
	}
	isb();
}

void timer_arm(uint64_t deadline_ns)
{
	struct host_cpu *cpu = this_cpu();

	if (cpu->deadline == deadline_ns)
		return;
	cpu->deadline = deadline_ns;
	set_hardware(deadline_ns);
}

/* The line stays up as long as the timer is on and its time is past. */
static bool fired(void *context)
{
	struct host_cpu *cpu = this_cpu();

	(void)context;
	if (time_ns() >= cpu->deadline)
		cpu->deadline = UINT64_MAX;
	set_hardware(cpu->deadline);
	return true;
}

void timer_init(const struct host_description *host, const struct boot_info *info)
{
	hz = sysreg_read(cntfrq_el0);
	if (!hz || hz > UINT32_MAX)
		panic("firmware left CNTFRQ_EL0 at %lu: the time is unknown", hz);
	ns_per_cycle = (NS_PER_S << 32) / hz;
	cycles_per_ns = (hz << 32) / NS_PER_S;
	start = info->entry_cycles;
	wall_start = info->wall_clock;
	timer_irq = host->hyp_timer_irq ? host->hyp_timer_irq : HYP_TIMER;
	if (irq_attach_private(timer_irq, fired, NULL))
		panic("the timer's interrupt is %u, which is no private one", timer_irq);
	log_debug("counter %lu kHz, timer interrupt %u", hz / 1000, timer_irq);
}

void timer_start(void)
{
	this_cpu()->deadline = UINT64_MAX;
	set_hardware(UINT64_MAX);
	gic_enable(timer_irq, true);
}
