/* SPDX-License-Identifier: BSD-2-Clause */
/* Building an Arm machine, and its power-on state. */
#include "hv/machine/virt/virt.h"

#include <arch/err.h>
#include <arch/log.h>

const size_t board_size = sizeof(struct board);

int board_layout(struct vm *vm)
{
	struct guest_mem *mem = &vm->mem;
	int err = 0;

	mem->count = 0;
	if (vm->config->firmware[0])
		err = virt_layout_firmware(vm);
	mem->slots[mem->count++] =
	    (struct guest_mem_slot){.address = VIRT_RAM, .size = vm->config->memory};
	return err;
}

/* The bus refuses overlaps, which would be a mistake in the memory map. */
static int create_serial_and_rtc(struct board *board)
{
	struct vm *vm = board->vm;

	pl011_init(&board->uart, VIRT_UART, gic_line(&board->gic, VIRT_UART_SPI));
	char_join(&board->uart.end, console_port_end(vm->console, CONSOLE_UART));
	pl031_init(&board->rtc, VIRT_RTC, gic_line(&board->gic, VIRT_RTC_SPI), &vm->vcpus[0]);
	return bus_add(&vm->memory, &board->uart.region) || bus_add(&vm->memory, &board->rtc.region)
	           ? ERR_INVALID
	           : 0;
}

static void create_pci(struct board *board)
{
	struct pci_host_config config = {
	    .ecam_base = VIRT_ECAM,
	    .window32 = VIRT_WINDOW32,
	    .window32_size = VIRT_WINDOW32_SIZE,
	    .ports_window = VIRT_PORTS_FIRST,
	    .ports_size = VIRT_PORTS_SIZE - VIRT_PORTS_FIRST,
	    .ports_mapped = VIRT_PORTS,
	    .msi = virt_msi_target(board),
	};

	for (unsigned i = 0; i < 4; i++)
		config.lines[i] = gic_line(&board->gic, VIRT_INTX_SPI + i);
	pci_host_init(&board->pci, &board->vm->memory, &board->vm->ports, &config);
}

static void place_virtio(struct board *board, struct virtio_places *places)
{
	for (unsigned i = 0; i < VIRTIO_SET_MMIO_LINES; i++)
		board->mmio_lines[i].line = gic_line(&board->gic, VIRT_MMIO_SPI + i);
	*places = (struct virtio_places){
	    .pci = &board->pci,
	    .first_slot = 1,
	    .mmio = VIRT_MMIO,
	    .mmio_lines = board->mmio_lines,
	};
}

int board_init(struct vm *vm, struct virtio_places *places)
{
	struct board *board = vm->board;
	int err;

	board->vm = vm;
	err = virt_create_gic(board);
	if (!err)
		err = create_serial_and_rtc(board);
	if (!err && vm->config->firmware[0])
		err = virt_create_flash(board);
	if (err)
		return err;
	create_pci(board);
	place_virtio(board, places);
	return 0;
}

void board_reset(struct vm *vm)
{
	struct board *board = vm->board;

	pci_host_reset(&board->pci);
	pl011_reset(&board->uart);
	pl031_reset(&board->rtc);
	if (vm->config->firmware[0])
		cfi_flash_reset(&board->flash);
	gic_reset(&board->gic);
}

int board_load(struct vm *vm)
{
	return virt_load(vm->board);
}

void board_stats(struct vm *vm,
                 void (*show)(void *context, const char *device, const char *name, uint64_t value),
                 void *context)
{
	struct board *board = vm->board;

	show(context, "gic", "dropped", board->gic.dropped + board->v2m.dropped);
	show(context, "gic", "misuse", board->gic.misuse + board->v2m.misuse);
}
