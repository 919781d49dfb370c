/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/apic.h"

#include <arch/io.h>

#include "arch/x86_64/host.h"
#include "arch/x86_64/trap.h"

static bool x2apic;
static volatile uint8_t *registers;

uint32_t apic_read(unsigned reg)
{
	if (x2apic)
		return (uint32_t)rdmsr(MSR_X2APIC + reg / 16);
	return mmio_read32(registers + reg);
}

void apic_write(unsigned reg, uint32_t value)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + reg / 16, value);
	else
		mmio_write32(registers + reg, value);
}

uint32_t apic_id(void)
{
	return x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

void apic_send(uint32_t to, uint32_t command)
{
	if (x2apic) {
		io_barrier();
		wrmsr(MSR_X2APIC + APIC_ICR_LOW / 16, (uint64_t)to << 32 | command);
		return;
	}
	while (apic_read(APIC_ICR_LOW) & APIC_DELIVERY_PENDING)
		cpu_relax();
	apic_write(APIC_ICR_HIGH, to << 24);
	apic_write(APIC_ICR_LOW, command);
}

void apic_init(void)
{
	x2apic = cpuid(1, 0).ecx >> 21 & 1;
	if (!x2apic)
		registers = mmio_map(rdmsr(MSR_APIC_BASE) & 0x000ffffffffff000ul, 4096);
}

void apic_start(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base); /* from off to x2APIC there is no direct way */
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, APIC_MASKED);
	apic_write(APIC_LVT_LINT0, APIC_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_DELIVERY_NMI);
	apic_write(APIC_LVT_ERROR, APIC_MASKED);
	apic_write(APIC_SVR, 0x100 | VECTOR_SPURIOUS);
}
