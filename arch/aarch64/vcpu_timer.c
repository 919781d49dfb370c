/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual timer, Arm ARM D11.2. Its registers are the guest's own. Its interrupt is taken by
 * the hypervisor and left active, so that it does not come again, until the guest ends the one that
 * is listed for it.
 */
#include <arch/time.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/irq.h"
#include "arch/aarch64/vcpu.h"

#define VIRTUAL_TIMER 27 /* where firmware does not say, Arm BSA; of guests always */
#define NS_PER_S      1000000000ull
#define DAYS_100      8640000ull /* seconds; who waits longer waits for ever */

/*
 * Guests' counters are ahead of the host's, by more than it can have been running. QEMU before 9.1
 * hangs, the whole of it, where a guest's CVAL and a positive CNTVOFF_EL2 add up beyond 64 bits.
 */
#define COUNTER_AHEAD (1ull << 52)

static uint32_t host_irq;

static uint64_t read_ctl(void)
{
	return host_vhe ? sysreg_read(CNTV_CTL_EL02) : sysreg_read(cntv_ctl_el0);
}

static void write_ctl(uint64_t ctl)
{
	if (host_vhe)
		sysreg_write(CNTV_CTL_EL02, ctl);
	else
		sysreg_write(cntv_ctl_el0, ctl);
	isb();
}

static uint64_t read_cval(void)
{
	return host_vhe ? sysreg_read(CNTV_CVAL_EL02) : sysreg_read(cntv_cval_el0);
}

static void write_cval(uint64_t cval)
{
	if (host_vhe)
		sysreg_write(CNTV_CVAL_EL02, cval);
	else
		sysreg_write(cntv_cval_el0, cval);
}

/* False: leave it active. */
static bool fired(void *context)
{
	struct vcpu *vcpu = this_cpu()->vcpu;
	(void)context;
	if (!vcpu) {
		write_ctl(0);
		return true;
	}
	vcpu->timer.fired = true;
	return false;
}

int vcpu_timer_enable(void)
{
	int err = 0;
	write_ctl(0);
	if (!host_irq) {
		host_irq = host_description.virtual_timer_irq;
		host_irq = host_irq ? host_irq : VIRTUAL_TIMER;
		err = irq_attach_private(host_irq, fired, NULL);
	}
	gic_enable(host_irq, true);
	return err;
}

unsigned vcpu_timer_irq(void)
{
	return host_irq;
}

void vcpu_timer_load(struct vcpu *vcpu)
{
	struct timer_state *timer = &vcpu->timer;
	gic_set_active(host_irq, timer->active);
	sysreg_write(cntvoff_el2, 0 - vcpu->time_offset);
	write_cval(timer->cval);
	write_ctl(timer->ctl);
}

void vcpu_timer_save(struct vcpu *vcpu)
{
	struct timer_state *timer = &vcpu->timer;
	timer->ctl = read_ctl();
	timer->cval = read_cval();
	write_ctl(0);
	timer->active = gic_active(host_irq);
}

void vcpu_timer_reset(struct vcpu *vcpu)
{
	if (vcpu_loaded(vcpu) && vcpu->cpu == (int)cpu_id()) {
		write_ctl(0);
		gic_set_active(host_irq, false);
	}
	vcpu->timer = (struct timer_state){0};
}

void vcpu_set_time_offset(struct vcpu *vcpu, uint64_t cycles)
{
	vcpu->time_offset = cycles + COUNTER_AHEAD;
	if (vcpu_loaded(vcpu))
		sysreg_write(cntvoff_el2, 0 - vcpu->time_offset);
}

enum vcpu_counter vcpu_counter(void)
{
	return VCPU_COUNTER_ARM_VCT;
}

uint64_t vcpu_counter_at(const struct vcpu *vcpu, uint64_t cycles)
{
	return cycles + vcpu->time_offset;
}

/* The registers, wherever they are. Loaded: on this CPU. */
static struct timer_state now(const struct vcpu *vcpu)
{
	struct timer_state timer = vcpu->timer;
	if (vcpu_loaded(vcpu)) {
		timer.ctl = read_ctl();
		timer.cval = read_cval();
		timer.active = gic_active(host_irq);
	}
	return timer;
}

static bool counts(const struct timer_state *timer)
{
	return (timer->ctl & (TIMER_ENABLE | TIMER_MASK)) == TIMER_ENABLE;
}

/* As the hardware would have, were it loaded. */
static __attribute__((noinline)) void fire_unloaded(const struct vcpu *vcpu,
                                                    struct timer_state *timer)
{
	if (!timer->active && counts(timer) && time_cycles() + vcpu->time_offset >= timer->cval)
		timer->fired = timer->active = true;
}

bool vcpu_timer_fired(struct vcpu *vcpu)
{
	struct timer_state *timer = &vcpu->timer;
	if (!vcpu_loaded(vcpu))
		fire_unloaded(vcpu, timer);
	bool told = timer->fired;
	timer->fired = false;
	return told;
}

void vcpu_timer_release(struct vcpu *vcpu)
{
	if (vcpu_loaded(vcpu))
		gic_set_active(host_irq, false);
	else
		vcpu->timer.active = false;
}

uint64_t vcpu_timer_deadline(const struct vcpu *vcpu)
{
	struct timer_state timer = now(vcpu);
	if (timer.fired)
		return 0;
	if (timer.active || !counts(&timer))
		return UINT64_MAX;
	uint64_t count = time_cycles() + vcpu->time_offset, hz = time_cycles_hz();
	if (count >= timer.cval)
		return 0;
	uint64_t left = timer.cval - count, seconds = left / hz;
	if (seconds > DAYS_100)
		return UINT64_MAX;
	return time_ns() + seconds * NS_PER_S + left % hz * NS_PER_S / hz;
}
