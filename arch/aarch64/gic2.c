/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2, IHI 0048: everything through memory; banked by the CPU that looks. */
#include "arch/aarch64/gic_version.h"

#define GICC_CTLR 0x0000
#define GICC_PMR  0x0004
#define GICC_IAR  0x000c
#define GICC_EOIR 0x0010
#define GICC_DIR  0x1000
#define GICC_SIZE 0x2000

/* In a view without the secure side of things, bit 0 is group 1; with it, bit 1 is. */
#define GICC_ENABLE       0x003u
#define GICC_ACK_CTL      (1u << 2) /* one view: GICC_IAR acknowledges both groups; else ignored */
#define GICC_EOI_MODE     (1u << 9)
#define GICD_ENABLE       0x003u
#define CPUS_MAX          8
#define SGI_TARGETS_SHIFT 16

static volatile uint8_t *gicc;
static uint8_t target_of[CPU_MAX]; /* the bit that names a CPU to the distributor */

static void find(const struct host_description *host)
{
	if (!host->gicc)
		panic("%s names a GICv2 without its CPU interface", host->source);
	gicc = mmio_map(host->gicc, GICC_SIZE);
}

/* The targets of one's own interrupts read as oneself. */
static void start(void)
{
	uint32_t targets = 0;

	for (unsigned i = 0; i < GIC_PRIVATE && !targets; i += 4)
		targets = mmio_read32(gic_distributor() + GICD_ITARGETSR + i);
	targets |= targets >> 16;
	target_of[cpu_id()] = (uint8_t)(targets | targets >> 8);
	if (!target_of[cpu_id()])
		target_of[cpu_id()] = 1; /* a GIC for one CPU reads 0 */
	mmio_write32(gicc + GICC_PMR, 0xff);
	mmio_write32(gicc + GICC_CTLR, GICC_ENABLE | GICC_ACK_CTL | GICC_EOI_MODE);
}

static volatile uint8_t *bank(uint32_t intid)
{
	(void)intid;
	return gic_distributor();
}

static uint32_t acknowledge(void)
{
	return mmio_read32(gicc + GICC_IAR);
}

static void drop(uint32_t acknowledged)
{
	mmio_write32(gicc + GICC_EOIR, acknowledged);
}

static void deactivate(uint32_t acknowledged)
{
	mmio_write32(gicc + GICC_DIR, acknowledged);
}

static void route(uint32_t spi, unsigned cpu)
{
	mmio_write8(gic_distributor() + GICD_ITARGETSR + spi, target_of[cpu]);
}

static void send(unsigned cpu, unsigned sgi)
{
	mmio_write32(gic_distributor() + GICD_SGIR,
	             (uint32_t)target_of[cpu] << SGI_TARGETS_SHIFT | sgi);
}

const struct gic_interface gic2 = {
    .ctlr = GICD_ENABLE,
    .find = find,
    .start = start,
    .bank = bank,
    .acknowledge = acknowledge,
    .drop = drop,
    .deactivate = deactivate,
    .route = route,
    .send = send,
    .intid_mask = 0x3ff,
};
