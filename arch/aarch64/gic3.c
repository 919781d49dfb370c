/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3, IHI 0069: CPU interface by system registers, one redistributor for each CPU. */
#include "arch/aarch64/gic_version.h"

/* GICD_CTLR: affinity routing; group 1 as the view without, and with, two security states has it */
#define CTLR_GROUPS 0x3u
#define CTLR_ARE    (3u << 4)

#define GICR_TYPER  0x0008
#define GICR_WAKER  0x0014
#define GICR_SGIS   0x10000 /* the second frame */
#define GICR_FRAMES 0x20000

#define TYPER_VLPIS     (1ul << 1) /* two more frames */
#define TYPER_LAST      (1ul << 4)
#define WAKER_SLEEP     (1u << 1)
#define WAKER_CHILDREN  (1u << 2)
#define SRE_ENABLE      0xful /* system registers, no bypass, also for EL1 */
#define CTLR_EOI_MODE   (1ul << 1)
#define PMR_ALL         0xfful
#define SGI_ROUTE_SHIFT 44 /* aff0 / 16 */

static volatile uint8_t *redistributors[CPU_MAX];
static const struct host_description *description;

/* Affinity as GICR_TYPER and GICD_IROUTER spell it. */
static uint32_t short_affinity(uint64_t mpidr)
{
	return (uint32_t)((mpidr & 0xffffff) | (mpidr >> 8 & 0xff000000));
}

volatile uint8_t *gic3_redistributor(unsigned cpu)
{
	return redistributors[cpu];
}

static uint32_t affinity_at(const volatile uint8_t *frame)
{
	return (uint32_t)(mmio_read64(frame + GICR_TYPER) >> 32);
}

static volatile uint8_t *find_in(const struct host_range *range, uint32_t affinity)
{
	uint64_t at = 0;

	while (range->size >= GICR_FRAMES && at <= range->size - GICR_FRAMES) {
		volatile uint8_t *frame = (volatile uint8_t *)range->base + at;
		uint64_t typer = mmio_read64(frame + GICR_TYPER);

		if ((uint32_t)(typer >> 32) == affinity)
			return frame;
		if (typer & TYPER_LAST)
			break;
		at += typer & TYPER_VLPIS ? 2 * GICR_FRAMES : GICR_FRAMES;
	}
	return NULL;
}

/* The redistributor of the CPU with that affinity; NULL if firmware's tables name none. */
static volatile uint8_t *find_redistributor(uint64_t mpidr)
{
	volatile uint8_t *found = NULL;

	for (unsigned i = 0; i < description->gicr_count && !found; i++)
		found = find_in(&description->gicr[i], short_affinity(mpidr));
	for (unsigned i = 0; i < description->cpu_count && !found; i++)
		if (description->mpidrs[i] == mpidr && description->cpu_gicr[i]) {
			found = mmio_map(description->cpu_gicr[i], 2 * GICR_FRAMES);
			if (affinity_at(found) != short_affinity(mpidr))
				found = NULL;
		}
	return found;
}

static void find(const struct host_description *host)
{
	description = host;
	for (unsigned i = 0; i < host->gicr_count; i++)
		mmio_map(host->gicr[i].base, host->gicr[i].size);
}

static void wake(volatile uint8_t *redistributor)
{
	uint32_t waker = mmio_read32(redistributor + GICR_WAKER);

	mmio_write32(redistributor + GICR_WAKER, waker & ~WAKER_SLEEP);
	gic_wait_clear(redistributor + GICR_WAKER, WAKER_CHILDREN, "a redistributor sleeps on");
}

static void start(void)
{
	volatile uint8_t *redistributor = find_redistributor(this_cpu()->mpidr);

	if (!redistributor)
		panic("the GIC has no redistributor for CPU %u, affinity %#lx", cpu_id(),
		      this_cpu()->mpidr);
	redistributors[cpu_id()] = redistributor;
	wake(redistributor);
	sysreg_write(ICC_SRE_EL2, SRE_ENABLE);
	isb();
	if (!(sysreg_read(ICC_SRE_EL2) & 1))
		panic("firmware keeps the GIC's system registers from us (ICC_SRE_EL3)");
	sysreg_write(ICC_CTLR_EL1, CTLR_EOI_MODE);
	sysreg_write(ICC_BPR1_EL1, 0);
	sysreg_write(ICC_PMR_EL1, PMR_ALL);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	isb();
}

static volatile uint8_t *bank(uint32_t intid)
{
	return intid < GIC_PRIVATE ? redistributors[cpu_id()] + GICR_SGIS : gic_distributor();
}

static uint32_t acknowledge(void)
{
	uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1);

	dsb();
	return intid;
}

static void drop(uint32_t intid)
{
	sysreg_write(ICC_EOIR1_EL1, intid);
	isb();
}

/* A message of the ITS has no active state. */
static void deactivate(uint32_t intid)
{
	if (intid >= GIC_LPI_FIRST)
		return;
	sysreg_write(ICC_DIR_EL1, intid);
	isb();
}

static void route(uint32_t spi, unsigned cpu)
{
	mmio_write64(gic_distributor() + GICD_IROUTER + 8ul * spi,
	             cpu_by_id(cpu)->mpidr & MPIDR_AFFINITY);
}

/* ICC_SGI1R_EL1: affinities 3, 2, 1, the sixteen of affinity 0, and a bit among those. */
static void send(unsigned cpu, unsigned sgi)
{
	uint64_t mpidr = cpu_by_id(cpu)->mpidr, aff0 = mpidr & 0xff;

	sysreg_write(ICC_SGI1R_EL1, (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 |
	                                (mpidr >> 8 & 0xff) << 16 | aff0 / 16 << SGI_ROUTE_SHIFT |
	                                (uint64_t)sgi << 24 | 1ul << aff0 % 16);
	isb();
}

const struct gic_interface gic3 = {
    .ctlr = CTLR_GROUPS | CTLR_ARE,
    .find = find,
    .start = start,
    .bank = bank,
    .acknowledge = acknowledge,
    .drop = drop,
    .deactivate = deactivate,
    .route = route,
    .send = send,
    .intid_mask = 0xffffff,
};
