/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers: filled before a run, folded back after it, so that between runs each interrupt's
 * state is in one place.
 */
#include "guest-devices/irqchip/gic_parts.h"

#define RANK_WAITING 0x100u /* after all that are active: their end has to be seen */
#define SOURCE_SHIFT 10
#define STATE        (GIC_LR_PENDING | GIC_LR_ACTIVE)

/* The best so far, in order. */
struct picks {
	unsigned max, count;
	uint16_t intid[GIC_LISTED];
	uint16_t rank[GIC_LISTED];
	unsigned waiting; /* how many were seen that can be taken */
	uint16_t best_waiting, best_rank;
};

/* Call fn for every interrupt whose home is the vCPU, in order. */
static void for_each(struct gic *gic, unsigned vcpu, void (*fn)(const struct gic_ref *, void *),
                     void *context)
{
	const struct gic_vcpu *v = &gic->vcpus[vcpu];

	for (uint32_t words = v->words; words; words &= words - 1) {
		unsigned word = (unsigned)__builtin_ctz(words);

		for (uint32_t bits = v->home[word]; bits; bits &= bits - 1) {
			unsigned intid = word * 32 + (unsigned)__builtin_ctz(bits);
			struct gic_ref ref = gic_look_up(gic, vcpu, intid);

			fn(&ref, context);
		}
	}
}

static void insert(struct picks *picks, uint16_t intid, uint16_t rank)
{
	unsigned at = picks->count;

	if (at == picks->max && picks->rank[--at] <= rank)
		return;
	for (; at > 0 && picks->rank[at - 1] > rank; at--) {
		picks->intid[at] = picks->intid[at - 1];
		picks->rank[at] = picks->rank[at - 1];
	}
	picks->intid[at] = intid;
	picks->rank[at] = rank;
	if (picks->count < picks->max)
		picks->count++;
}

static void pick(const struct gic_ref *ref, void *context)
{
	struct picks *picks = context;
	uint16_t rank = ref->irq->priority, intid = (uint16_t)ref->intid;

	if (!ref->irq->active) {
		rank |= RANK_WAITING;
		if (!picks->waiting++ || rank < picks->best_rank) {
			picks->best_waiting = intid;
			picks->best_rank = rank;
		}
	}
	insert(picks, intid, rank);
}

/* However many are active, one that waits has its place: it may preempt them, and a guest may leave
 * them active as long as it likes (EOImode 1). Returns how many that wait have no place. */
static unsigned reserve(struct picks *picks)
{
	unsigned last = picks->count - 1, placed = 0;

	if (picks->waiting && picks->rank[last] < RANK_WAITING) {
		picks->intid[last] = picks->best_waiting;
		picks->rank[last] = picks->best_rank;
	}
	for (unsigned i = 0; i < picks->count; i++)
		placed += picks->rank[i] >= RANK_WAITING;
	return picks->waiting - placed;
}

/* What is remembered as pending goes into the list register. */
static void hand_over_latch(struct gic_irq *irq)
{
	if (irq->sources) {
		irq->source = (uint8_t)__builtin_ctz(irq->sources);
		irq->sources &= (uint8_t)(irq->sources - 1);
		irq->listed_latch = true;
	} else if (irq->latch) {
		irq->latch = false;
		irq->listed_latch = true;
	}
}

static uint64_t list(const struct gic_ref *ref)
{
	struct gic_irq *irq = ref->irq;
	uint64_t word = ref->intid | GIC_LR_PRIORITY(irq->priority);
	bool v2_sgi = ref->intid < GIC_SGIS && ref->gic->config.version == 2;
	/* An edge can wait in the list register behind the one that is active. A level cannot: it
	 * may be gone by then. Nor can an SGI that may be from another vCPU. */
	bool again = irq->edge && !v2_sgi && gic_forwarded_to(ref) == irq->owner;

	word |= irq->group1 ? GIC_LR_GROUP1 : 0;
	word |= irq->active ? GIC_LR_ACTIVE : 0;
	if (!irq->active || again) {
		word |= GIC_LR_PENDING;
		hand_over_latch(irq);
	}
	if (v2_sgi)
		word |= (uint64_t)irq->source << SOURCE_SHIFT;
	irq->listed = true;
	irq->listed_hw = irq->hw && !irq->latch;
	if (irq->listed_hw)
		return word | GIC_LR_HW | GIC_LR_PINTID(ref->intid);
	/* The end of this one has to be seen where something is left for after it. */
	if (irq->latch || irq->sources || (irq->line && !irq->edge))
		word |= GIC_LR_EOI;
	return word;
}

bool gic_load_some(struct gic *gic, unsigned vcpu, uint64_t *lr, unsigned count)
{
	struct gic_vcpu *v = &gic->vcpus[vcpu];
	struct picks picks = {.max = count < GIC_LISTED ? count : GIC_LISTED};
	unsigned left;

	if (!count)
		return false;
	for_each(gic, vcpu, pick, &picks);
	left = reserve(&picks);
	for (unsigned i = 0; i < picks.count; i++) {
		struct gic_ref ref = gic_look_up(gic, vcpu, picks.intid[i]);

		ref.irq->owner = (uint8_t)vcpu;
		v->listed[i] = picks.intid[i];
		lr[i] = list(&ref);
	}
	v->listed_count = picks.count;
	return left;
}

/* The physical interrupt is over once the guest has ended this one, in whatever way; it comes again
 * if it is still up. */
static void fold_hw(const struct gic_ref *ref, uint64_t word)
{
	struct gic_irq *irq = ref->irq;
	bool listed = word & STATE;

	if (!listed && irq->listed_hw)
		irq->hw = irq->line = false; /* the hardware has seen to it */
	else if (!listed || (!irq->active && (!irq->line || (word & GIC_LR_ACTIVE))))
		gic_release(ref);
}

/* Only the state is read back: the rest of the word is as it was written. */
static void fold(const struct gic_ref *ref, uint64_t word)
{
	struct gic_irq *irq = ref->irq;
	bool active = word & GIC_LR_ACTIVE, pending = word & GIC_LR_PENDING;

	if (pending && irq->listed_latch) {
		if (ref->intid < GIC_SGIS && ref->gic->config.version == 2)
			irq->sources |= (uint8_t)(1u << irq->source);
		else
			irq->latch = true;
	}
	irq->listed = irq->listed_latch = false;
	irq->answered = irq->asked;
	irq->asked = false;
	if (!irq->active_written)
		irq->active = active;
	irq->active_written = false;
	if (irq->hw)
		fold_hw(ref, word);
	gic_saved(ref);
}

void gic_save_some(struct gic *gic, unsigned vcpu, uint64_t *lr)
{
	struct gic_vcpu *v = &gic->vcpus[vcpu];
	unsigned count = v->listed_count;

	v->listed_count = 0;
	for (unsigned i = 0; i < count; i++) {
		struct gic_ref ref = gic_look_up(gic, vcpu, v->listed[i]);

		fold(&ref, lr[i]);
		lr[i] = 0;
	}
}

static void best_priority(const struct gic_ref *ref, void *context)
{
	unsigned *best = context;

	if (ref->irq->waiting && ref->irq->priority < *best)
		*best = ref->irq->priority;
}

unsigned gic_waiting_priority(struct gic *gic, unsigned vcpu)
{
	unsigned best = GIC_IDLE;

	for_each(gic, vcpu, best_priority, &best);
	return best;
}

static void best_unlisted(const struct gic_ref *ref, void *context)
{
	struct gic_ref *best = context;

	if (ref->irq->active && !ref->irq->listed &&
	    (!best->irq || ref->irq->priority < best->irq->priority))
		*best = *ref;
}

/* EOIs come in the reverse order of preemption, so the first is of the highest priority. */
void gic_eoi_unlisted(struct gic *gic, unsigned vcpu, unsigned count)
{
	for (unsigned i = 0; i < count && i < GIC_PRIVATE; i++) {
		struct gic_ref best = {0};

		for_each(gic, vcpu, best_unlisted, &best);
		if (!best.irq)
			return;
		gic_write_active(&best, false);
	}
}

void gic_deactivate(struct gic *gic, unsigned vcpu, unsigned intid)
{
	struct gic_ref ref = gic_look_up(gic, vcpu, intid);

	if (ref.irq)
		gic_write_active(&ref, false);
	else
		gic->misuse++;
}
