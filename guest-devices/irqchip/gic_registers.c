/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers with a field for each interrupt, which all frames lay out alike (IHI 0069 12.9). */
#include "guest-devices/irqchip/gic_parts.h"

/* Banks of one bit an interrupt: offset >> 7. */
enum bit_bank {
	BANK_GROUP = 1,
	BANK_SET_ENABLE,
	BANK_CLEAR_ENABLE,
	BANK_SET_PENDING,
	BANK_CLEAR_PENDING,
	BANK_SET_ACTIVE,
	BANK_CLEAR_ACTIVE,
};

enum { PRIORITY = 0x400, TARGETS = 0x800, CONFIG = 0xc00, CONFIG_END = 0xd00 };

#define CONFIG_EDGE 2u

static bool read_bit(const struct gic_ref *ref, enum bit_bank bank)
{
	switch (bank) {
	case BANK_GROUP:
		return ref->irq->group1;
	case BANK_SET_ENABLE:
	case BANK_CLEAR_ENABLE:
		return ref->irq->enabled;
	case BANK_SET_PENDING:
	case BANK_CLEAR_PENDING:
		return gic_read_pending(ref);
	default:
		return gic_read_active(ref);
	}
}

static void write_bit(const struct gic_ref *ref, enum bit_bank bank, bool bit)
{
	bool set = bank == BANK_SET_ENABLE || bank == BANK_SET_PENDING || bank == BANK_SET_ACTIVE;

	if (bank == BANK_GROUP)
		ref->irq->group1 = bit;
	else if (!bit)
		return;
	else if (bank == BANK_SET_ENABLE || bank == BANK_CLEAR_ENABLE)
		ref->irq->enabled = set;
	else if (bank == BANK_SET_PENDING || bank == BANK_CLEAR_PENDING)
		return gic_write_pending(ref, set);
	else
		return gic_write_active(ref, set);
	gic_changed(ref);
}

static uint8_t read_byte(const struct gic_ref *ref, unsigned bank)
{
	if (bank == PRIORITY)
		return ref->irq->priority;
	if (ref->intid < GIC_PRIVATE)
		return (uint8_t)(1u << ref->vcpu); /* whoever asks finds itself */
	return ref->irq->targets;
}

static void write_byte(const struct gic_ref *ref, unsigned bank, uint8_t value)
{
	if (bank == PRIORITY)
		ref->irq->priority = value & GIC_PRIORITY_MASK;
	else if (ref->intid >= GIC_PRIVATE)
		ref->irq->targets = value & (uint8_t)((1u << ref->gic->config.vcpus) - 1);
	gic_changed(ref);
}

/* SGIs are edges, PPIs levels, as they are wired; an SPI is what the guest says. */
static void write_config(const struct gic_ref *ref, bool edge)
{
	if (ref->intid < GIC_PRIVATE)
		return;
	ref->irq->edge = edge;
	gic_changed(ref);
}

/* One register of 32 bits, with bits bits an interrupt. */
struct field {
	unsigned offset, bits;
};

static uint32_t field_read(const struct gic_ref *ref, const struct field *field)
{
	if (field->bits == 1)
		return read_bit(ref, field->offset >> 7);
	if (field->bits == 2)
		return ref->irq->edge ? CONFIG_EDGE : 0;
	return read_byte(ref, field->offset & (PRIORITY | TARGETS));
}

static void field_write(const struct gic_ref *ref, const struct field *field, uint32_t value)
{
	if (field->bits == 1)
		write_bit(ref, field->offset >> 7, value & 1);
	else if (field->bits == 2)
		write_config(ref, value & CONFIG_EDGE);
	else
		write_byte(ref, field->offset & (PRIORITY | TARGETS), (uint8_t)value);
}

/* Which fields there are at an offset; the first INTID in it. False: no register of this kind.
 * Affinity routing leaves no targets. */
static bool find_field(unsigned version, unsigned offset, struct field *field, unsigned *intid)
{
	field->offset = offset;
	if (offset < BANK_GROUP << 7 || offset >= CONFIG_END)
		return false;
	if (version != 2 && offset >= TARGETS && offset < CONFIG)
		return false;
	field->bits = offset < PRIORITY ? 1 : offset < CONFIG ? 8 : 2;
	*intid = (offset & (offset < PRIORITY ? 0x7f
	                    : offset < CONFIG ? 0x3ff
	                                      : 0xff)) *
	         8 / field->bits;
	return true;
}

bool gic_access_common(const struct gic_frame *frame, struct bus_access *access)
{
	unsigned first, offset = (unsigned)access->address, size = access->size;
	uint32_t value = (uint32_t)access->value, result = 0;
	struct field field;

	if (!find_field(frame->gic->config.version, offset, &field, &first) || offset % size)
		return false;
	if (size != 4 && !(size == 1 && field.bits == 8))
		return false;
	for (unsigned i = 0; i < size * 8 / field.bits; i++) {
		unsigned shift = i * field.bits, intid = first + i;
		struct gic_ref ref = gic_look_up(frame->gic, frame->vcpu, intid);

		if (intid < frame->first || intid >= frame->end || !ref.irq)
			return false;
		if (access->write)
			field_write(&ref, &field, value >> shift);
		else
			result |= field_read(&ref, &field) << shift;
	}
	access->value = access->write ? access->value : result;
	return true;
}

bool gic_read_only(struct bus_access *access, uint64_t value, uint8_t size)
{
	if (access->size != size || access->address % size || access->write)
		return false;
	access->value = value;
	return true;
}

void gic_misuse(struct gic *gic, struct bus_access *access)
{
	gic->misuse++;
	if (!access->write)
		access->value = 0;
}

uint32_t gic_identification(const struct gic *gic, unsigned offset)
{
	static const uint8_t component[4] = {0x0d, 0xf0, 0x05, 0xb1}; /* CIDR0..3 */

	if ((offset & 0xff0) == 0xff0)
		return component[offset >> 2 & 3];
	return (offset & 0xfff) == 0xfe8 ? gic->config.version << 4 : 0;
}
