/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/irqchip/ioapic.h"

#include <string.h>

#define VERSION (0x20u | (IOAPIC_PINS - 1) << 16)

#define ENTRY_LOGICAL    (1ull << 11)
#define ENTRY_REMOTE_IRR (1ull << 14)
#define ENTRY_LEVEL      (1ull << 15)
#define ENTRY_MASKED     (1ull << 16)
#define ENTRY_WRITABLE   0xff0000000001afffull

enum window { WINDOW_SELECT = 0x00, WINDOW_DATA = 0x10, WINDOW_EOI = 0x40 };
enum { REG_ID, REG_VERSION, REG_ARBITRATION, REG_REDIRECTION = 0x10 };

/* An I/O APIC has no business with INIT, start-up, SMI and ExtINT here: refused, like reserved. */
static bool deliver(struct ioapic *ioapic, uint64_t entry)
{
	struct lapic_message message = {
	    .destination = (uint8_t)(entry >> 56),
	    .logical = entry & ENTRY_LOGICAL,
	    .mode = (uint8_t)(entry >> 8 & 7),
	    .vector = (uint8_t)entry,
	    .level = entry & ENTRY_LEVEL,
	};

	if (message.mode != LAPIC_FIXED && message.mode != LAPIC_LOWEST &&
	    message.mode != LAPIC_NMI) {
		ioapic->misuse++;
		return false;
	}
	return lapic_deliver(ioapic->group, &message);
}

/* A level-triggered pin whose line is up and whose last message is finished sends one. */
static void service_level(struct ioapic *ioapic, unsigned pin)
{
	uint64_t *entry = &ioapic->redirection[pin];

	if ((*entry & (ENTRY_LEVEL | ENTRY_MASKED | ENTRY_REMOTE_IRR)) != ENTRY_LEVEL)
		return;
	if (!(ioapic->lines >> pin & 1))
		return;
	if (deliver(ioapic, *entry) && (*entry >> 8 & 7) != LAPIC_NMI)
		*entry |= ENTRY_REMOTE_IRR;
}

void ioapic_set(struct ioapic *ioapic, unsigned pin, bool level)
{
	uint32_t bit;
	bool rising;

	if (pin >= IOAPIC_PINS)
		return;
	bit = 1u << pin;
	rising = level && !(ioapic->lines & bit);
	ioapic->lines = level ? ioapic->lines | bit : ioapic->lines & ~bit;
	/* An edge that comes while the entry is masked is lost, as in the real one. */
	if (rising && !(ioapic->redirection[pin] & (ENTRY_LEVEL | ENTRY_MASKED)))
		deliver(ioapic, ioapic->redirection[pin]);
	else
		service_level(ioapic, pin);
}

static void line_set(void *context, unsigned pin, bool level)
{
	ioapic_set(context, pin, level);
}

struct irq_line ioapic_line(struct ioapic *ioapic, unsigned pin)
{
	return (struct irq_line){line_set, ioapic, pin};
}

void ioapic_eoi(void *context, uint8_t vector)
{
	struct ioapic *ioapic = context;

	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
		uint64_t *entry = &ioapic->redirection[pin];

		if ((uint8_t)*entry != vector || !(*entry & ENTRY_REMOTE_IRR))
			continue;
		*entry &= ~ENTRY_REMOTE_IRR;
		service_level(ioapic, pin);
	}
}

static void write_entry(struct ioapic *ioapic, unsigned reg, uint32_t value)
{
	unsigned pin = (reg - REG_REDIRECTION) / 2, shift = reg & 1 ? 32 : 0;
	uint64_t *entry = &ioapic->redirection[pin];
	uint64_t half = 0xffffffffull << shift;
	uint64_t keep = ENTRY_REMOTE_IRR | ~half;

	*entry = (*entry & keep) | ((uint64_t)value << shift & ENTRY_WRITABLE);
	if (!(*entry & ENTRY_LEVEL))
		*entry &= ~ENTRY_REMOTE_IRR;
	service_level(ioapic, pin);
}

static uint32_t read_register(struct ioapic *ioapic)
{
	unsigned reg = ioapic->select;

	switch (reg) {
	case REG_ID:
	case REG_ARBITRATION:
		return (uint32_t)ioapic->id << 24;
	case REG_VERSION:
		return VERSION;
	case REG_REDIRECTION ... REG_REDIRECTION + 2 * IOAPIC_PINS - 1:
		return (uint32_t)(ioapic->redirection[(reg - REG_REDIRECTION) / 2] >>
		                  (reg & 1 ? 32 : 0));
	default:
		ioapic->misuse++;
		return 0;
	}
}

static void write_register(struct ioapic *ioapic, uint32_t value)
{
	if (ioapic->select == REG_ID)
		ioapic->id = value >> 24 & 0xf;
	else if (ioapic->select >= REG_REDIRECTION &&
	         ioapic->select < REG_REDIRECTION + 2 * IOAPIC_PINS)
		write_entry(ioapic, ioapic->select, value);
	else
		ioapic->misuse++;
}

static void access_window(void *context, struct bus_access *access)
{
	struct ioapic *ioapic = context;
	uint32_t value = (uint32_t)access->value;

	if (!access->write)
		access->value = 0;
	if (access->address == WINDOW_SELECT && access->write)
		ioapic->select = (uint8_t)value;
	else if (access->address == WINDOW_SELECT)
		access->value = ioapic->select;
	else if (access->address == WINDOW_DATA && access->size == 4 && access->write)
		write_register(ioapic, value);
	else if (access->address == WINDOW_DATA && access->size == 4)
		access->value = read_register(ioapic);
	else if (access->address == WINDOW_EOI && access->write)
		ioapic_eoi(ioapic, (uint8_t)value);
	else
		ioapic->misuse++;
}

void ioapic_reset(struct ioapic *ioapic)
{
	ioapic->select = 0;
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
		ioapic->redirection[pin] = ENTRY_MASKED;
}

void ioapic_init(struct ioapic *ioapic, struct lapic_group *group, uint8_t id)
{
	memset(ioapic, 0, sizeof(*ioapic));
	ioapic->group = group;
	ioapic->id = id;
	ioapic->region =
	    (struct bus_region){IOAPIC_BASE, IOAPIC_SIZE, access_window, ioapic, "ioapic"};
	group->eoi = ioapic_eoi;
	group->eoi_context = ioapic;
	ioapic_reset(ioapic);
}
