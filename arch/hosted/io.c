/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports, device memory and interrupts through hooks. */
#include <arch/io.h>

#include <string.h>

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/irq.h>

#include "arch/hosted/hosted.h"

struct hosted_io hosted_io;

static uint32_t port_read(uint16_t port, unsigned size)
{
	return hosted_io.port_read ? hosted_io.port_read(hosted_io.context, port, size) : ~0u;
}

static void port_write(uint16_t port, unsigned size, uint32_t value)
{
	if (hosted_io.port_write)
		hosted_io.port_write(hosted_io.context, port, size, value);
}

#define PORT_ACCESSORS(bits)                                                                       \
	uint##bits##_t io_in##bits(uint16_t port)                                                  \
	{                                                                                          \
		return (uint##bits##_t)port_read(port, bits / 8);                                  \
	}                                                                                          \
	void io_out##bits(uint16_t port, uint##bits##_t value)                                     \
	{                                                                                          \
		port_write(port, bits / 8, value);                                                 \
	}
PORT_ACCESSORS(8)
PORT_ACCESSORS(16)
PORT_ACCESSORS(32)

#define MMIO_HOOKS(bits)                                                                           \
	uint##bits##_t mmio_read##bits(const volatile void *at)                                    \
	{                                                                                          \
		if (!hosted_io.mmio_read)                                                          \
			return (uint##bits##_t) ~0ull;                                             \
		return (uint##bits##_t)hosted_io.mmio_read(hosted_io.context, (uintptr_t)at,       \
		                                           bits / 8);                              \
	}                                                                                          \
	void mmio_write##bits(volatile void *at, uint##bits##_t value)                             \
	{                                                                                          \
		if (hosted_io.mmio_write)                                                          \
			hosted_io.mmio_write(hosted_io.context, (uintptr_t)at, bits / 8, value);   \
	}
MMIO_HOOKS(8)
MMIO_HOOKS(16)
MMIO_HOOKS(32)
MMIO_HOOKS(64)

void *mmio_map(uint64_t physical, uint64_t size)
{
	(void)size;
	return (void *)(uintptr_t)physical;
}

uint64_t host_ecam_base(unsigned *buses)
{
	*buses = hosted_io.ecam_buses;
	return hosted_io.ecam_base;
}

struct host_serial host_serial(void)
{
	return hosted_io.serial;
}

struct handler {
	irq_handler *function;
	void *context;
};

static struct handler messages[HOSTED_IRQS], lines[HOSTED_LINES];
static unsigned message_count;

int irq_alloc_message(irq_handler *handler, void *context, unsigned cpu,
                      struct irq_message *message)
{
	(void)cpu;
	if (message_count == HOSTED_IRQS)
		return ERR_NO_MEMORY;
	message->address = HOSTED_IRQ_ADDRESS;
	message->data = message_count;
	messages[message_count++] = (struct handler){handler, context};
	return 0;
}

int irq_attach_line(unsigned line, irq_handler *handler, void *context, unsigned cpu)
{
	(void)cpu;
	if (line >= HOSTED_LINES)
		return ERR_INVALID;
	lines[line] = (struct handler){handler, context};
	return 0;
}

void hosted_irq(unsigned index)
{
	CHECK(index < message_count);
	messages[index].function(messages[index].context);
}

void hosted_line_irq(unsigned line)
{
	CHECK(line < HOSTED_LINES);
	if (lines[line].function)
		lines[line].function(lines[line].context);
}

void hosted_reset(void)
{
	hosted_cpu = (struct hosted_cpu){.count = 1, .random = 1};
	hosted_time = (struct hosted_time){.deadline = UINT64_MAX};
	hosted_io = (struct hosted_io){.serial = {HOST_SERIAL_16550, 0x3f8, 4}};
	hosted_memory.fail_at = 0;
	hosted_vcpu_run = NULL;
	memset(lines, 0, sizeof(lines));
	message_count = 0;
	hosted_log[0] = 0;
}
