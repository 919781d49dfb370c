/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/gic.h"

#include <arch/log.h>
#include <arch/time.h>

#include "arch/aarch64/gic_version.h"

#define WAIT_US     1000000u
#define LINES_FIELD 31u
#define CTLR_GROUPS 3u         /* GICD_CTLR: interrupts are forwarded */
#define CTLR_RWP    (1u << 31) /* GICv3: the last write has not taken effect; else 0 */

static const struct gic_interface *gic;
static volatile uint8_t *gicd;
static unsigned lines;

volatile uint8_t *gic_distributor(void)
{
	return gicd;
}

void gic_wait_clear(const volatile uint8_t *reg, uint32_t bits, const char *what)
{
	for (unsigned us = 0; us < WAIT_US; us++) {
		if (!(mmio_read32(reg) & bits))
			return;
		time_delay_us(1);
	}
	panic("the GIC does not answer: %s", what);
}

/* One bit an interrupt: the word that holds it in a bank of such registers. */
static volatile uint8_t *word_of(uint32_t intid, unsigned reg)
{
	return gic->bank(intid) + reg + intid / 32 * 4;
}

static bool read_bit(uint32_t intid, unsigned reg)
{
	return mmio_read32(word_of(intid, reg)) >> intid % 32 & 1;
}

static void write_bit(uint32_t intid, unsigned reg)
{
	mmio_write32(word_of(intid, reg), 1u << intid % 32);
}

/* All of 32 interrupts: off, not pending, not active, group 1, one priority, level triggered. */
static void silence(uint32_t first)
{
	mmio_write32(word_of(first, GICD_ICENABLER), ~0u);
	mmio_write32(word_of(first, GICD_ICPENDR), ~0u);
	mmio_write32(word_of(first, GICD_ICACTIVER), ~0u);
	mmio_write32(word_of(first, GICD_IGROUPR), ~0u);
	for (uint32_t i = 0; i < 32; i += 4)
		mmio_write32(gic->bank(first) + GICD_IPRIORITYR + first + i,
		             GIC_PRIORITY * 0x01010101u);
	for (uint32_t i = first ? 0 : 16; i < 32; i += 16) /* SGIs are edges for good */
		mmio_write32(gic->bank(first) + GICD_ICFGR + (first + i) / 16 * 4, 0);
}

void gic_probe(const struct host_description *host)
{
	if (!host->gicd || (host->gic_version != 2 && host->gic_version != 3))
		panic("%s names no GICv2 or GICv3: without one there are no interrupts",
		      host->source);
	gic = host->gic_version == 3 ? &gic3 : &gic2;
	gicd = mmio_map(host->gicd, 0x10000);
	mmio_write32(gicd + GICD_CTLR, gic->ctlr & ~CTLR_GROUPS);
	gic_wait_clear(gicd + GICD_CTLR, CTLR_RWP, "the distributor's register is not written");
	gic->find(host);
	lines = 32 * ((mmio_read32(gicd + GICD_TYPER) & LINES_FIELD) + 1);
	if (lines > GIC_SPI_END)
		lines = GIC_SPI_END;
	for (uint32_t first = GIC_PRIVATE; first < lines; first += 32)
		silence(first);
	mmio_write32(gicd + GICD_CTLR, gic->ctlr);
}

void gic_start(void)
{
	gic->start();
	silence(0);
	gic_enable(GIC_SGI_KICK, true);
	gic_enable(GIC_SGI_STOP, true);
}

unsigned gic_version(void)
{
	return gic == &gic3 ? 3 : 2;
}

unsigned gic_line_count(void)
{
	return lines;
}

uint32_t gic_acknowledge(void)
{
	return gic->acknowledge();
}

uint32_t gic_intid(uint32_t acknowledged)
{
	return acknowledged & gic->intid_mask;
}

void gic_drop(uint32_t acknowledged)
{
	gic->drop(acknowledged);
}

void gic_end(uint32_t acknowledged)
{
	gic->deactivate(acknowledged);
}

void gic_enable(uint32_t intid, bool enable)
{
	write_bit(intid, enable ? GICD_ISENABLER : GICD_ICENABLER);
}

void gic_set_edge(uint32_t intid, bool edge)
{
	volatile uint8_t *reg = gic->bank(intid) + GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = 2u << intid % 16 * 2;

	mmio_write32(reg, edge ? mmio_read32(reg) | bit : mmio_read32(reg) & ~bit);
}

bool gic_active(uint32_t intid)
{
	return read_bit(intid, GICD_ISACTIVER);
}

void gic_set_active(uint32_t intid, bool active)
{
	write_bit(intid, active ? GICD_ISACTIVER : GICD_ICACTIVER);
}

bool gic_is_pending(uint32_t intid)
{
	return read_bit(intid, GICD_ISPENDR);
}

void gic_route(uint32_t spi, unsigned cpu)
{
	gic->route(spi, cpu);
}

void gic_send(unsigned cpu, unsigned sgi)
{
	dsb_ish(); /* what it is about is visible before */
	gic->send(cpu, sgi);
}
