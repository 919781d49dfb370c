/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/lpi.h"

#include <arch/err.h>
#include <arch/pages.h>

#include "arch/aarch64/gic_version.h"
#include "arch/aarch64/paging.h"

#define ID_BITS          14 /* 8192 LPIs: the fewest there can be */
#define PROPERTIES_PAGES ((1ul << ID_BITS) - GIC_LPI_FIRST) / PAGE_SIZE
#define PENDING_SIZE     (64ul << 10) /* its alignment; a bit each is less */

#define GICR_CTLR       0x0000
#define GICR_PROPBASER  0x0070
#define GICR_PENDBASER  0x0078
#define CTLR_LPIS       1u
#define BASER_ATTRIBUTE (GIC_CACHED << 7 | GIC_SHAREABLE << 10)
#define PENDBASER_ZERO  (1ul << 62)
#define PROPERTY_ON     1

static uint8_t *properties;

int lpi_init(void)
{
	properties = pages_alloc(PROPERTIES_PAGES, PAGE_SIZE);
	if (!properties)
		return ERR_NO_MEMORY;
	paging_clean(properties, PROPERTIES_PAGES * PAGE_SIZE);
	return 0;
}

int lpi_start(unsigned cpu)
{
	volatile uint8_t *redistributor = gic3_redistributor(cpu);
	uint8_t *pending;

	if (!redistributor)
		return ERR_IO;
	if (mmio_read32(redistributor + GICR_CTLR) & CTLR_LPIS)
		return 0;
	pending = pages_alloc(PENDING_SIZE / PAGE_SIZE, PENDING_SIZE);
	if (!pending)
		return ERR_NO_MEMORY;
	paging_clean(pending, PENDING_SIZE);
	mmio_write64(redistributor + GICR_PROPBASER,
	             (uint64_t)properties | BASER_ATTRIBUTE | (ID_BITS - 1));
	mmio_write64(redistributor + GICR_PENDBASER,
	             (uint64_t)pending | BASER_ATTRIBUTE | PENDBASER_ZERO);
	mmio_write32(redistributor + GICR_CTLR, mmio_read32(redistributor + GICR_CTLR) | CTLR_LPIS);
	dsb();
	return mmio_read32(redistributor + GICR_CTLR) & CTLR_LPIS ? 0 : ERR_IO;
}

void lpi_enable(uint32_t intid)
{
	uint8_t *property = &properties[intid - GIC_LPI_FIRST];

	*property = GIC_PRIORITY | PROPERTY_ON;
	paging_clean(property, 1);
}
