/* SPDX-License-Identifier: BSD-2-Clause */
/* A PC: what a guest of an x86 host is made of, and where. */
#pragma once

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
#include "hv/machine/virtio_set.h"

#define PC_WINDOW32      0xc0000000ull /* memory BARs; RAM below it */
#define PC_WINDOW32_SIZE 0x10000000ull
#define PC_MMIO          0xd0000000ull /* virtio devices that are not on PCI */
#define PC_PORTS         0xc000        /* BARs of ports: for legacy drivers */
#define PC_PORTS_SIZE    0x1000
#define PC_ECAM          0xe0000000ull  /* 1 MiB: bus 0 */
#define PC_HIGH_RAM      0x100000000ull /* what does not fit below the window */
#define PC_TABLES        0xe0000ull     /* ACPI, where old kernels look for it */
#define PC_IOAPIC_ID     0x80
#define PC_INTX_GSI      16 /* four of them */
#define PC_MMIO_GSI      20 /* the four after them, which are the I/O APIC's last */
_Static_assert(PC_MMIO_GSI + VIRTIO_SET_MMIO_LINES <= IOAPIC_PINS, "inputs for all lines");

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
};

/* ACPI tables and the Linux kernel into the guest's RAM; see board_load(). hv/machine/pc/load.c */
int pc_load(struct board *board);
