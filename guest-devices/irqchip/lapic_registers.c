/* SPDX-License-Identifier: BSD-2-Clause */
/* The register page of a local APIC (SDM vol. 3, 11.4.1). */
#include "guest-devices/irqchip/lapic_parts.h"

#define VERSION (0x14u | (LAPIC_LVTS - 1) << 16)

enum lapic_register {
	REG_ID = 0x02,
	REG_VERSION = 0x03,
	REG_TPR = 0x08,
	REG_APR = 0x09,
	REG_PPR = 0x0a,
	REG_EOI = 0x0b,
	REG_RRR = 0x0c,
	REG_LDR = 0x0d,
	REG_DFR = 0x0e,
	REG_SVR = 0x0f,
	REG_ISR = 0x10,
	REG_TMR = 0x18,
	REG_IRR = 0x20,
	REG_ESR = 0x28,
	REG_ICR_LOW = 0x30,
	REG_ICR_HIGH = 0x31,
	REG_LVT = 0x32,
	REG_TIMER_INITIAL = 0x38,
	REG_TIMER_CURRENT = 0x39,
	REG_TIMER_DIVIDE = 0x3e,
};

/* Bits of the LVT entries that a guest may set. */
static const uint32_t lvt_writable[LAPIC_LVTS] = {
    [LVT_TIMER] = 0x300ff, [LVT_THERMAL] = 0x107ff, [LVT_PERFORMANCE] = 0x107ff,
    [LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,   [LVT_ERROR] = 0x100ff,
};

static uint32_t read_register(struct lapic *lapic, unsigned reg)
{
	switch (reg) {
	case REG_ID:
		return lapic->id << 24;
	case REG_VERSION:
		return VERSION;
	case REG_TPR:
		return lapic->tpr;
	case REG_PPR:
		return lapic_priority(lapic);
	case REG_APR:
	case REG_EOI:
	case REG_RRR:
		return 0;
	case REG_LDR:
		return lapic->ldr;
	case REG_DFR:
		return lapic->dfr;
	case REG_SVR:
		return lapic->svr;
	case REG_ISR ... REG_ISR + 7:
		return lapic->isr.bits[reg - REG_ISR];
	case REG_TMR ... REG_TMR + 7:
		return lapic->tmr.bits[reg - REG_TMR];
	case REG_IRR ... REG_IRR + 7:
		return lapic->irr.bits[reg - REG_IRR];
	case REG_ESR:
		return lapic->esr;
	case REG_ICR_LOW:
		return lapic->icr_low;
	case REG_ICR_HIGH:
		return lapic->icr_high;
	case REG_LVT ... REG_LVT + LAPIC_LVTS - 1:
		return lapic->lvt[reg - REG_LVT];
	case REG_TIMER_INITIAL:
		return lapic->timer_initial;
	case REG_TIMER_CURRENT:
		return lapic_timer_current(lapic);
	case REG_TIMER_DIVIDE:
		return lapic->timer_divide;
	default:
		lapic_error(lapic, ESR_REGISTER);
		return 0;
	}
}

static void write_lvt(struct lapic *lapic, unsigned entry, uint32_t value)
{
	value &= lvt_writable[entry];
	if (!(lapic->svr & SVR_ENABLE))
		value |= LVT_MASKED;
	if (entry == LVT_TIMER)
		lapic_timer_set_lvt(lapic, value);
	else
		lapic->lvt[entry] = value;
}

static void write_svr(struct lapic *lapic, uint32_t value)
{
	lapic->svr = value & 0x1ff;
	if (lapic->svr & SVR_ENABLE)
		return;
	for (unsigned i = 0; i < LAPIC_LVTS; i++)
		write_lvt(lapic, i, lapic->lvt[i]);
}

static void write_register(struct lapic *lapic, unsigned reg, uint32_t value)
{
	switch (reg) {
	case REG_TPR:
		lapic->tpr = value & 0xff;
		break;
	case REG_EOI:
		lapic_end_of_interrupt(lapic);
		break;
	case REG_LDR:
		lapic->ldr = value & 0xff000000;
		break;
	case REG_DFR:
		lapic->dfr = value | 0x0fffffff;
		break;
	case REG_SVR:
		write_svr(lapic, value);
		break;
	case REG_ESR:
		lapic->esr = lapic->esr_pending;
		lapic->esr_pending = 0;
		break;
	case REG_ICR_LOW:
		lapic->icr_low = value & 0xccfff; /* the delivery status is always idle */
		lapic_send_ipi(lapic);
		break;
	case REG_ICR_HIGH:
		lapic->icr_high = value & 0xff000000;
		break;
	case REG_LVT ... REG_LVT + LAPIC_LVTS - 1:
		write_lvt(lapic, reg - REG_LVT, value);
		break;
	case REG_TIMER_INITIAL:
		lapic_timer_set_initial(lapic, value);
		break;
	case REG_TIMER_DIVIDE:
		lapic_timer_set_divide(lapic, value);
		break;
	case REG_ID: /* read-only: ids name vCPUs */
		lapic->misuse++;
		break;
	default:
		lapic_error(lapic, ESR_REGISTER);
	}
}

/* Registers are 32 bits wide and 16 bytes apart; anything else is undefined: reads 0, no effect. */
void lapic_access(void *context, struct bus_access *access)
{
	struct lapic *lapic = context;
	unsigned reg = (unsigned)(access->address >> 4) & 0xff;

	if (access->size != 4 || (access->address & 0xf)) {
		lapic->misuse++;
		access->value = 0;
	} else if (access->write) {
		write_register(lapic, reg, (uint32_t)access->value);
	} else {
		access->value = read_register(lapic, reg);
	}
}
