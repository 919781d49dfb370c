/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame that turns messages into SPIs of a GICv2 (Arm SBSA, appendix on GICv2m). */
#pragma once

#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/irq.h"
#include "guest-devices/irqchip/gic.h"

#define GICV2M_SIZE 0x1000

struct gicv2m {
	struct bus_region region; /* on the memory bus */
	struct gic *gic;
	uint64_t misuse, dropped;
};

/* Messages become INTIDs from GIC_MSI_FIRST on. */
void gicv2m_init(struct gicv2m *frame, struct gic *gic, uint64_t address);

/* Data is the INTID; the address that of the frame's MSI_SETSPI_NS. Others are dropped. */
struct msi_target gicv2m_msi_target(struct gicv2m *frame);
