/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that starts in firmware: its image below 4 GiB, and what the firmware asks about the
 * machine. */
#include <string.h>

#include <arch/err.h>
#include <arch/log.h>

#include "guest-devices/bytes.h"
#include "hv/machine/pc/pc.h"

#define ROM_MAX (16ull << 20)  /* the local APIC lies below */
#define LOW_ROM (256ull << 10) /* so much of its end stands in the RAM below LOW_END, too */
#define LOW_END (1ull << 20)
#define PAGE    4096ull

enum { NVRAM_LOW = 0x34, NVRAM_HIGH = 0x5b };
enum { E820_RAM = 1, E820_RESERVED = 2 };

int pc_layout_rom(struct vm *vm)
{
	struct guest_mem *mem = &vm->mem;
	struct guest_files files;
	int err = guest_files_find(vm, &files);
	uint64_t size;

	if (err)
		return err;
	size = (files.file[GUEST_FIRMWARE]->size + PAGE - 1) & ~(PAGE - 1);
	if (size == 0 || size > ROM_MAX)
		return guest_files_refuse(vm, GUEST_FIRMWARE,
		                          "is not from 1 byte to 16 MiB long, as the flash is");
	mem->slots[mem->count++] =
	    (struct guest_mem_slot){.address = PC_ROM_END - size, .size = size, .read_only = true};
	return 0;
}

static void add_e820(struct pc_firmware *firmware, uint64_t start, uint64_t size, uint32_t type)
{
	uint8_t *entry = firmware->e820 + firmware->e820_size;

	le64_put(entry, start);
	le64_put(entry + 8, size);
	le32_put(entry + 16, type);
	firmware->e820_size += PC_E820_ENTRY;
}

static void list_memory(struct board *board)
{
	struct pc_firmware *firmware = &board->firmware;
	const struct guest_mem *mem = &board->vm->mem;

	firmware->e820_size = 0;
	for (unsigned i = 0; i < mem->count; i++)
		if (!mem->slots[i].read_only)
			add_e820(firmware, mem->slots[i].address, mem->slots[i].size, E820_RAM);
	add_e820(firmware, PC_ECAM, PC_ECAM_SIZE, E820_RESERVED);
}

/* How much RAM there is, where firmware that knows no fw_cfg looks for it: in units of 64 KiB, what
 * is above 16 MiB and what is above 4 GiB. */
static void note_memory(struct board *board)
{
	const struct guest_mem *mem = &board->vm->mem;
	const struct guest_mem_slot *high = guest_mem_slot(mem, PC_HIGH_RAM);
	uint8_t *nvram = board->rtc.nvram;

	le16_put(nvram + NVRAM_LOW, (uint16_t)((mem->slots[0].size >> 16) - 256));
	le16_put(nvram + NVRAM_HIGH, (uint16_t)(high ? high->size >> 16 : 0));
	nvram[NVRAM_HIGH + 2] = (uint8_t)(high ? high->size >> 32 : 0);
}

static int describe_machine(struct board *board)
{
	struct pc_firmware *firmware = &board->firmware;
	struct fw_cfg *cfg = &firmware->cfg;
	size_t tables = pc_build_tables(board, firmware->tables, 0), script = 0;

	if (tables)
		script =
		    acpi_loader_build(firmware->tables, firmware->script, sizeof(firmware->script));
	list_memory(board);
	note_memory(board);
	le16_put(firmware->cpus, (uint16_t)board->vm->vcpu_count);
	le16_put(firmware->console, UART16550_COM1);
	fw_cfg_init(cfg); /* items of the start before */
	if (!script || fw_cfg_add(cfg, FW_CFG_CPUS, firmware->cpus, sizeof(firmware->cpus)) ||
	    fw_cfg_add(cfg, FW_CFG_CPUS_MAX, firmware->cpus, sizeof(firmware->cpus)) ||
	    fw_cfg_add_file(cfg, "etc/e820", firmware->e820, firmware->e820_size) ||
	    fw_cfg_add_file(cfg, ACPI_LOADER_TABLES, firmware->tables, (uint32_t)tables) ||
	    fw_cfg_add_file(cfg, ACPI_LOADER_RSDP, firmware->tables, ACPI_LOADER_RSDP_BYTES) ||
	    fw_cfg_add_file(cfg, ACPI_LOADER_SCRIPT, firmware->script, (uint32_t)script) ||
	    fw_cfg_add_file(cfg, "etc/sercon-port", firmware->console, sizeof(firmware->console)))
		return ERR_INVALID;
	return 0;
}

/* The vCPU starts where its reset leaves it, 16 bytes below 4 GiB. */
int pc_load_firmware(struct board *board, const struct boot_file *image)
{
	const struct guest_mem *mem = &board->vm->mem;
	const struct guest_mem_slot *rom = guest_mem_slot(mem, PC_ROM_END - 1);
	size_t low = image->size < LOW_ROM ? image->size : LOW_ROM;

	memcpy(rom->host + rom->size - image->size, image->data, image->size);
	if (guest_mem_write(mem, LOW_END - low, image->data + image->size - low, low) ||
	    describe_machine(board)) {
		log_error("%s: its machine cannot be described to firmware",
		          board->vm->config->name);
		return ERR_INVALID;
	}
	return 0;
}
