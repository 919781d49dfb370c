/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest of an Arm host is made of, and where: as QEMU's machine of the same name, where that
 * has the device too. SPIs are counted from 0 = INTID 32.
 */
#pragma once

#include "guest-devices/flash/cfi_flash.h"
#include "guest-devices/irqchip/gic.h"
#include "guest-devices/irqchip/gicv2m.h"
#include "guest-devices/pci/pci.h"
#include "guest-devices/serial/pl011.h"
#include "guest-devices/timer/pl031.h"
#include "hv/console.h"
#include "hv/machine/board.h"
#include "hv/machine/virtio_set.h"

#define VIRT_ROM           0x00000000ull /* firmware, which starts here */
#define VIRT_ROM_MAX       0x04000000ull
#define VIRT_FLASH         0x04000000ull /* its variables */
#define VIRT_FLASH_SIZE    0x200000ull
#define VIRT_GICD          0x08000000ull
#define VIRT_GICC          0x08010000ull /* GICv2: the CPU interface, which is hardware */
#define VIRT_GICC_SIZE     0x2000ull
#define VIRT_V2M           0x08020000ull /* GICv2: the frame for messages */
#define VIRT_GICR          0x080a0000ull /* GICv3: one redistributor each vCPU */
#define VIRT_UART          0x09000000ull
#define VIRT_RTC           0x09010000ull
#define VIRT_MMIO          0x0a000000ull /* virtio devices that are not on PCI */
#define VIRT_WINDOW32      0x10000000ull /* memory BARs */
#define VIRT_WINDOW32_SIZE 0x2eff0000ull
#define VIRT_PORTS         0x3eff0000ull /* 64 KiB: PCI's port space */
#define VIRT_PORTS_SIZE    0x10000ull
#define VIRT_ECAM          0x3f000000ull /* 1 MiB: bus 0 */
#define VIRT_ECAM_SIZE     0x100000ull
#define VIRT_RAM           0x40000000ull /* from here up, in one piece */

#define VIRT_PORTS_FIRST 0x1000 /* BARs of ports begin here: none is at 0 */

#define VIRT_UART_SPI 1
#define VIRT_RTC_SPI  2
#define VIRT_INTX_SPI 3  /* four of them */
#define VIRT_MMIO_SPI 16 /* VIRTIO_SET_MMIO_LINES of them */

_Static_assert(VIRT_GICR + VM_VCPUS * GIC_V3_REDISTRIBUTOR_SIZE <= VIRT_UART, "room for all");
_Static_assert(VIRT_MMIO_SPI + VIRTIO_SET_MMIO_LINES <= GIC_MSI_FIRST - GIC_PRIVATE,
               "lines below messages");
_Static_assert(VM_VCPUS <= GIC_VCPUS, "a redistributor each");

struct board {
	struct vm *vm;
	struct gic gic;
	struct gicv2m v2m; /* GICv2 only */
	struct pl011 uart;
	struct pl031 rtc;
	struct bus_region rom; /* with firmware only, as the next */
	struct cfi_flash flash;
	struct pci_host pci;
	struct irq_share mmio_lines[VIRTIO_SET_MMIO_LINES];
};

/* The interrupt controller, on the guest's bus and in its stage 2. One line where it fails.
 * hv/machine/virt/irq.c */
int virt_create_gic(struct board *board);
struct msi_target virt_msi_target(struct board *board);

/* Firmware's memory: a slot with the image, one for its variables, which is RAM to the guest as
 * long as the flash gives no answers. hv/machine/virt/firmware.c */
int virt_layout_firmware(struct vm *vm);
int virt_create_flash(struct board *board);

/* Device tree and kernel into the guest's RAM; see board_load(). hv/machine/virt/load.c */
int virt_load(struct board *board);
