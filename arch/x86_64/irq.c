/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/irq.h"

#include <arch/err.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lock.h>

#include "arch/x86_64/apic.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/timer.h"
#include "arch/x86_64/trap.h"

#define PIC1 0x20
#define PIC2 0xa0

/* I/O APIC: an index register, a data register, and two words for each input. */
#define IO_APIC_INDEX       0x00
#define IO_APIC_DATA        0x10
#define IO_APIC_VERSION     0x01
#define IO_APIC_REDIRECTION 0x10

#define REDIRECTION_MASKED (1u << 16)
#define REDIRECTION_LEVEL  (1u << 15)
#define REDIRECTION_LOW    (1u << 13) /* active low */

struct handler {
	irq_handler *call;
	void *context;
};

static struct handler handlers[256];
static unsigned next_vector = VECTOR_FIRST;
static const struct acpi *tables;
static struct lock lock;

void irq_dispatch(uint8_t vector)
{
	const struct handler *handler = &handlers[vector];

	if (vector < VECTOR_FIRST || vector == VECTOR_SPURIOUS)
		return; /* neither wants an end of interrupt */
	this_cpu()->interrupts++;
	this_cpu()->woken = true;
	if (vector == VECTOR_TIMER)
		timer_fired();
	else if (handler->call)
		handler->call(handler->context);
	apic_write(APIC_EOI, 0);
}

/* A vector of its own for a handler; the same number on every CPU. 0: none left. */
static uint8_t new_vector(irq_handler *call, void *context)
{
	uint8_t vector = 0;

	lock_take(&lock);
	if (next_vector <= VECTOR_LAST) {
		vector = (uint8_t)next_vector++;
		handlers[vector] = (struct handler){call, context};
	}
	lock_drop(&lock);
	return vector;
}

int irq_alloc_message(irq_handler *call, void *context, unsigned cpu, struct irq_message *message)
{
	uint32_t to = cpu_by_id(cpu)->apic_id;
	uint8_t vector;

	if (to > 0xff) /* a message has room for 8 bits of it */
		return ERR_UNSUPPORTED;
	vector = new_vector(call, context);
	if (!vector)
		return ERR_NO_MEMORY;
	message->address = 0xfee00000 | to << 12;
	message->data = vector;
	return 0;
}

static uint32_t io_apic_read(const struct acpi_io_apic *io_apic, uint32_t reg)
{
	volatile uint8_t *base = (volatile uint8_t *)(uint64_t)io_apic->address;

	mmio_write32(base + IO_APIC_INDEX, reg);
	return mmio_read32(base + IO_APIC_DATA);
}

static void io_apic_write(const struct acpi_io_apic *io_apic, uint32_t reg, uint32_t value)
{
	volatile uint8_t *base = (volatile uint8_t *)(uint64_t)io_apic->address;

	mmio_write32(base + IO_APIC_INDEX, reg);
	mmio_write32(base + IO_APIC_DATA, value);
}

static uint32_t io_apic_inputs(const struct acpi_io_apic *io_apic)
{
	return (io_apic_read(io_apic, IO_APIC_VERSION) >> 16 & 0xff) + 1;
}

static const struct acpi_io_apic *io_apic_of(uint32_t gsi)
{
	for (unsigned i = 0; i < tables->io_apic_count; i++) {
		const struct acpi_io_apic *io_apic = &tables->io_apics[i];

		if (gsi >= io_apic->gsi_base && gsi - io_apic->gsi_base < io_apic_inputs(io_apic))
			return io_apic;
	}
	return NULL;
}

static struct acpi_override override_of(unsigned line)
{
	for (unsigned i = 0; i < tables->override_count; i++)
		if (tables->overrides[i].line == line)
			return tables->overrides[i];
	return (struct acpi_override){.line = (uint8_t)line, .gsi = line};
}

int irq_attach_line(unsigned line, irq_handler *call, void *context, unsigned cpu)
{
	struct acpi_override route = override_of(line);
	const struct acpi_io_apic *io_apic = io_apic_of(route.gsi);
	uint32_t to = cpu_by_id(cpu)->apic_id, reg, low;

	if (!io_apic || to > 0xff)
		return ERR_NOT_FOUND;
	low = new_vector(call, context);
	if (!low)
		return ERR_NO_MEMORY;
	if ((route.flags & 3) == 3)
		low |= REDIRECTION_LOW;
	if ((route.flags >> 2 & 3) == 3)
		low |= REDIRECTION_LEVEL;
	reg = IO_APIC_REDIRECTION + 2 * (route.gsi - io_apic->gsi_base);
	io_apic_write(io_apic, reg + 1, to << 24);
	io_apic_write(io_apic, reg, low);
	return 0;
}

/* Moved away from the exceptions' vectors, then silenced. */
static void mask_legacy(void)
{
	static const uint8_t sequence[][2] = {
	    {0x11, 0x11}, {VECTOR_LEGACY, VECTOR_LEGACY + 8}, {4, 2}, {1, 1}, {0xff, 0xff}};

	for (unsigned i = 0; i < sizeof(sequence) / sizeof(*sequence); i++) {
		io_out8((uint16_t)(PIC1 + !!i), sequence[i][0]);
		io_out8((uint16_t)(PIC2 + !!i), sequence[i][1]);
	}
}

void irq_init(const struct acpi *acpi)
{
	tables = acpi;
	mask_legacy();
	for (unsigned i = 0; i < acpi->io_apic_count; i++) {
		const struct acpi_io_apic *io_apic = &acpi->io_apics[i];
		uint32_t inputs;

		mmio_map(io_apic->address, 0x20);
		inputs = io_apic_inputs(io_apic);
		for (uint32_t n = 0; n < inputs; n++)
			io_apic_write(io_apic, IO_APIC_REDIRECTION + 2 * n, REDIRECTION_MASKED);
	}
}
