/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/fdt.h"

#include <stdbool.h>
#include <string.h>

#include "guest-devices/firmware/fdt_writer.h"

enum { PHANDLE_GIC = 1, PHANDLE_MSI, PHANDLE_CLOCK };
enum { IRQ_SPI, IRQ_PPI, IRQ_LEVEL = 4 }; /* first and last cell of an interrupt */
enum { INTX_SLOTS = 4, INTX_PINS = 4, INTX_CELLS = 10 };

#define CLOCK_HZ       24000000
#define PCI_PORTS      0x01000000u /* first cell of a PCI address */
#define PCI_MEMORY_32  0x02000000u
#define PCI_SLOT_SHIFT 11

/* Two strings, one after the other, as a list of them is stored. */
#define PRIMECELL(part) part "\0arm,primecell"

static void describe_chosen(struct fdt_writer *w, const struct fdt_machine *machine)
{
	const struct fdt_chosen *chosen = &machine->chosen;

	fdt_node(w, "chosen");
	fdt_text(w, "bootargs", chosen->cmdline);
	fdt_text(w, "stdout-path", "serial0:115200n8");
	if (chosen->initrd) {
		fdt_list(w, "linux,initrd-start", FDT_WIDE(chosen->initrd));
		fdt_list(w, "linux,initrd-end", FDT_WIDE(chosen->initrd + chosen->initrd_size));
	}
	if (chosen->seed_size)
		fdt_bytes(w, "rng-seed", chosen->seed, chosen->seed_size);
	if (chosen->kaslr_seed)
		fdt_list(w, "kaslr-seed", FDT_WIDE(chosen->kaslr_seed));
	fdt_node_end(w);
}

static void describe_cpus(struct fdt_writer *w, const struct fdt_machine *machine)
{
	fdt_node(w, "cpus");
	fdt_list(w, "#address-cells", 1);
	fdt_list(w, "#size-cells", 0);
	for (unsigned i = 0; i < machine->cpus; i++) {
		unsigned mpidr = i / 16 << 8 | i % 16;

		fdt_node_at(w, "cpu", mpidr);
		fdt_text(w, "device_type", "cpu");
		fdt_text(w, "compatible", "arm,armv8");
		fdt_list(w, "reg", mpidr);
		fdt_text(w, "enable-method", "psci");
		fdt_node_end(w);
	}
	fdt_node_end(w);
	fdt_node(w, "psci");
	fdt_bytes(w, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
	fdt_text(w, "method", "hvc");
	fdt_node_end(w);
}

static void describe_memory(struct fdt_writer *w, const struct fdt_machine *machine)
{
	fdt_node_at(w, "memory", machine->ram);
	fdt_text(w, "device_type", "memory");
	fdt_list(w, "reg", FDT_WIDE(machine->ram), FDT_WIDE(machine->ram_size));
	fdt_node_end(w);
}

static void describe_flash(struct fdt_writer *w, const struct fdt_machine *machine)
{
	if (!machine->flash_size)
		return;
	fdt_node_at(w, "flash", machine->flash);
	fdt_text(w, "compatible", "cfi-flash");
	fdt_list(w, "reg", FDT_WIDE(machine->flash), FDT_WIDE(machine->flash_size));
	fdt_list(w, "bank-width", 4);
	fdt_node_end(w);
}

/* With GICv2 a private interrupt says which CPUs have it. */
static void describe_timer(struct fdt_writer *w, const struct fdt_machine *machine)
{
	uint32_t mask = machine->gic.version == 2 ? ((1u << machine->cpus) - 1) << 8 : 0;
	uint32_t flags = IRQ_LEVEL | mask;

	fdt_node(w, "timer");
	fdt_text(w, "compatible", "arm,armv8-timer");
	/* secure, non-secure, virtual and hypervisor's */
	fdt_list(w, "interrupts", IRQ_PPI, 13, flags, IRQ_PPI, 14, flags, IRQ_PPI, 11, flags,
	         IRQ_PPI, 10, flags);
	fdt_flag(w, "always-on");
	fdt_node_end(w);
}

static void describe_v3(struct fdt_writer *w, const struct fdt_gic *gic)
{
	fdt_text(w, "compatible", "arm,gic-v3");
	fdt_list(w, "reg", FDT_WIDE(gic->distributor), FDT_WIDE(gic->distributor_size),
	         FDT_WIDE(gic->redistributors), FDT_WIDE(gic->redistributors_size));
	fdt_list(w, "#redistributor-regions", 1);
	fdt_flag(w, "msi-controller");
	fdt_list(w, "mbi-ranges", gic->msi_first, gic->msi_count);
}

static void describe_v2(struct fdt_writer *w, const struct fdt_gic *gic)
{
	/* EDK2 knows it by the older one's name */
	fdt_bytes(w, "compatible", "arm,gic-400\0arm,cortex-a15-gic", 31);
	fdt_list(w, "reg", FDT_WIDE(gic->distributor), FDT_WIDE(gic->distributor_size),
	         FDT_WIDE(gic->cpu_interface), FDT_WIDE(gic->cpu_interface_size));
	fdt_node_at(w, "v2m", gic->v2m);
	fdt_text(w, "compatible", "arm,gic-v2m-frame");
	fdt_list(w, "reg", FDT_WIDE(gic->v2m), FDT_WIDE(gic->v2m_size));
	fdt_flag(w, "msi-controller");
	fdt_list(w, "arm,msi-base-spi", gic->msi_first);
	fdt_list(w, "arm,msi-num-spis", gic->msi_count);
	fdt_list(w, "phandle", PHANDLE_MSI);
	fdt_node_end(w);
}

static void describe_gic(struct fdt_writer *w, const struct fdt_machine *machine)
{
	const struct fdt_gic *gic = &machine->gic;

	fdt_node_at(w, "interrupt-controller", gic->distributor);
	fdt_flag(w, "interrupt-controller");
	fdt_list(w, "#interrupt-cells", 3);
	fdt_list(w, "#address-cells", 2);
	fdt_list(w, "#size-cells", 2);
	fdt_flag(w, "ranges");
	fdt_list(w, "phandle", PHANDLE_GIC);
	if (gic->version == 3)
		describe_v3(w, gic);
	else
		describe_v2(w, gic);
	fdt_node_end(w);
}

static void describe_clock(struct fdt_writer *w)
{
	fdt_node(w, "apb-clock");
	fdt_text(w, "compatible", "fixed-clock");
	fdt_list(w, "#clock-cells", 0);
	fdt_list(w, "clock-frequency", CLOCK_HZ);
	fdt_list(w, "phandle", PHANDLE_CLOCK);
	fdt_node_end(w);
}

static void describe_serial_and_rtc(struct fdt_writer *w, const struct fdt_machine *machine)
{
	static const char uart[] = PRIMECELL("arm,pl011"), rtc[] = PRIMECELL("arm,pl031");

	fdt_node_at(w, "serial", machine->uart);
	fdt_bytes(w, "compatible", uart, sizeof(uart));
	fdt_list(w, "reg", FDT_WIDE(machine->uart), FDT_WIDE(machine->uart_size));
	fdt_list(w, "interrupts", IRQ_SPI, machine->uart_spi, IRQ_LEVEL);
	fdt_list(w, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
	fdt_bytes(w, "clock-names", "uartclk\0apb_pclk", 17);
	fdt_node_end(w);
	fdt_node_at(w, "rtc", machine->rtc);
	fdt_bytes(w, "compatible", rtc, sizeof(rtc));
	fdt_list(w, "reg", FDT_WIDE(machine->rtc), FDT_WIDE(machine->rtc_size));
	fdt_list(w, "interrupts", IRQ_SPI, machine->rtc_spi, IRQ_LEVEL);
	fdt_list(w, "clocks", PHANDLE_CLOCK);
	fdt_text(w, "clock-names", "apb_pclk");
	fdt_node_end(w);
}

/* Lines repeat every four slots, so four of them say all. */
static void describe_intx(struct fdt_writer *w, const struct fdt_machine *machine)
{
	uint32_t map[INTX_SLOTS * INTX_PINS * INTX_CELLS], *cell = map;

	for (unsigned slot = 0; slot < INTX_SLOTS; slot++) {
		for (unsigned pin = 0; pin < INTX_PINS; pin++) {
			uint32_t spi = machine->intx_spi[(slot + pin) & 3];
			const uint32_t entry[INTX_CELLS] = {slot << PCI_SLOT_SHIFT,
			                                    0,
			                                    0,
			                                    pin + 1,
			                                    PHANDLE_GIC,
			                                    0,
			                                    0,
			                                    IRQ_SPI,
			                                    spi,
			                                    IRQ_LEVEL};

			memcpy(cell, entry, sizeof(entry));
			cell += INTX_CELLS;
		}
	}
	fdt_list(w, "interrupt-map-mask", (INTX_SLOTS - 1) << PCI_SLOT_SHIFT, 0, 0, 7);
	fdt_cells(w, "interrupt-map", map, sizeof(map) / sizeof(map[0]));
}

static void describe_pci(struct fdt_writer *w, const struct fdt_machine *machine)
{
	fdt_node_at(w, "pcie", machine->ecam);
	fdt_text(w, "compatible", "pci-host-ecam-generic");
	fdt_text(w, "device_type", "pci");
	fdt_list(w, "reg", FDT_WIDE(machine->ecam), FDT_WIDE(machine->ecam_size));
	fdt_list(w, "#address-cells", 3);
	fdt_list(w, "#size-cells", 2);
	fdt_list(w, "#interrupt-cells", 1);
	fdt_list(w, "bus-range", 0, 0);
	fdt_list(w, "linux,pci-domain", 0);
	fdt_list(w, "ranges", PCI_PORTS, 0, 0, FDT_WIDE(machine->ports),
	         FDT_WIDE(machine->ports_size), PCI_MEMORY_32, FDT_WIDE(machine->window32),
	         FDT_WIDE(machine->window32), FDT_WIDE(machine->window32_size));
	describe_intx(w, machine);
	fdt_list(w, "msi-parent", machine->gic.version == 3 ? PHANDLE_GIC : PHANDLE_MSI);
	fdt_flag(w, "dma-coherent");
	fdt_node_end(w);
}

static void describe_mmio(struct fdt_writer *w, const struct fdt_machine *machine)
{
	for (unsigned i = 0; i < machine->mmio_count; i++) {
		uint64_t base = machine->mmio + i * machine->mmio_size;

		fdt_node_at(w, "virtio_mmio", base);
		fdt_text(w, "compatible", "virtio,mmio");
		fdt_list(w, "reg", FDT_WIDE(base), FDT_WIDE(machine->mmio_size));
		fdt_list(w, "interrupts", IRQ_SPI, machine->mmio_spi[i & 3], IRQ_LEVEL);
		fdt_flag(w, "dma-coherent");
		fdt_node_end(w);
	}
}

static void describe_aliases(struct fdt_writer *w, const struct fdt_machine *machine)
{
	char path[FDT_NAME_MAX];

	fdt_name_at(path, "/serial", machine->uart);
	fdt_node(w, "aliases");
	fdt_text(w, "serial0", path);
	fdt_node_end(w);
}

static bool can_describe(const struct fdt_machine *machine)
{
	unsigned version = machine->gic.version;

	return machine->cpus && machine->cpus <= (version == 2 ? 8 : FDT_CPUS_MAX) &&
	       (version == 2 || version == 3) && machine->mmio_count <= FDT_MMIO_MAX &&
	       machine->chosen.seed_size <= FDT_SEED_MAX &&
	       strlen(machine->chosen.cmdline) < FDT_TEXT_MAX;
}

size_t fdt_build(const struct fdt_machine *machine, void *buffer, size_t size)
{
	struct fdt_writer w;

	if (!can_describe(machine))
		return 0;
	fdt_writer_start(&w, buffer, size);
	fdt_node(&w, "");
	fdt_text(&w, "model", "Vireo virtual machine");
	fdt_text(&w, "compatible", "vireo,virt");
	fdt_list(&w, "#address-cells", 2);
	fdt_list(&w, "#size-cells", 2);
	fdt_list(&w, "interrupt-parent", PHANDLE_GIC);
	describe_aliases(&w, machine);
	describe_chosen(&w, machine);
	describe_cpus(&w, machine);
	describe_memory(&w, machine);
	describe_flash(&w, machine);
	describe_timer(&w, machine);
	describe_gic(&w, machine);
	describe_clock(&w);
	describe_serial_and_rtc(&w, machine);
	describe_pci(&w, machine);
	describe_mmio(&w, machine);
	fdt_node_end(&w);
	return fdt_writer_end(&w);
}
