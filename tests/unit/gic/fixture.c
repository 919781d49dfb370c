/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/gic/fixture.h"

#define STATE (GIC_LR_PENDING | GIC_LR_ACTIVE)
#define ID    0x1fffu /* INTID, and the source of a GICv2's SGI */

struct gic gic;
struct cpu cpus[CPUS];
unsigned accessing;

static void on_kick(void *context, unsigned vcpu)
{
	struct cpu *all = context;

	all[vcpu].kicked = true;
	all[vcpu].kicks++;
}

static unsigned on_access(void *context)
{
	(void)context;
	return accessing;
}

static const struct gic_events events = {on_kick, on_access};

void start(unsigned version)
{
	memset(cpus, 0, sizeof(cpus));
	cr_assert_eq(gic_init(&gic, &(struct gic_config){.version = version,
	                                                 .vcpus = CPUS,
	                                                 .distributor = GICD,
	                                                 .redistributors = GICR,
	                                                 .events = &events,
	                                                 .context = cpus}),
	             0);
	put(0, CTLR, 3);
	for (unsigned intid = 32; intid < GIC_INTIDS && version == 2; intid++)
		region_write(&gic.distributor, ITARGETSR + intid, 1, 1);
}

/* ---- registers ---- */

static struct bus_region *frame(unsigned vcpu, unsigned intid, uint64_t *offset)
{
	accessing = vcpu;
	if (gic.config.version == 2 || intid >= GIC_PRIVATE)
		return &gic.distributor;
	*offset += vcpu * GIC_V3_REDISTRIBUTOR_SIZE + 0x10000;
	return &gic.redistributors;
}

void put_bit(unsigned vcpu, unsigned bank, unsigned intid)
{
	uint64_t offset = bank + intid / 32 * 4;
	struct bus_region *region = frame(vcpu, intid, &offset);

	region_write(region, offset, 4, 1u << intid % 32);
}

bool get_bit(unsigned vcpu, unsigned bank, unsigned intid)
{
	uint64_t offset = bank + intid / 32 * 4;
	struct bus_region *region = frame(vcpu, intid, &offset);

	return region_read(region, offset, 4) >> intid % 32 & 1;
}

void put_group(unsigned vcpu, unsigned intid, bool group1)
{
	uint64_t offset = IGROUPR + intid / 32 * 4;
	struct bus_region *region = frame(vcpu, intid, &offset);
	uint64_t old = region_read(region, offset, 4) & ~(1ull << intid % 32);

	region_write(region, offset, 4, old | (uint64_t)group1 << intid % 32);
}

void put_priority(unsigned vcpu, unsigned intid, uint8_t priority)
{
	uint64_t offset = IPRIORITYR + intid;
	struct bus_region *region = frame(vcpu, intid, &offset);

	region_write(region, offset, 1, priority);
}

void put_edge(unsigned intid, bool edge)
{
	uint64_t offset = ICFGR + intid / 16 * 4;
	struct bus_region *region = frame(0, intid, &offset);
	uint64_t old = region_read(region, offset, 4) & ~(2ull << intid % 16 * 2);

	region_write(region, offset, 4, old | (uint64_t)edge << (intid % 16 * 2 + 1));
}

uint32_t get(unsigned vcpu, unsigned offset)
{
	accessing = vcpu;
	return (uint32_t)region_read(&gic.distributor, offset, 4);
}

void put(unsigned vcpu, unsigned offset, uint32_t value)
{
	accessing = vcpu;
	region_write(&gic.distributor, offset, 4, value);
}

void enable(unsigned vcpu, unsigned intid, uint8_t priority)
{
	put_priority(vcpu, intid, priority);
	put_bit(vcpu, ISENABLER, intid);
}

/* ---- list registers ---- */

static void check_word(uint64_t word)
{
	if (word & GIC_LR_HW)
		cr_assert_neq(word & STATE, STATE, "a hardware-backed one is never both");
	cr_assert(word & STATE, "nothing listed is inactive");
	cr_assert_lt(word & 0x3ff, GIC_INTIDS);
}

void enter(unsigned n)
{
	struct cpu *cpu = &cpus[n];

	if (cpu->loaded)
		return;
	cpu->physical &= ~gic_take_released(&gic, n);
	cpu->kicked = false;
	cpu->more = gic_load(&gic, n, cpu->lr, LISTS);
	cpu->loaded = true;
	for (unsigned i = 0; i < GIC_LISTED; i++) {
		if (cpu->lr[i])
			check_word(cpu->lr[i]);
		for (unsigned j = 0; j < i; j++)
			cr_assert(!cpu->lr[i] || (cpu->lr[i] ^ cpu->lr[j]) & 0x3ff, "twice");
		cr_assert(i < LISTS || !cpu->lr[i], "more than there are");
	}
}

void leave(unsigned n)
{
	struct cpu *cpu = &cpus[n];

	if (!cpu->loaded)
		return;
	gic_eoi_unlisted(&gic, n, cpu->eoi_count);
	cpu->eoi_count = 0;
	gic_save(&gic, n, cpu->lr);
	cpu->loaded = false;
	for (unsigned i = 0; i < GIC_LISTED; i++)
		cr_assert_eq(cpu->lr[i], 0);
}

/* A maintenance interrupt: EOI of one that asked for it, none left that is pending, an EOI of one
 * that is not there. */
static bool maintenance(const struct cpu *cpu)
{
	bool pending = false;

	for (unsigned i = 0; i < LISTS; i++) {
		pending |= (cpu->lr[i] & STATE) == GIC_LR_PENDING;
		if (!(cpu->lr[i] & (STATE | GIC_LR_HW)) && (cpu->lr[i] & GIC_LR_EOI))
			return true;
	}
	return (cpu->more && !pending) || cpu->eoi_count;
}

void run(unsigned n)
{
	if (cpus[n].kicked || maintenance(&cpus[n]))
		leave(n);
	enter(n);
}

static uint64_t *find(struct cpu *cpu, uint64_t state, unsigned id, unsigned mask)
{
	for (unsigned i = 0; i < LISTS; i++) {
		if ((cpu->lr[i] & state) && (cpu->lr[i] & mask) == (id & mask))
			return &cpu->lr[i];
	}
	return NULL;
}

uint64_t listed(unsigned n, unsigned intid)
{
	uint64_t *word = find(&cpus[n], STATE, intid, 0x3ff);

	return word ? *word : 0;
}

static unsigned running(const struct cpu *cpu)
{
	return cpu->depth ? cpu->priority[cpu->depth - 1] : 0x100;
}

unsigned acknowledge(unsigned n)
{
	struct cpu *cpu = &cpus[n];
	unsigned best = running(cpu), found = LISTS;

	run(n);
	for (unsigned i = 0; i < LISTS; i++) {
		unsigned priority = cpu->lr[i] >> 48 & 0xff;

		if ((cpu->lr[i] & STATE) == GIC_LR_PENDING && priority < best) {
			best = priority;
			found = i;
		}
	}
	if (found == LISTS || cpu->depth == 32)
		return SPURIOUS;
	cpu->lr[found] ^= STATE;
	cpu->priority[cpu->depth++] = best;
	return cpu->lr[found] & ID;
}

static void clear_active(struct cpu *cpu, uint64_t *word)
{
	*word &= ~GIC_LR_ACTIVE;
	if (*word & GIC_LR_HW)
		cpu->physical &= ~(1u << (*word >> 32 & 0x1f));
}

void end(unsigned n, unsigned id)
{
	struct cpu *cpu = &cpus[n];
	uint64_t *word;

	run(n);
	if (!cpu->depth)
		return;
	cpu->depth--;
	if (cpu->split)
		return;
	word = find(cpu, GIC_LR_ACTIVE, id, ID);
	if (word)
		clear_active(cpu, word);
	else
		cpu->eoi_count++;
}

void deactivate(unsigned n, unsigned id)
{
	uint64_t *word;

	run(n);
	word = find(&cpus[n], GIC_LR_ACTIVE, id, ID);
	if (word) {
		clear_active(&cpus[n], word);
		return;
	}
	leave(n); /* trapped */
	gic_deactivate(&gic, n, id & 0x3ff);
}

unsigned take(unsigned n)
{
	unsigned id = acknowledge(n);

	if (id != SPURIOUS)
		end(n, id);
	return id;
}
