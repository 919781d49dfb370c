/* SPDX-License-Identifier: BSD-2-Clause */
/* What firmware would do on a PC: tables, kernel, first instruction. */
#include <arch/err.h>
#include <arch/log.h>

#include "guest-devices/virtio/virtio_mmio.h"
#include "hv/load/linux_x86.h"
#include "hv/machine/files.h"
#include "hv/machine/pc/pc.h"

size_t pc_build_tables(struct board *board, uint8_t tables[static ACPI_TABLES_MAX], uint64_t at)
{
	const struct acpi_machine machine = {
	    .cpus = board->vm->vcpu_count,
	    .lapic_base = LAPIC_BASE,
	    .ioapic_base = IOAPIC_BASE,
	    .ioapic_id = PC_IOAPIC_ID,
	    .pm_port = ACPI_PM_PORT,
	    .sci = ACPI_PM_SCI,
	    .pci = true,
	    .ecam_base = PC_ECAM,
	    .window32 = PC_WINDOW32,
	    .window32_size = PC_WINDOW32_SIZE,
	    .intx_gsi = {PC_INTX_GSI, PC_INTX_GSI + 1, PC_INTX_GSI + 2, PC_INTX_GSI + 3},
	    .com1 = UART16550_COM1,
	    .com1_irq = UART16550_COM1_IRQ,
	    .rtc = true,
	    .mmio_count = virtio_set_mmio_count(board->vm->virtio),
	    .mmio_base = PC_MMIO,
	    .mmio_size = VIRTIO_MMIO_SIZE,
	    .mmio_gsi = {PC_MMIO_GSI, PC_MMIO_GSI + 1, PC_MMIO_GSI + 2, PC_MMIO_GSI + 3},
	};

	return acpi_build(&machine, tables, ACPI_TABLES_MAX, at);
}

static int load_tables(struct board *board)
{
	uint8_t tables[ACPI_TABLES_MAX];
	size_t size = pc_build_tables(board, tables, PC_TABLES);

	if (!size || guest_mem_write(&board->vm->mem, PC_TABLES, tables, size)) {
		log_error("%s: the ACPI tables do not fit", board->vm->config->name);
		return ERR_INVALID;
	}
	return 0;
}

static int load_linux(struct board *board, const struct guest_files *files)
{
	const struct boot_file *kernel = files->file[GUEST_KERNEL];
	const struct boot_file *initrd = files->file[GUEST_INITRD];
	struct vm *vm = board->vm;
	struct linux_x86 image = {.cmdline = vm->config->cmdline, .rsdp = PC_TABLES};
	struct linux_x86_entry entry;
	int initrd_fault;
	const char *wrong;

	if (load_tables(board))
		return ERR_INVALID;
	image.kernel = kernel->data;
	image.kernel_size = kernel->size;
	if (initrd) {
		image.initrd = initrd->data;
		image.initrd_size = initrd->size;
	}
	wrong = linux_x86_load(&vm->mem, &image, &entry, &initrd_fault);
	if (wrong)
		return guest_files_refuse(vm, initrd_fault ? GUEST_INITRD : GUEST_KERNEL, wrong);
	vcpu_set_entry(vm->vcpus[0].vcpu, entry.entry, entry.boot_params);
	return 0;
}

int pc_load(struct board *board)
{
	struct guest_files files;
	int err = guest_files_find(board->vm, &files);

	if (err)
		return err;
	if (files.file[GUEST_FIRMWARE])
		return pc_load_firmware(board, files.file[GUEST_FIRMWARE]);
	return load_linux(board, &files);
}
