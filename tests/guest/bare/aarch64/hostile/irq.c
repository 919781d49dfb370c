/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/irq.h"

#include "tests/guest/bare/aarch64/hostile/hostile.h"

#define ICC_PMR     "S3_0_C4_C6_0"
#define ICC_IAR1    "S3_0_C12_C12_0"
#define ICC_EOIR1   "S3_0_C12_C12_1"
#define ICC_SGI1R   "S3_0_C12_C11_5"
#define ICC_CTLR    "S3_0_C12_C12_4"
#define ICC_SRE     "S3_0_C12_C12_5"
#define ICC_IGRPEN1 "S3_0_C12_C12_7"

#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10

#define GICD_CPENDSGIR 0xf10 /* version 2 */
#define GICR_WAKER     0x14
#define GICR_SGI_BASE  0x10000

bool gic_is_v3(void)
{
	return read_sysreg("id_aa64pfr0_el1") >> 24 & 15;
}

unsigned gic_lines(void)
{
	unsigned lines = ((get32(GICD + GICD_TYPER) & 31) + 1) * 32;

	return lines < SPURIOUS ? lines : SPURIOUS;
}

uint64_t gic_register(uint32_t offset, unsigned intid)
{
	uint64_t base = gic_is_v3() && intid < 32 ? GICR + GICR_SGI_BASE : GICD;

	return base + offset + intid / 32 * 4;
}

static void start_cpu_interface(void)
{
	if (gic_is_v3()) {
		put32(GICR + GICR_WAKER, 0);
		write_sysreg(ICC_SRE, 1);
		write_sysreg(ICC_CTLR, 0);
		write_sysreg(ICC_PMR, 0xff);
		write_sysreg(ICC_IGRPEN1, 1);
	} else {
		put32(GICC + GICC_PMR, 0xff);
		put32(GICC + GICC_CTLR, 1);
	}
}

void gic_start(void)
{
	unsigned lines = gic_lines(), intid;

	for (unsigned intid = 0; intid < lines; intid += 32) {
		put32(gic_register(GICD_ICENABLER, intid), ~0u);
		put32(gic_register(GICD_ICPENDR, intid), ~0u);
		put32(gic_register(GICD_ICACTIVER, intid), ~0u);
		put32(gic_register(GICD_IGROUPR, intid), gic_is_v3() ? ~0u : 0);
	}
	for (unsigned intid = 32; intid < lines; intid += 4)
		put32(GICD + GICD_IPRIORITYR + intid, 0xa0a0a0a0);
	for (unsigned intid = 0; intid < 32; intid += 4)
		put32((gic_is_v3() ? GICR + GICR_SGI_BASE : GICD) + GICD_IPRIORITYR + intid,
		      0xa0a0a0a0);
	for (unsigned intid = 32; intid < lines; intid++)
		if (gic_is_v3())
			put64(GICD + 0x6000 + intid * 8ul, 0); /* IROUTER */
		else if (intid % 4 == 0)
			put32(GICD + GICD_ITARGETSR + intid, 0x01010101);
	for (unsigned sgi = 0; sgi < 16 && !gic_is_v3(); sgi += 4)
		put32(GICD + GICD_CPENDSGIR + sgi, ~0u);
	put32(GICD + GICD_CTLR, gic_is_v3() ? 0x12 : 1);
	start_cpu_interface();
	for (unsigned i = 0; i < 4096 && (intid = gic_acknowledge()) < SPURIOUS; i++)
		gic_end(intid);
}

void gic_enable(unsigned intid)
{
	put32(gic_register(GICD_ISENABLER, intid), 1u << intid % 32);
}

void gic_set_pending(unsigned intid)
{
	put32(gic_register(GICD_ISPENDR, intid), 1u << intid % 32);
}

unsigned gic_acknowledge(void)
{
	if (!gic_is_v3())
		return get32(GICC + GICC_IAR) & 0x3ff;
	__asm__ volatile("dsb sy" : : : "memory");
	return (unsigned)read_sysreg(ICC_IAR1) & 0xffffff;
}

void gic_end(unsigned intid)
{
	if (gic_is_v3())
		write_sysreg(ICC_EOIR1, intid);
	else
		put32(GICC + GICC_EOIR, intid);
}

void gic_send_self(unsigned intid)
{
	if (gic_is_v3())
		write_sysreg(ICC_SGI1R, (uint64_t)intid << 24 | 1);
	else
		put32(GICD + GICD_SGIR, 2u << 24 | intid);
}
