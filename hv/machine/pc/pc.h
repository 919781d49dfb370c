/* SPDX-License-Identifier: BSD-2-Clause */
/* A PC: what a guest of an x86 host is made of, and where. */
#pragma once

#include "guest-devices/firmware/acpi.h"
#include "guest-devices/firmware/acpi_loader.h"
#include "guest-devices/firmware/fw_cfg.h"
#include "guest-devices/firmware/reset_ports.h"
#include "guest-devices/irqchip/ioapic.h"
#include "guest-devices/irqchip/isa.h"
#include "guest-devices/irqchip/lapic.h"
#include "guest-devices/irqchip/msi.h"
#include "guest-devices/irqchip/pic.h"
#include "guest-devices/pci/pci.h"
#include "guest-devices/serial/uart16550.h"
#include "guest-devices/timer/acpi_pm.h"
#include "guest-devices/timer/pit.h"
#include "guest-devices/timer/rtc.h"
#include "hv/console.h"
#include "hv/machine/board.h"
#include "hv/machine/files.h"
#include "hv/machine/virtio_set.h"

/* Firmware gives BARs places of its own, just below the I/O APIC; SeaBIOS does. */
#define PC_LOW_RAM       0xb0000000ull /* what does not fit below is at 4 GiB */
#define PC_ECAM          0xb0000000ull /* bus 0 */
#define PC_ECAM_SIZE     0x100000ull
#define PC_MMIO          0xb8000000ull /* virtio devices that are not on PCI */
#define PC_WINDOW32      0xc0000000ull /* memory BARs */
#define PC_WINDOW32_SIZE (IOAPIC_BASE - PC_WINDOW32)
#define PC_ROM_END       0x100000000ull /* of the firmware, if it has some */
#define PC_HIGH_RAM      0x100000000ull
#define PC_PORTS         0xc000 /* BARs of ports: for legacy drivers */
#define PC_PORTS_SIZE    0x1000
#define PC_TABLES        0xe0000ull /* ACPI, where old kernels look for it */
#define PC_IOAPIC_ID     0x80
#define PC_INTX_GSI      16 /* four of them */
#define PC_MMIO_GSI      20 /* the four after them, which are the I/O APIC's last */
_Static_assert(PC_MMIO_GSI + VIRTIO_SET_MMIO_LINES <= IOAPIC_PINS, "inputs for all lines");

#define PC_E820_ENTRY 20

/* What firmware reads about its machine. */
struct pc_firmware {
	struct fw_cfg cfg;
	uint8_t tables[ACPI_TABLES_MAX], script[ACPI_LOADER_MAX];
	uint8_t e820[(GUEST_MEM_SLOTS + 1) * PC_E820_ENTRY];
	uint32_t e820_size;
	uint8_t cpus[2], console[2];
};

struct board {
	struct vm *vm;
	struct lapic_group group;
	struct lapic lapics[VM_VCPUS];
	struct bus_region lapic_window; /* each vCPU finds its own local APIC there */
	uint32_t nmis;                  /* vCPUs that one waits for, by index */
	uint32_t deaf; /* that wait with interrupts off: only an NMI, INIT or reset ends it */
	struct ioapic ioapic;
	struct pic pic;
	struct isa_irqs isa;
	struct msi_receiver msi;
	bool extint_offered; /* what vCPU 0 was offered last came from the pic */
	struct pit pit;
	struct rtc rtc;
	struct acpi_pm pm;
	struct reset_ports reset_ports;
	struct uart16550 com1;
	struct pci_host pci;
	struct irq_share mmio_lines[VIRTIO_SET_MMIO_LINES];
	struct pc_firmware firmware;
};

/* What board_load() does: ACPI tables and a Linux kernel into the guest's RAM, or firmware into its
 * flash. hv/machine/pc/load.c */
int pc_load(struct board *board);

/* The ACPI tables, as the guest would see them at `at`: the bytes used, 0: they do not fit. */
size_t pc_build_tables(struct board *board, uint8_t tables[static ACPI_TABLES_MAX], uint64_t at);

/* ---- firmware.c ---- */

/* One more slot of vm->mem; ERR_NOT_FOUND, ERR_INVALID after one line. */
int pc_layout_rom(struct vm *vm);
int pc_load_firmware(struct board *board, const struct boot_file *image);
