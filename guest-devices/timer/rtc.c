/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/timer/rtc.h"

#include <string.h>

#include "guest-devices/timer/calendar.h"

#define NS_PER_S 1000000000ull
#define UIP_NS   1000000 /* the update in progress flag, before each new second */
/* Alarms that passed unseen for longer than this are not looked for. */
#define ALARM_SECONDS 60

enum rtc_register {
	REG_SECONDS,
	REG_SECONDS_ALARM,
	REG_MINUTES,
	REG_MINUTES_ALARM,
	REG_HOURS,
	REG_HOURS_ALARM,
	REG_WEEKDAY,
	REG_DAY,
	REG_MONTH,
	REG_YEAR,
	REG_A,
	REG_B,
	REG_C,
	REG_D,
	REG_CENTURY = 0x32,
};

#define A_UIP    0x80
#define B_SET    0x80
#define B_PIE    0x40
#define B_AIE    0x20
#define B_UIE    0x10
#define B_BINARY 0x04
#define B_24H    0x02
#define C_IRQF   0x80
#define C_FLAGS  0x70 /* in the places of their enable bits in register B */
#define D_VALID  0x80
#define HOUR_PM  0x80

/* ---- time ---- */

static uint64_t since_base(const struct rtc *rtc)
{
	return port_time_ns() - rtc->base_ns;
}

static int64_t guest_second(const struct rtc *rtc)
{
	return rtc->base_wall + (int64_t)(since_base(rtc) / NS_PER_S);
}

/* Length of the periodic interrupt in ns, 0: off. */
static uint64_t period(const struct rtc *rtc)
{
	unsigned rate = rtc->nvram[REG_A] & 0xf;

	if (!rate)
		return 0;
	if (rate < 3)
		rate += 7;
	return (NS_PER_S << (rate - 1)) / 32768;
}

/* ---- the clock's bytes ---- */

static uint8_t encode(const struct rtc *rtc, unsigned value)
{
	return (uint8_t)(rtc->nvram[REG_B] & B_BINARY ? value : value / 10 << 4 | value % 10);
}

static unsigned decode(const struct rtc *rtc, uint8_t byte)
{
	return rtc->nvram[REG_B] & B_BINARY ? byte : (byte >> 4) * 10u + (byte & 0xf);
}

static uint8_t encode_hour(const struct rtc *rtc, unsigned hour)
{
	if (rtc->nvram[REG_B] & B_24H)
		return encode(rtc, hour);
	return (uint8_t)(encode(rtc, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0));
}

static unsigned decode_hour(const struct rtc *rtc, uint8_t byte)
{
	if (rtc->nvram[REG_B] & B_24H)
		return decode(rtc, byte);
	return decode(rtc, byte & 0x7f) % 12 + (byte & HOUR_PM ? 12 : 0);
}

static void encode_time(const struct rtc *rtc, int64_t second, uint8_t bytes[RTC_NVRAM])
{
	struct calendar at = calendar_from_seconds(second);

	bytes[REG_SECONDS] = encode(rtc, at.second);
	bytes[REG_MINUTES] = encode(rtc, at.minute);
	bytes[REG_HOURS] = encode_hour(rtc, at.hour);
	bytes[REG_WEEKDAY] = encode(rtc, at.weekday + 1);
	bytes[REG_DAY] = encode(rtc, at.day);
	bytes[REG_MONTH] = encode(rtc, at.month);
	bytes[REG_YEAR] = encode(rtc, at.year % 100);
	bytes[REG_CENTURY] = encode(rtc, at.year / 100);
}

/* Whatever the guest wrote becomes some time; nonsense only harms itself. */
static int64_t decode_time(const struct rtc *rtc)
{
	const uint8_t *bytes = rtc->nvram;

	return calendar_to_seconds(&(struct calendar){
	    .second = decode(rtc, bytes[REG_SECONDS]),
	    .minute = decode(rtc, bytes[REG_MINUTES]),
	    .hour = decode_hour(rtc, bytes[REG_HOURS]),
	    .day = decode(rtc, bytes[REG_DAY]),
	    .month = decode(rtc, bytes[REG_MONTH]),
	    .year = decode(rtc, bytes[REG_CENTURY]) * 100 + decode(rtc, bytes[REG_YEAR]),
	});
}

static bool is_time(unsigned reg)
{
	return (reg <= REG_YEAR && reg != REG_SECONDS_ALARM && reg != REG_MINUTES_ALARM &&
	        reg != REG_HOURS_ALARM) ||
	       reg == REG_CENTURY;
}

/* ---- interrupts ---- */

static bool alarm_byte(const struct rtc *rtc, unsigned alarm, uint8_t now)
{
	return rtc->nvram[alarm] >= 0xc0 || rtc->nvram[alarm] == now; /* 0xc0 and up: any */
}

static bool alarm_at(const struct rtc *rtc, int64_t second)
{
	uint8_t bytes[RTC_NVRAM];

	encode_time(rtc, second, bytes);
	return alarm_byte(rtc, REG_SECONDS_ALARM, bytes[REG_SECONDS]) &&
	       alarm_byte(rtc, REG_MINUTES_ALARM, bytes[REG_MINUTES]) &&
	       alarm_byte(rtc, REG_HOURS_ALARM, bytes[REG_HOURS]);
}

static void update_irq(struct rtc *rtc)
{
	uint8_t *flags = &rtc->nvram[REG_C];

	*flags &= C_FLAGS;
	if (*flags & rtc->nvram[REG_B])
		*flags |= C_IRQF;
	irq_line_set(&rtc->irq, *flags & C_IRQF);
}

/* Set the flags of what happened since the last look. */
static void look(struct rtc *rtc)
{
	int64_t second = guest_second(rtc);
	uint64_t length = period(rtc), count = length ? since_base(rtc) / length : 0;

	if (count != rtc->seen_period && length)
		rtc->nvram[REG_C] |= B_PIE;
	rtc->seen_period = count;
	if (second != rtc->seen_second && !(rtc->nvram[REG_B] & B_SET)) {
		int64_t from = rtc->seen_second + 1;

		rtc->nvram[REG_C] |= B_UIE;
		if (from < second - ALARM_SECONDS || from > second)
			from = second - ALARM_SECONDS;
		for (; from <= second; from++) {
			if (alarm_at(rtc, from))
				rtc->nvram[REG_C] |= B_AIE;
		}
	}
	rtc->seen_second = second;
	update_irq(rtc);
}

/* Wake for the next event that may interrupt. */
static void arm(struct rtc *rtc)
{
	uint8_t control = rtc->nvram[REG_B];
	uint64_t next = UINT64_MAX, length = period(rtc);

	if ((control & B_PIE) && length)
		next = (since_base(rtc) / length + 1) * length;
	if ((control & (B_UIE | B_AIE)) && !(control & B_SET)) {
		uint64_t second = (since_base(rtc) / NS_PER_S + 1) * NS_PER_S;

		if (second < next)
			next = second;
	}
	port_timer_set(&rtc->timer, next == UINT64_MAX ? next : rtc->base_ns + next);
}

static void fire(void *context)
{
	struct rtc *rtc = context;

	look(rtc);
	arm(rtc);
}

/* Nothing happened before now, as far as the flags go. */
static void forget(struct rtc *rtc)
{
	uint64_t length = period(rtc);

	rtc->seen_second = guest_second(rtc);
	rtc->seen_period = length ? since_base(rtc) / length : 0;
}

/* ---- registers ---- */

static void set_time(struct rtc *rtc)
{
	rtc->base_wall = decode_time(rtc) - (int64_t)(since_base(rtc) / NS_PER_S);
	forget(rtc);
}

static void write_b(struct rtc *rtc, uint8_t value)
{
	bool was_set = rtc->nvram[REG_B] & B_SET;

	if (!was_set && (value & B_SET))
		encode_time(rtc, guest_second(rtc), rtc->nvram);
	if (value & B_SET) /* the clock stands, its update interrupt is off */
		value &= (uint8_t)~B_UIE;
	rtc->nvram[REG_B] = value;
	if (was_set && !(value & B_SET))
		set_time(rtc);
	update_irq(rtc);
}

static void write_register(struct rtc *rtc, unsigned reg, uint8_t value)
{
	bool set = rtc->nvram[REG_B] & B_SET;

	look(rtc);
	if (reg == REG_A) {
		rtc->nvram[REG_A] = value & 0x7f;
		forget(rtc);
	} else if (reg == REG_B) {
		write_b(rtc, value);
	} else if (is_time(reg) && !set) {
		encode_time(rtc, guest_second(rtc), rtc->nvram);
		rtc->nvram[reg] = value;
		set_time(rtc);
	} else if (reg != REG_C && reg != REG_D) {
		rtc->nvram[reg] = value;
	}
	arm(rtc);
}

static uint8_t read_register(struct rtc *rtc, unsigned reg)
{
	bool set = rtc->nvram[REG_B] & B_SET;
	bool updating = !set && since_base(rtc) % NS_PER_S >= NS_PER_S - UIP_NS;
	uint8_t value = rtc->nvram[reg];

	if (reg == REG_A)
		return (uint8_t)(value | (updating ? A_UIP : 0));
	if (reg == REG_D)
		return D_VALID;
	if (reg == REG_C) {
		look(rtc);
		value = rtc->nvram[REG_C];
		rtc->nvram[REG_C] = 0;
		update_irq(rtc);
		return value;
	}
	if (is_time(reg) && !set) {
		uint8_t bytes[RTC_NVRAM];

		encode_time(rtc, guest_second(rtc), bytes);
		return bytes[reg];
	}
	return value;
}

static void access_ports(void *context, struct bus_access *access)
{
	struct rtc *rtc = context;

	if (access->address == 0 && access->write)
		rtc->index = access->value & (RTC_NVRAM - 1); /* bit 7 would mask NMIs */
	else if (access->address == 0)
		access->value = rtc->index;
	else if (access->write)
		write_register(rtc, rtc->index, (uint8_t)access->value);
	else
		access->value = read_register(rtc, rtc->index);
}

void rtc_reset(struct rtc *rtc)
{
	rtc->index = 0;
	if (rtc->nvram[REG_B] & B_SET)
		set_time(rtc);
	rtc->nvram[REG_A] = 0x26; /* 32 kHz base, 1024 Hz */
	rtc->nvram[REG_B] = B_24H;
	rtc->nvram[REG_C] = 0;
	forget(rtc);
	arm(rtc);
	update_irq(rtc);
}

void rtc_init(struct rtc *rtc, struct irq_line irq, void *timer_scope)
{
	memset(rtc, 0, sizeof(*rtc));
	rtc->irq = irq;
	rtc->timer.fire = fire;
	rtc->timer.context = rtc;
	rtc->timer.scope = timer_scope;
	rtc->base_wall = port_wall_seconds();
	rtc->base_ns = port_time_ns();
	rtc->region = (struct bus_region){0x70, 2, access_ports, rtc, "rtc"};
	rtc_reset(rtc);
}
