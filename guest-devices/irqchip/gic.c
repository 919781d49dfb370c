/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of each interrupt, and who gets it (IHI 0069 chapter 4). */
#include <string.h>

#include "guest-devices/err.h"
#include "guest-devices/irqchip/gic_parts.h"

struct gic_ref gic_look_up(struct gic *gic, unsigned vcpu, unsigned intid)
{
	struct gic_ref ref = {.gic = gic, .vcpu = vcpu, .intid = intid};

	if (intid < GIC_PRIVATE && vcpu < gic->config.vcpus)
		ref.irq = &gic->vcpus[vcpu].private[intid];
	else if (intid >= GIC_PRIVATE && intid < GIC_INTIDS)
		ref.irq = &gic->spis[intid - GIC_PRIVATE];
	return ref;
}

bool gic_pending(const struct gic_irq *irq)
{
	return irq->latch || irq->listed_latch || irq->sources || (irq->line && !irq->edge);
}

static bool awake(const struct gic *gic, unsigned vcpu)
{
	return vcpu < gic->config.vcpus && !gic->vcpus[vcpu].asleep;
}

/* One of several is always the lowest: guests that want more than that say so by affinity. */
static uint8_t target(const struct gic_ref *ref)
{
	const struct gic *gic = ref->gic;
	unsigned vcpu = ref->intid < GIC_PRIVATE ? ref->vcpu : ref->irq->route;

	if (ref->intid >= GIC_PRIVATE && gic->config.version == 2)
		return ref->irq->targets ? (uint8_t)__builtin_ctz(ref->irq->targets) : GIC_NOBODY;
	if (vcpu & GIC_ROUTE_ANY)
		for (vcpu = 0; vcpu < gic->config.vcpus && !awake(gic, vcpu);)
			vcpu++;
	return awake(gic, vcpu) ? (uint8_t)vcpu : GIC_NOBODY;
}

uint8_t gic_forwarded_to(const struct gic_ref *ref)
{
	const struct gic_irq *irq = ref->irq;

	if (!irq->enabled || !(ref->gic->groups >> irq->group1 & 1) || !gic_pending(irq))
		return GIC_NOBODY;
	return target(ref);
}

static void move(const struct gic_ref *ref, uint8_t home)
{
	struct gic_vcpu *vcpus = ref->gic->vcpus;
	unsigned word = ref->intid / 32, old = ref->irq->home;
	uint32_t bit = 1u << ref->intid % 32;

	if (old != GIC_NOBODY && !(vcpus[old].home[word] &= ~bit))
		vcpus[old].words &= ~(1u << word);
	if (home != GIC_NOBODY) {
		vcpus[home].home[word] |= bit;
		vcpus[home].words |= 1u << word;
	}
	ref->irq->home = home;
}

/* Returns the vCPU that gets something to take, or GIC_NOBODY. */
static uint8_t settle(const struct gic_ref *ref)
{
	struct gic_irq *irq = ref->irq;
	uint8_t home = gic_forwarded_to(ref);
	bool held = irq->active || irq->listed, waiting = home != GIC_NOBODY && !held;
	bool news = waiting && (!irq->waiting || home != irq->home);

	irq->waiting = waiting;
	if (held)
		home = irq->owner;
	if (home != irq->home)
		move(ref, home);
	return news ? home : GIC_NOBODY;
}

static void kick(struct gic *gic, unsigned vcpu)
{
	if (vcpu != GIC_NOBODY)
		gic->config.events->kick(gic->config.context, vcpu);
}

void gic_changed(const struct gic_ref *ref)
{
	uint8_t whom = settle(ref);

	kick(ref->gic, ref->irq->listed ? ref->irq->owner : whom);
}

void gic_saved(const struct gic_ref *ref)
{
	uint8_t owner = ref->irq->owner, whom = settle(ref);

	if (whom != owner)
		kick(ref->gic, whom);
}

void gic_all_changed(struct gic *gic, unsigned vcpu)
{
	for (unsigned n = 0; n < gic->config.vcpus; n++) {
		for (unsigned i = 0; i < GIC_PRIVATE && (vcpu == n || vcpu == GIC_NOBODY); i++)
			gic_changed(&(struct gic_ref){gic, &gic->vcpus[n].private[i], n, i});
	}
	for (unsigned i = 0; i < GIC_SPIS; i++)
		gic_changed(&(struct gic_ref){gic, &gic->spis[i], 0, GIC_PRIVATE + i});
}

void gic_release(const struct gic_ref *ref)
{
	ref->irq->hw = ref->irq->line = false;
	ref->gic->vcpus[ref->vcpu].released |= 1u << ref->intid;
}

void gic_write_active(const struct gic_ref *ref, bool active)
{
	struct gic_irq *irq = ref->irq;
	bool was = irq->active;

	irq->active = active;
	if (irq->listed) {
		irq->active_written = true;
	} else if (active && !was) {
		irq->owner = target(ref);
		if (irq->owner == GIC_NOBODY)
			irq->owner = (uint8_t)ref->vcpu;
	} else if (was && !active && irq->hw) {
		gic_release(ref);
	}
	gic_changed(ref);
}

bool gic_read_active(const struct gic_ref *ref)
{
	struct gic_irq *irq = ref->irq;

	if (!irq->listed)
		return irq->active;
	if (irq->answered) {
		irq->answered = false;
		return irq->active;
	}
	irq->asked = true;
	kick(ref->gic, irq->owner);
	return true;
}

bool gic_read_pending(const struct gic_ref *ref)
{
	if (ref->irq->listed)
		kick(ref->gic, ref->irq->owner);
	return gic_pending(ref->irq);
}

void gic_write_pending(const struct gic_ref *ref, bool pending)
{
	/* GICv2 keeps the sources of SGIs, and has registers of their own for that. */
	if (ref->intid < GIC_SGIS && ref->gic->config.version == 2)
		return;
	ref->irq->latch = pending;
	if (!pending)
		ref->irq->listed_latch = false;
	gic_changed(ref);
}

void gic_write_sgi(const struct gic_ref *ref, unsigned source)
{
	if (ref->gic->config.version == 2)
		ref->irq->sources |= (uint8_t)(1u << source);
	else
		ref->irq->latch = true;
	gic_changed(ref);
}

bool gic_write_message(struct gic *gic, uint32_t intid, bool level)
{
	struct gic_ref ref = gic_look_up(gic, 0, intid);

	if (intid < GIC_PRIVATE || !ref.irq) {
		gic->dropped++;
		return false;
	}
	if (ref.irq->edge) {
		gic_write_pending(&ref, level);
	} else {
		ref.irq->line = level;
		gic_changed(&ref);
	}
	return true;
}

static void reset_irq(const struct gic_ref *ref)
{
	struct gic_irq *irq = ref->irq;

	if (irq->hw)
		gic_release(ref);
	*irq =
	    (struct gic_irq){.line = irq->line, .edge = ref->intid < GIC_SGIS, .home = GIC_NOBODY};
}

void gic_reset(struct gic *gic)
{
	for (unsigned n = 0; n < gic->config.vcpus; n++) {
		struct gic_vcpu *v = &gic->vcpus[n];

		for (unsigned i = 0; i < GIC_PRIVATE; i++)
			reset_irq(&(struct gic_ref){gic, &v->private[i], n, i});
		memset(v->home, 0, sizeof(v->home));
		v->words = v->listed_count = 0;
		v->asleep = false; /* firmware of EL3 has woken it: EDK2 counts on that */
	}
	for (unsigned i = 0; i < GIC_SPIS; i++)
		reset_irq(&(struct gic_ref){gic, &gic->spis[i], 0, GIC_PRIVATE + i});
	gic->groups = 0;
}

int gic_init(struct gic *gic, const struct gic_config *config)
{
	bool v3 = config->version == 3;

	if (!v3 && config->version != 2)
		return GD_INVALID;
	if (!config->vcpus || config->vcpus > (v3 ? GIC_VCPUS : GIC_VCPUS_V2))
		return GD_INVALID;
	memset(gic, 0, sizeof(*gic));
	gic->config = *config;
	gic->distributor = (struct bus_region){
	    config->distributor, v3 ? GIC_V3_DISTRIBUTOR_SIZE : GIC_V2_DISTRIBUTOR_SIZE,
	    v3 ? gicv3_access_distributor : gicv2_access_distributor, gic, "gicd"};
	gic->redistributors =
	    (struct bus_region){config->redistributors, config->vcpus * GIC_V3_REDISTRIBUTOR_SIZE,
	                        gicv3_access_redistributors, gic, "gicr"};
	gic_reset(gic);
	return 0;
}
