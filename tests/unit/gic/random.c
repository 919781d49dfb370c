/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random traffic by four vCPUs and the devices against the architecture's state machine, written
 * down once more in the plainest form: no list registers, no homes, every question answered by
 * looking at all interrupts. Whatever a vCPU acknowledges must be what the plain machine would
 * give, so none is lost, none comes twice, and none comes late; a vCPU that waits must have been
 * woken.
 *
 * Bugs planted in gic.c, gic_list.c, gic_inputs.c and gicv3.c that it has caught, some twenty: no
 * kick for one that is listed; its pending state folded back after ICPENDR; no EOI bit; no place
 * reserved for one that waits; an edge lost while the last one is active; ISPENDR of the timer lost
 * behind HW = 1; the physical timer left active after ICACTIVER, also while listed; and so on.
 */
#include "tests/unit/gic/fixture.h"

#define SEEDS 300
#define STEPS 1500
#define TIMER 27

/* The timer more often than others: there is most to go wrong. */
static const uint16_t ids[] = {0,  1,  2,  5,  16, 17, TIMER, TIMER, TIMER, TIMER,
                               32, 33, 34, 40, 63, 64, 65,    66,    287};
#define IDS (sizeof(ids) / sizeof(ids[0]))

struct plain {
	bool enabled, group1, edge, line, latch, active, hw;
	uint8_t priority, targets, sources;
	uint8_t taker; /* who acknowledged it; CPUS: made active by a register */
	uint32_t route;
};

struct taken {
	unsigned id;
	bool valid; /* false: deactivated by another route meanwhile */
};

static struct plain private[CPUS][32], spis[GIC_SPIS];
static struct taken stack[CPUS][32], dropped[CPUS][64];
static unsigned depth[CPUS], drops[CPUS], version, groups;
static bool asleep[CPUS], idle[CPUS];
static uint64_t seed;

static unsigned chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % n;
}

/* ---- the plain machine ---- */

static struct plain *at(unsigned vcpu, unsigned intid)
{
	return intid < 32 ? &private[vcpu][intid] : &spis[intid - 32];
}

static unsigned target(unsigned vcpu, unsigned intid)
{
	const struct plain *p = at(vcpu, intid);

	if (intid < 32)
		return asleep[vcpu] ? CPUS : vcpu;
	for (unsigned n = 0; n < CPUS; n++) {
		if (version == 2 ? p->targets >> n & 1
		                 : !asleep[n] && (p->route == n || p->route >> 31))
			return n;
	}
	return CPUS;
}

static bool pending(const struct plain *p)
{
	return p->latch || p->sources || (p->line && !p->edge);
}

static bool eligible(unsigned n, unsigned intid)
{
	const struct plain *p = at(n, intid);

	return pending(p) && p->enabled && (groups >> p->group1 & 1) && !p->active &&
	       target(n, intid) == n;
}

static unsigned best(unsigned n)
{
	unsigned priority = 0x100;

	for (unsigned i = 0; i < IDS; i++)
		if (eligible(n, ids[i]) && at(n, ids[i])->priority < priority)
			priority = at(n, ids[i])->priority;
	return priority;
}

static void inactive(struct plain *p)
{
	if (p->active && p->hw)
		p->hw = p->line = false;
	p->active = false;
}

static void forget(unsigned vcpu, unsigned intid)
{
	for (unsigned n = 0; n < CPUS; n++) {
		for (unsigned i = 0; i < 64 && (intid >= 32 || n == vcpu); i++) {
			if (i < 32 && (stack[n][i].id & 0x3ff) == intid)
				stack[n][i].valid = false;
			if ((dropped[n][i].id & 0x3ff) == intid)
				dropped[n][i].valid = false;
		}
	}
}

/* ---- what vCPUs do ---- */

/* What is listed elsewhere moves on once that vCPU has come out. */
static void answer_kicks(void)
{
	for (unsigned n = 0; n < CPUS; n++)
		if (!idle[n] && cpus[n].loaded)
			run(n);
}

static void check_acknowledge(unsigned n)
{
	struct cpu *cpu = &cpus[n];
	unsigned now = cpu->depth ? cpu->priority[cpu->depth - 1] : 0x100, want = best(n), id;
	struct plain *p;

	if (depth[n] == 32)
		return;
	answer_kicks();
	id = acknowledge(n);
	if (want >= now) {
		cr_assert_eq(id, SPURIOUS, "vCPU %u took %u, nothing was due", n, id);
		return;
	}
	cr_assert_neq(id, SPURIOUS, "vCPU %u: one of priority %x is lost", n, want);
	p = at(n, id & 0x3ff);
	cr_assert(eligible(n, id & 0x3ff), "vCPU %u took %u wrongly", n, id);
	cr_assert_eq(p->priority, want, "vCPU %u took %u, not the best", n, id);
	if (version == 2 && id % 0x400 < 16) {
		cr_assert(p->sources >> (id >> 10) & 1, "from a vCPU that did not send it");
		p->sources &= (uint8_t) ~(1u << (id >> 10));
	}
	p->latch = false;
	p->active = true;
	p->taker = (uint8_t)n;
	stack[n][depth[n]++] = (struct taken){id, true};
}

static void check_end(unsigned n)
{
	struct taken last;

	if (!depth[n])
		return;
	last = stack[n][--depth[n]];
	if (!last.valid) {
		cpus[n].depth--; /* the guest knows, and just drops the priority */
	} else if (!cpus[n].split) {
		end(n, last.id);
		inactive(at(n, last.id & 0x3ff));
	} else if (drops[n] == 64) {
		depth[n]++;
	} else {
		end(n, last.id);
		dropped[n][drops[n]++] = last;
	}
}

static void check_deactivate(unsigned n)
{
	unsigned i;
	struct taken one;

	if (!drops[n])
		return;
	i = chance(drops[n]);
	one = dropped[n][i];
	dropped[n][i] = dropped[n][--drops[n]];
	if (one.valid) {
		deactivate(n, one.id);
		inactive(at(n, one.id & 0x3ff));
	}
}

static void wait(unsigned n)
{
	if (cpus[n].depth)
		return;
	leave(n);
	answer_kicks();
	cr_assert_eq(gic_deliverable(&gic, n), best(n) != 0x100, "vCPU %u", n);
	cr_assert_eq(gic_waiting_priority(&gic, n), best(n));
	cpus[n].kicked = false;
	idle[n] = !gic_deliverable(&gic, n);
}

/* Where EOIs deactivate, the order of priorities is that of EOIs: it must not be upset. */
static bool may_upset(unsigned n, unsigned intid)
{
	const struct plain *p = at(n, intid);
	unsigned whose = intid < 32 ? n : p->active ? p->taker : target(n, intid);

	return whose >= CPUS ? cpus[0].split && cpus[n].split : cpus[whose].split;
}

/* Who polls sees the truth before long; and never "inactive" of one that is active. The first
 * answer may be to a question that somebody asked before. */
static void check_reads(unsigned n, unsigned intid)
{
	const struct plain *p = at(n, intid);
	bool seen = false;

	get_bit(n, ISACTIVER, intid);
	for (unsigned i = 0; i < 3; i++) {
		bool active;

		answer_kicks();
		active = get_bit(n, ICACTIVER, intid);
		cr_assert(active || !p->active, "active %u", intid);
		seen |= active == p->active;
	}
	cr_assert(seen, "inactive %u", intid);
	get_bit(n, ISPENDR, intid);
	answer_kicks();
	cr_assert_eq(get_bit(n, ISPENDR, intid), pending(p), "pending %u", intid);
	cr_assert_eq(get_bit(n, ICENABLER, intid), p->enabled);
}

static void write_pending(unsigned n, unsigned intid, bool set)
{
	struct plain *p = at(n, intid);

	put_bit(n, set ? ISPENDR : ICPENDR, intid);
	if (version == 3 || intid >= 16)
		p->latch = set;
}

static void write_active(unsigned n, unsigned intid, bool set)
{
	struct plain *p = at(n, intid);

	if (set && (p->active || !may_upset(n, intid)))
		return;
	put_bit(n, set ? ISACTIVER : ICACTIVER, intid);
	if (set) {
		p->active = true;
		p->taker = CPUS;
		return;
	}
	inactive(p);
	forget(n, intid);
}

static void write_target(unsigned intid)
{
	struct plain *p = at(0, intid);
	uint32_t value = chance(3) ? chance(CPUS) : chance(2) ? 1u << 31 : 0x10000;

	if (intid < 32)
		return;
	if (version == 3) {
		p->route = value;
		region_write(&gic.distributor, IROUTER + 8 * intid, 8, value);
	} else {
		p->targets = (uint8_t)chance(1u << CPUS);
		region_write(&gic.distributor, ITARGETSR + intid, 1, p->targets);
	}
}

static void write_priority(unsigned n, unsigned intid)
{
	struct plain *p = at(n, intid);

	if (p->active && !may_upset(n, intid))
		return;
	p->priority = (uint8_t)(chance(8) << 5);
	put_priority(n, intid, p->priority);
}

static void write_register(unsigned n, unsigned intid)
{
	struct plain *p = at(n, intid);

	switch (chance(10)) {
	case 0:
	case 1:
		p->enabled = chance(4);
		put_bit(n, p->enabled ? ISENABLER : ICENABLER, intid);
		break;
	case 2:
	case 3:
		write_pending(n, intid, chance(3));
		break;
	case 4:
		write_active(n, intid, chance(2));
		break;
	case 5:
		write_target(intid);
		break;
	case 6:
		write_priority(n, intid);
		break;
	case 7:
		p->group1 = chance(2);
		put_group(n, intid, p->group1);
		break;
	case 8:
		if (intid >= 32) {
			p->edge = chance(2);
			put_edge(intid, p->edge);
		}
		break;
	default:
		check_reads(n, intid);
	}
}

static void send_sgi(unsigned n)
{
	unsigned intid = ids[chance(4)], list = chance(1u << CPUS);
	bool others = chance(4) == 0;

	if (version == 2) {
		put(n, SGIR, (uint32_t)others << 24 | list << 16 | intid);
	} else {
		gic_send_sgi1r(&gic, n, (uint64_t)others << 40 | intid << 24 | list);
	}
	for (unsigned i = 0; i < CPUS; i++) {
		if (!(others ? i != n : list >> i & 1))
			continue;
		if (version == 2)
		private[i][intid].sources |= (uint8_t)(1u << n);
		else private[i][intid].latch = true;
	}
}

static void write_sources(unsigned n)
{
	unsigned intid = ids[chance(4)], bits = chance(1u << CPUS);
	bool set = chance(2);
	struct plain *p = at(n, intid);

	if (version == 3)
		return;
	accessing = n;
	region_write(&gic.distributor, (set ? 0xf20 : 0xf10) + intid, 1, bits);
	p->sources = (uint8_t)(set ? p->sources | bits : p->sources & ~bits);
}

static void write_global(unsigned n)
{
	if (chance(3) == 0) {
		groups = chance(2) ? 3 : chance(4);
		put(n, CTLR, groups);
	} else if (version == 3) {
		unsigned whose = chance(CPUS);

		asleep[whose] = chance(3) == 0;
		region_write(&gic.redistributors, whose * GIC_V3_REDISTRIBUTOR_SIZE + WAKER, 4,
		             asleep[whose] ? 2 : 0);
	}
}

/* ---- what devices do ---- */

static void set_line(unsigned n, unsigned intid)
{
	struct plain *p = at(n, intid);
	bool level = chance(2);

	if (intid < 16 || intid == TIMER)
		return;
	if (level && !p->line && p->edge)
		p->latch = true;
	p->line = level;
	if (intid < 32)
		gic_set_ppi(&gic, n, intid, level);
	else
		gic_set_spi(&gic, intid - 32, level);
}

static void message(unsigned intid)
{
	struct plain *p = at(0, intid);

	if (intid < 64)
		return;
	gic_message(&gic, intid);
	p->latch |= p->edge;
	p->line |= !p->edge;
}

static void timer(unsigned n)
{
	struct plain *p = at(n, TIMER);

	idle[n] = false;
	leave(n);
	enter(n);
	cr_assert_eq(cpus[n].physical >> TIMER & 1, p->hw, "physical timer of %u", n);
	leave(n);
	if (!p->hw) {
		cpus[n].physical |= 1u << TIMER;
		gic_fire_hw(&gic, n, TIMER);
		p->hw = p->line = true;
	} else if (chance(4) == 0) {
		gic_set_ppi(&gic, n, TIMER, false);
		p->line = false;
		p->hw = p->active;
	}
}

/* ---- */

static void act(unsigned n)
{
	unsigned what = chance(20);

	if (what < 8)
		check_acknowledge(n);
	else if (what < 12)
		check_end(n);
	else if (what < 14)
		check_deactivate(n);
	else if (what < 15)
		wait(n);
	else
		leave(n); /* an exit: the vCPU's own accesses follow one */
	if (what == 15)
		send_sgi(n);
	else if (what == 16)
		write_sources(n);
	else if (what > 16) /* GICv3: also in another's redistributor */
		write_register(version == 3 && chance(3) == 0 ? chance(CPUS) : n, ids[chance(IDS)]);
}

static void step(void)
{
	unsigned n = chance(CPUS), what = chance(32), intid = ids[chance(IDS)];

	if (what < 4)
		set_line(n, intid);
	else if (what < 6)
		message(intid);
	else if (what < 7)
		timer(n);
	else if (what == 7 && chance(8) == 0)
		write_global(n);
	else if (!idle[n] || cpus[n].kicked)
		idle[n] = false, act(n);
	for (unsigned i = 0; i < CPUS; i++)
		if (idle[i] && !cpus[i].kicked && best(i) != 0x100)
			answer_kicks();
	for (unsigned i = 0; i < CPUS; i++)
		cr_assert(!idle[i] || cpus[i].kicked || best(i) == 0x100, "vCPU %u sleeps on", i);
}

static void drain(void)
{
	for (unsigned n = 0; n < CPUS; n++) {
		for (unsigned i = 0; i < 64; i++) {
			check_acknowledge(n);
			check_end(n);
			check_deactivate(n);
		}
	}
}

static void round_of(unsigned which)
{
	version = which;
	start(version);
	memset(private, 0, sizeof(private));
	memset(spis, 0, sizeof(spis));
	memset(depth, 0, sizeof(depth));
	memset(drops, 0, sizeof(drops));
	memset(asleep, 0, sizeof(asleep));
	memset(idle, 0, sizeof(idle));
	groups = 3;
	for (unsigned n = 0; n < CPUS; n++) {
		cpus[n].split = n & 1;
		for (unsigned i = 0; i < 16; i++)
		private[n][i].edge = true;
	}
	for (unsigned i = 0; i < GIC_SPIS; i++)
		spis[i].targets = version == 2;
	for (unsigned i = 0; i < IDS; i++) {
		at(0, ids[i])->enabled = true;
		enable(0, ids[i], 0);
	}
	for (unsigned i = 0; i < STEPS; i++)
		step();
	drain();
}

Test(gic_random, v3_agrees_with_the_plain_machine)
{
	for (unsigned i = 1; i <= SEEDS; i++) {
		seed = i * 0x9e3779b97f4a7c15ull;
		round_of(3);
	}
}

Test(gic_random, v2_agrees_with_the_plain_machine)
{
	for (unsigned i = 1; i <= SEEDS; i++) {
		seed = i * 0xd1342543de82ef95ull;
		round_of(2);
	}
}
