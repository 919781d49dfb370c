/* SPDX-License-Identifier: BSD-2-Clause */
/* The two banks of flash that QEMU's machine has too: firmware in the first, at the reset vector,
 * its variables in the second. */
#include <arch/err.h>
#include <arch/pages.h>

#include "hv/machine/files.h"
#include "hv/machine/virt/virt.h"

int virt_layout_firmware(struct vm *vm)
{
	struct guest_mem *mem = &vm->mem;
	const struct boot_file *firmware;
	struct guest_files files;
	int err = guest_files_find(vm, &files);

	if (err)
		return err;
	firmware = files.file[GUEST_FIRMWARE];
	if (!firmware->size || firmware->size > VIRT_ROM_MAX)
		return guest_files_refuse(vm, GUEST_FIRMWARE,
		                          "is not from 1 byte to 64 MiB long, as the flash is");
	mem->slots[mem->count++] = (struct guest_mem_slot){
	    .address = VIRT_ROM,
	    .size = (firmware->size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE,
	    .read_only = true,
	};
	mem->slots[mem->count++] = (struct guest_mem_slot){
	    .address = VIRT_FLASH, .size = VIRT_FLASH_SIZE, .read_only = true};
	return 0;
}

/* Firmware that runs in place writes to its variables there, too: nothing happens. */
static void access_rom(void *context, struct bus_access *access)
{
	const struct board *board = context;

	access->value = 0;
	if (!access->write)
		guest_mem_read(&board->vm->mem, VIRT_ROM + access->address, &access->value,
		               access->size);
}

/* Where there is no memory for the tables, the device is asked for each byte. */
static void flash_changed(void *context, bool readable)
{
	struct board *board = context;
	struct vm *vm = board->vm;

	if (readable)
		stage2_map(vm->stage2, VIRT_FLASH, (uintptr_t)board->flash.array, VIRT_FLASH_SIZE,
		           STAGE2_READ | STAGE2_EXEC);
	else
		stage2_unmap(vm->stage2, VIRT_FLASH, VIRT_FLASH_SIZE);
}

int virt_create_flash(struct board *board)
{
	static const struct cfi_flash_events events = {flash_changed};
	struct bus *memory = &board->vm->memory;
	uint8_t *array = guest_mem_slot(&board->vm->mem, VIRT_FLASH)->host;

	board->rom = (struct bus_region){VIRT_ROM, VIRT_ROM_MAX, access_rom, board, "rom"};
	memset(array, 0xff, VIRT_FLASH_SIZE);
	cfi_flash_init(&board->flash, VIRT_FLASH, VIRT_FLASH_SIZE, array, &events, board);
	return bus_add(memory, &board->rom) || bus_add(memory, &board->flash.region) ? ERR_INVALID
	                                                                             : 0;
}
