/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/message.h"

#include <arch/err.h>
#include <arch/lock.h>
#include <arch/log.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/its.h"

/* GICv2m frame, Arm BSA appendix. */
#define FRAME_TYPER  0x008
#define FRAME_SETSPI 0x040

static struct host_v2m frames[HOST_V2M_MAX];
static const struct host_description *description;
static unsigned frame_count;
static bool has_its;
static struct lock lock;

/* What the frame itself says, where firmware's tables do not. */
static void add_frame(struct host_v2m frame)
{
	const volatile uint8_t *base = mmio_map(frame.base, 4096);
	uint32_t typer = mmio_read32(base + FRAME_TYPER);

	if (!frame.count) {
		frame.first = typer >> 16 & 0x3ff;
		frame.count = typer & 0x3ff;
	}
	if (frame.first >= GIC_PRIVATE && frame.first + frame.count <= gic_line_count())
		frames[frame_count++] = frame;
	else
		log_warn("the GICv2m frame at %#lx has interrupts %u to %u, which cannot be",
		         frame.base, frame.first, frame.first + frame.count);
}

void message_init(const struct host_description *host)
{
	int err = gic_version() == 3 ? its_init(host) : ERR_UNSUPPORTED;

	description = host;
	has_its = !err;
	if (err && err != ERR_UNSUPPORTED)
		log_warn("the ITS at %#lx cannot be used", host->its[0]);
	for (unsigned i = 0; i < host->v2m_count; i++)
		add_frame(host->v2m[i]);
	if (!has_its && !frame_count)
		log_warn("neither an ITS nor a GICv2m frame: PCI devices cannot interrupt");
}

static uint32_t device_of(uint32_t requester)
{
	for (unsigned i = 0; i < description->msi_map_count; i++) {
		const struct host_msi_map *map = &description->msi_maps[i];

		if (requester >= map->first && requester - map->first < map->count)
			return requester - map->first + map->device;
	}
	return requester;
}

static int frame_alloc(struct irq_message *message, uint32_t *intid)
{
	for (unsigned i = 0; i < frame_count; i++) {
		if (!frames[i].count)
			continue;
		frames[i].count--;
		*intid = frames[i].first++;
		message->address = frames[i].base + FRAME_SETSPI;
		message->data = *intid;
		return 0;
	}
	return frame_count ? ERR_NO_MEMORY : ERR_UNSUPPORTED;
}

int message_alloc(unsigned cpu, struct irq_message *message, uint32_t *intid)
{
	struct irq_message wanted = *message;
	int err;

	lock_take(&lock);
	wanted.requester = device_of(message->requester);
	err = has_its ? its_alloc(cpu, &wanted, intid) : frame_alloc(&wanted, intid);
	lock_drop(&lock);
	message->address = wanted.address;
	message->data = wanted.data;
	return err;
}
