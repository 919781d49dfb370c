/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/timer/pit.h"

#include <string.h>

#define NS_PER_S   1000000000ull
#define REFRESH_NS 15085 /* the refresh bit of port 0x61 changes that often */

enum { PORT_61_GATE = 0x01, PORT_61_SPEAKER = 0x02, PORT_61_REFRESH = 0x10, PORT_61_OUT = 0x20 };
enum { ACCESS_LATCH, ACCESS_LOW, ACCESS_HIGH, ACCESS_BOTH };

/* ---- counting ---- */

static uint64_t ns_to_ticks(uint64_t ns)
{
	return ns / NS_PER_S * PIT_HZ + ns % NS_PER_S * PIT_HZ / NS_PER_S;
}

/* Rounded up: the tick has surely passed then. */
static uint64_t ticks_to_ns(uint64_t ticks)
{
	return ticks / PIT_HZ * NS_PER_S + (ticks % PIT_HZ * NS_PER_S + PIT_HZ - 1) / PIT_HZ;
}

static uint64_t elapsed(const struct pit_channel *channel)
{
	return channel->running ? ns_to_ticks(port_time_ns() - channel->start) : channel->held;
}

static bool output(const struct pit_channel *channel)
{
	uint64_t ticks = elapsed(channel);

	if (!channel->loaded)
		return channel->mode != 0;
	switch (channel->mode) {
	case 0:
		return ticks >= channel->count;
	case 1:
		return !channel->running || ticks >= channel->count;
	case 2:
		return !channel->gate || ticks % channel->count != channel->count - 1;
	case 3:
		return !channel->gate || ticks % channel->count < (channel->count + 1) / 2;
	default:
		return ticks != channel->count;
	}
}

static uint16_t to_bcd(unsigned value)
{
	return (uint16_t)(value / 1000 % 10 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 |
	                  value % 10);
}

static uint32_t from_bcd(uint16_t value)
{
	return (value >> 12) * 1000u + (value >> 8 & 0xf) * 100u + (value >> 4 & 0xf) * 10u +
	       (value & 0xf);
}

static uint16_t current_count(const struct pit_channel *channel)
{
	uint64_t ticks = elapsed(channel);
	uint32_t modulus = channel->bcd ? 10000 : 65536, count = channel->count;
	uint32_t value;

	if (!channel->loaded)
		value = 0;
	else if (channel->mode == 2)
		value = count - (uint32_t)(ticks % count);
	else if (channel->mode == 3)
		value = (count - (uint32_t)(ticks % count * 2 % count)) & ~1u;
	else
		value = (uint32_t)((count + modulus - ticks % modulus) % modulus);
	return channel->bcd ? to_bcd(value % modulus) : (uint16_t)value;
}

/* ---- channel 0's interrupt ---- */

static bool periodic(const struct pit_channel *channel)
{
	return channel->mode == 2 || channel->mode == 3;
}

/* Ticks from the start to the first rising edge of the output; 0: there is none. */
static uint64_t first_edge(const struct pit_channel *channel)
{
	if (!channel->loaded || !channel->running)
		return 0;
	switch (channel->mode) {
	case 0:
	case 2:
	case 3:
		return channel->count;
	case 4:
		return channel->count + 1;
	default: /* modes 1 and 5 wait for a gate that channel 0 does not have */
		return 0;
	}
}

static void arm(struct pit *pit, uint64_t not_before)
{
	uint64_t edge = pit->channels[0].start + ticks_to_ns(pit->next_edge);

	port_timer_set(&pit->timer, edge < not_before ? not_before : edge);
}

static void fire(void *context)
{
	struct pit *pit = context;
	const struct pit_channel *channel = &pit->channels[0];
	uint64_t now = elapsed(channel), backlog = PIT_BACKLOG * channel->count;

	irq_line_set(&pit->irq, false);
	irq_line_set(&pit->irq, true);
	if (!periodic(channel))
		return;
	pit->next_edge += channel->count;
	if (now > pit->next_edge + backlog)
		pit->next_edge = (now - backlog) / channel->count * channel->count;
	arm(pit, port_time_ns() + PIT_MIN_NS);
}

/* The counter of channel n was touched. */
static void restarted(struct pit *pit, unsigned n)
{
	if (n != 0)
		return;
	irq_line_set(&pit->irq, false);
	pit->next_edge = first_edge(&pit->channels[0]);
	if (pit->next_edge)
		arm(pit, 0);
	else
		port_timer_set(&pit->timer, UINT64_MAX);
}

/* ---- programming ---- */

static void load(struct pit *pit, unsigned n, uint16_t value)
{
	struct pit_channel *channel = &pit->channels[n];

	channel->count = channel->bcd ? from_bcd(value) : value;
	if (!channel->count)
		channel->count = channel->bcd ? 10000 : 65536;
	channel->loaded = true;
	/* Modes 1 and 5 begin with the gate's edge, not with the count. */
	if (channel->mode != 1 && channel->mode != 5) {
		channel->start = port_time_ns();
		channel->held = 0;
		channel->running = channel->gate;
	}
	restarted(pit, n);
}

static void write_count(struct pit *pit, unsigned n, uint8_t value)
{
	struct pit_channel *channel = &pit->channels[n];

	if (channel->access == ACCESS_LOW) {
		load(pit, n, value);
	} else if (channel->access == ACCESS_HIGH) {
		load(pit, n, (uint16_t)(value << 8));
	} else if (channel->write_high) {
		channel->write_high = false;
		load(pit, n, (uint16_t)(value << 8 | channel->write_low));
	} else {
		channel->write_low = value;
		channel->write_high = true;
		if (channel->mode == 0) { /* stops until the second byte */
			channel->held = elapsed(channel);
			channel->running = false;
			restarted(pit, n);
		}
	}
}

static void latch_count(struct pit_channel *channel)
{
	if (channel->latched_bytes)
		return;
	channel->latched_count = current_count(channel);
	channel->latched_bytes = channel->access == ACCESS_BOTH ? 2 : 1;
}

static void latch_status(struct pit_channel *channel)
{
	if (channel->status_latched)
		return;
	channel->status_latched = true;
	channel->latched_status =
	    (uint8_t)(output(channel) << 7 | !channel->loaded << 6 | channel->access << 4 |
	              channel->mode << 1 | channel->bcd);
}

static void read_back(struct pit *pit, uint8_t command)
{
	for (unsigned n = 0; n < 3; n++) {
		if (!(command >> (n + 1) & 1))
			continue;
		if (!(command & 0x20))
			latch_count(&pit->channels[n]);
		if (!(command & 0x10))
			latch_status(&pit->channels[n]);
	}
}

static void write_control(struct pit *pit, uint8_t value)
{
	unsigned n = value >> 6, mode = value >> 1 & 7;
	struct pit_channel *channel = &pit->channels[n % 3];

	if (n == 3) {
		read_back(pit, value);
	} else if ((value >> 4 & 3) == ACCESS_LATCH) {
		latch_count(channel);
	} else {
		bool gate = channel->gate;

		memset(channel, 0, sizeof(*channel));
		channel->gate = gate;
		channel->access = value >> 4 & 3;
		channel->mode = (uint8_t)(mode > 5 ? mode - 4 : mode);
		channel->bcd = value & 1;
		channel->count = 65536;
		restarted(pit, n);
	}
}

static uint8_t read_count(struct pit_channel *channel)
{
	uint16_t count;
	bool high = channel->access == ACCESS_HIGH;

	if (channel->status_latched) {
		channel->status_latched = false;
		return channel->latched_status;
	}
	count = channel->latched_bytes ? channel->latched_count : current_count(channel);
	if (channel->latched_bytes)
		channel->latched_bytes--;
	if (channel->access == ACCESS_BOTH) {
		high = channel->read_high;
		channel->read_high = !high;
	}
	return (uint8_t)(high ? count >> 8 : count);
}

static void set_gate(struct pit_channel *channel, bool gate)
{
	bool level_gated = channel->mode == 0 || channel->mode == 4;

	if (gate == channel->gate)
		return;
	channel->gate = gate;
	if (gate) {
		if (!channel->loaded)
			return;
		/* Modes 0 and 4 go on where they were, the others begin again. */
		channel->start = port_time_ns() - (level_gated ? ticks_to_ns(channel->held) : 0);
		channel->running = !channel->write_high || channel->mode != 0;
	} else if (channel->mode != 1 && channel->mode != 5) {
		channel->held = elapsed(channel);
		channel->running = false;
	}
}

/* ---- ports ---- */

static void access_ports(void *context, struct bus_access *access)
{
	struct pit *pit = context;
	unsigned port = access->address & 3;

	if (access->write && port == 3)
		write_control(pit, (uint8_t)access->value);
	else if (access->write)
		write_count(pit, port, (uint8_t)access->value);
	else
		access->value = port == 3 ? 0 : read_count(&pit->channels[port]);
}

static void access_61(void *context, struct bus_access *access)
{
	struct pit *pit = context;
	struct pit_channel *channel = &pit->channels[2];

	if (access->write) {
		pit->speaker = access->value & PORT_61_SPEAKER;
		set_gate(channel, access->value & PORT_61_GATE);
		return;
	}
	access->value = (channel->gate ? PORT_61_GATE : 0u) |
	                (pit->speaker ? PORT_61_SPEAKER : 0u) |
	                (port_time_ns() / REFRESH_NS & 1 ? PORT_61_REFRESH : 0u) |
	                (output(channel) ? PORT_61_OUT : 0u);
}

void pit_reset(struct pit *pit)
{
	for (unsigned n = 0; n < 3; n++) {
		memset(&pit->channels[n], 0, sizeof(pit->channels[n]));
		pit->channels[n].access = ACCESS_BOTH;
		pit->channels[n].count = 65536;
		pit->channels[n].gate = n != 2;
	}
	pit->speaker = false;
	restarted(pit, 0);
}

void pit_init(struct pit *pit, struct irq_line irq, void *timer_scope)
{
	memset(pit, 0, sizeof(*pit));
	pit->irq = irq;
	pit->timer.fire = fire;
	pit->timer.context = pit;
	pit->timer.scope = timer_scope;
	pit->ports = (struct bus_region){0x40, 4, access_ports, pit, "pit"};
	pit->port_61 = (struct bus_region){0x61, 1, access_61, pit, "port61"};
	pit_reset(pit);
}
