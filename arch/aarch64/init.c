/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's start-up order, and what a CPU does while it waits. */
#include <arch/io.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/host.h"
#include "arch/aarch64/irq.h"
#include "arch/aarch64/paging.h"
#include "arch/aarch64/power.h"
#include "arch/aarch64/psci.h"
#include "arch/aarch64/registers.h"
#include "arch/aarch64/serial.h"
#include "arch/aarch64/smp.h"
#include "arch/aarch64/timer.h"
#include "arch/common/self_check.h"

uint64_t host_ecam_base(unsigned *buses)
{
	*buses = host_description.ecam_buses;
	return host_description.ecam_base;
}

static void fill_pool(const struct boot_info *info, enum boot_region_kind kind)
{
	for (unsigned i = 0; i < info->region_count; i++) {
		uint64_t base = info->regions[i].base, end = base + info->regions[i].size;

		if (!base)
			base = PAGE_SIZE;
		if (info->regions[i].kind == kind && end > base)
			pages_add(base, end - base);
	}
}

static void start_translation(const struct boot_info *info)
{
	const struct host_serial *serial = &host_description.serial;

	paging_init(info);
	if (serial->kind == HOST_SERIAL_PL011)
		mmio_map(serial->base, PAGE_SIZE);
	paging_use();
	registers_init();
}

void arch_init(struct boot_info *info)
{
	const struct host_description *host = &host_description;

	serial_found(&host->serial);
	fill_pool(info, BOOT_RAM_FREE);
	smp_init(host);
	start_translation(info);
	fill_pool(info, BOOT_RAM_FIRMWARE);
	if (info->odd_regions)
		log_warn("firmware's memory map has %u odd entries", info->odd_regions);
	psci_init(host->psci);
	timer_init(host, info);
	gic_probe(host);
	gic_start();
	irq_init();
	timer_start();
	this_cpu()->online = true;
	power_init(info);
	self_check_init();
	log_info("AArch64 at EL2%s, GICv%u, from %s", host_vhe ? " (VHE)" : "", gic_version(),
	         host->source);
}

/* WFI ends when an interrupt is pending, masked or not; one that came before is still pending. */
void cpu_idle(void)
{
	struct host_cpu *cpu = this_cpu();

	if (!cpu->woken)
		__asm__ volatile("dsb sy; wfi" : : : "memory");
	irq_dispatch();
	cpu->woken = false;
}

void cpu_kick(unsigned id)
{
	gic_send(id, GIC_SGI_KICK);
}

void cpu_halt(void)
{
	__asm__ volatile("msr daifset, #15");
	for (;;)
		__asm__ volatile("wfi" : : : "memory");
}

/* One word from the hardware's generator, which may run dry for a moment. */
static bool random_word(uint64_t *word)
{
	unsigned valid = 0;

	for (unsigned tries = 0; tries < 16 && !valid; tries++)
		__asm__ volatile("mrs %0, " SYSREG_TEXT(RNDR) "; cset %w1, ne"
		                 : "=r"(*word), "=r"(valid)
		                 :
		                 : "cc");
	return valid;
}

size_t cpu_random(void *buf, size_t size)
{
	uint8_t *to = buf;
	uint64_t word = 0;

	if (!id_field(sysreg_read(id_aa64isar0_el1), ID_ISAR0_RNDR))
		return 0;
	for (size_t i = 0; i < size; i++, word >>= 8) {
		if (i % 8 == 0 && !random_word(&word))
			return i;
		to[i] = (uint8_t)word;
	}
	return size;
}
