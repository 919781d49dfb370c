/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/irq.h"

#include <arch/err.h>
#include <arch/irq.h>
#include <arch/lock.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/message.h"
#include "arch/aarch64/smp.h"

#define ROUND_MAX 32 /* interrupts handled in one go, whatever a device does */

struct handler {
	irq_handler *call;
	void *context;
};

static struct {
	irq_private_handler *call;
	void *context;
} private_handlers[GIC_PRIVATE];
static struct handler lines[GIC_SPI_END];
static struct handler messages[MESSAGE_LPIS];
static struct lock lock;

/* Returns whether it is done with. */
static bool handle(uint32_t intid)
{
	struct handler *handler = NULL;

	if (intid == GIC_SGI_STOP)
		cpu_halt();
	if (intid < GIC_PRIVATE)
		return !private_handlers[intid].call ||
		       private_handlers[intid].call(private_handlers[intid].context);
	if (intid < GIC_SPI_END)
		handler = &lines[intid];
	else if (intid - GIC_LPI_FIRST < MESSAGE_LPIS)
		handler = &messages[intid - GIC_LPI_FIRST];
	if (handler && handler->call)
		handler->call(handler->context);
	return true;
}

void irq_dispatch(void)
{
	struct host_cpu *cpu = this_cpu();

	for (unsigned i = 0; i < ROUND_MAX; i++) {
		uint32_t taken = gic_acknowledge(), intid = gic_intid(taken);

		if (intid >= GIC_SPI_END && intid < GIC_NONE_END)
			return;
		cpu->interrupts++;
		cpu->woken = true;
		gic_drop(taken);
		if (handle(intid))
			gic_end(taken);
	}
}

int irq_attach_private(uint32_t intid, irq_private_handler *handler, void *context)
{
	if (intid < GIC_SGIS || intid >= GIC_PRIVATE || private_handlers[intid].call)
		return ERR_INVALID;
	private_handlers[intid].context = context;
	private_handlers[intid].call = handler;
	return 0;
}

/* ERR_BUSY: it has a handler. */
static int attach(struct handler *to, irq_handler *call, void *context)
{
	int err = 0;

	lock_take(&lock);
	if (to->call)
		err = ERR_BUSY;
	else
		*to = (struct handler){call, context};
	lock_drop(&lock);
	return err;
}

int irq_attach_line(unsigned line, irq_handler *handler, void *context, unsigned cpu)
{
	int err;

	if (line < GIC_PRIVATE || line >= gic_line_count())
		return ERR_NOT_FOUND;
	err = attach(&lines[line], handler, context);
	if (err)
		return err;
	gic_route(line, cpu);
	gic_enable(line, true);
	return 0;
}

int irq_alloc_message(irq_handler *handler, void *context, unsigned cpu,
                      struct irq_message *message)
{
	uint32_t intid;
	int err = message_alloc(cpu, message, &intid);

	if (err)
		return err;
	if (intid >= GIC_LPI_FIRST)
		return attach(&messages[intid - GIC_LPI_FIRST], handler, context);
	gic_set_edge(intid, true);
	return irq_attach_line(intid, handler, context, cpu);
}

void irq_init(void)
{
	message_init(&host_description);
}
