/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/timer/pl031.h"

#include <string.h>

#define NS_PER_S 1000000000ull

enum pl031_register {
	RTCDR = 0x00,
	RTCMR = 0x04,
	RTCLR = 0x08,
	RTCCR = 0x0c,
	RTCIMSC = 0x10,
	RTCRIS = 0x14,
	RTCMIS = 0x18,
	RTCICR = 0x1c,
	RTCPeriphID0 = 0xfe0,
};

/* Part 0x031, designer Arm, revision 0; then the PrimeCell's own. */
static const uint8_t ids[8] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static uint64_t since_base(const struct pl031 *rtc)
{
	return (port_time_ns() - rtc->base_ns) / NS_PER_S;
}

static uint32_t now(const struct pl031 *rtc)
{
	return rtc->base + (uint32_t)since_base(rtc);
}

static void update_irq(struct pl031 *rtc)
{
	irq_line_set(&rtc->irq, rtc->interrupt && rtc->unmasked);
}

/* Wake when the counter reaches the alarm, which may be after it has wrapped. */
static void arm(struct pl031 *rtc)
{
	uint64_t seconds = since_base(rtc) + (uint32_t)(rtc->match - now(rtc) - 1) + 1;

	port_timer_set(&rtc->timer, rtc->base_ns + seconds * NS_PER_S);
}

static void fire(void *context)
{
	struct pl031 *rtc = context;

	rtc->interrupt = true;
	arm(rtc);
	update_irq(rtc);
}

static void match_changed(struct pl031 *rtc)
{
	if (now(rtc) == rtc->match)
		rtc->interrupt = true;
	arm(rtc);
}

static uint32_t read_register(const struct pl031 *rtc, unsigned offset)
{
	switch (offset) {
	case RTCDR:
		return now(rtc);
	case RTCMR:
		return rtc->match;
	case RTCLR:
		return rtc->load;
	case RTCCR:
		return 1; /* once started it cannot be stopped, and firmware has */
	case RTCIMSC:
		return rtc->unmasked;
	case RTCRIS:
		return rtc->interrupt;
	case RTCMIS:
		return rtc->interrupt && rtc->unmasked;
	default:
		return offset >= RTCPeriphID0 ? ids[(offset - RTCPeriphID0) / 4] : 0;
	}
}

static void write_register(struct pl031 *rtc, unsigned offset, uint32_t value)
{
	switch (offset) {
	case RTCMR:
		rtc->match = value;
		match_changed(rtc);
		break;
	case RTCLR:
		rtc->load = rtc->base = value;
		rtc->base_ns = port_time_ns();
		match_changed(rtc);
		break;
	case RTCIMSC:
		rtc->unmasked = value & 1;
		break;
	case RTCICR:
		if (value & 1)
			rtc->interrupt = false;
		break;
	default: /* read-only, or nothing there */
		break;
	}
	update_irq(rtc);
}

/* Registers are at multiples of 4; an access of any width reaches the one that it starts at. */
static void access_registers(void *context, struct bus_access *access)
{
	struct pl031 *rtc = context;
	unsigned offset = (unsigned)access->address;

	if (offset & 3)
		access->value = 0;
	else if (access->write)
		write_register(rtc, offset, (uint32_t)access->value);
	else
		access->value = read_register(rtc, offset);
}

void pl031_reset(struct pl031 *rtc)
{
	rtc->load = rtc->match = 0;
	rtc->interrupt = rtc->unmasked = false;
	arm(rtc);
	update_irq(rtc);
}

void pl031_init(struct pl031 *rtc, uint64_t base, struct irq_line irq, void *timer_scope)
{
	memset(rtc, 0, sizeof(*rtc));
	rtc->irq = irq;
	rtc->timer.fire = fire;
	rtc->timer.context = rtc;
	rtc->timer.scope = timer_scope;
	rtc->base = (uint32_t)port_wall_seconds();
	rtc->base_ns = port_time_ns();
	rtc->region = (struct bus_region){base, PL031_SIZE, access_registers, rtc, "pl031"};
	pl031_reset(rtc);
}
