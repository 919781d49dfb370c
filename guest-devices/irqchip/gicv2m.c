/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/irqchip/gicv2m.h"

enum { MSI_TYPER = 0x008, MSI_SETSPI_NS = 0x040, MSI_IIDR = 0xfcc };

static void raise(struct gicv2m *frame, uint32_t intid)
{
	if (intid < GIC_MSI_FIRST || !gic_message(frame->gic, intid))
		frame->dropped++;
}

/* 32-bit registers, the one for messages is written only; the rest is reserved. */
static void access_frame(void *context, struct bus_access *access)
{
	struct gicv2m *frame = context;
	uint64_t at = access->address;
	bool write = access->write;

	if (!write)
		access->value = 0;
	if (access->size == 4 && write && at == MSI_SETSPI_NS)
		raise(frame, (uint32_t)access->value);
	else if (access->size == 4 && !write && at == MSI_TYPER)
		access->value = GIC_MSI_FIRST << 16 | GIC_MSI_COUNT;
	else if (access->size != 4 || write || at != MSI_IIDR)
		frame->misuse++;
}

void gicv2m_init(struct gicv2m *frame, struct gic *gic, uint64_t address)
{
	*frame = (struct gicv2m){.region = {address, GICV2M_SIZE, access_frame, frame, "gicv2m"},
	                         .gic = gic};
}

static void send(void *context, uint64_t address, uint32_t data)
{
	struct gicv2m *frame = context;

	if (address == frame->region.start + MSI_SETSPI_NS)
		raise(frame, data);
	else
		frame->dropped++;
}

struct msi_target gicv2m_msi_target(struct gicv2m *frame)
{
	return (struct msi_target){send, frame};
}
