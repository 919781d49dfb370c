/* SPDX-License-Identifier: BSD-2-Clause */
/* Building an Arm machine, and its power-on state. */
#include "hv/machine/virt/virt.h"

#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>

#define BOARD_PAGES ((sizeof(struct board) + PAGE_SIZE - 1) / PAGE_SIZE)

void board_layout(struct guest_mem *mem, uint64_t bytes)
{
	mem->slots[0] = (struct guest_mem_slot){.address = VIRT_RAM, .size = bytes};
	mem->count = 1;
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

static int create_virtio(struct board *board)
{
	const struct virtio_places places = {
	    .pci = &board->pci,
	    .first_slot = 1,
	    .mmio = VIRT_MMIO,
	    .mmio_lines = board->mmio_lines,
	};

	for (unsigned i = 0; i < VIRTIO_SET_MMIO_LINES; i++)
		board->mmio_lines[i].line = gic_line(&board->gic, VIRT_MMIO_SPI + i);
	return virtio_set_create(&board->virtio, board->vm, &places);
}

int board_create(struct vm *vm)
{
	struct board *board = pages_alloc(BOARD_PAGES, PAGE_SIZE);
	int err;

	if (!board)
		return ERR_NO_MEMORY;
	vm->board = board;
	board->vm = vm;
	err = virt_create_gic(board);
	if (!err)
		err = create_serial_and_rtc(board);
	if (err)
		return err;
	create_pci(board);
	return create_virtio(board);
}

void board_destroy(struct vm *vm)
{
	struct board *board = vm->board;

	if (!board)
		return;
	console_port_unplug(vm->console);
	if (board->virtio)
		virtio_set_destroy(board->virtio);
	pages_free(board, BOARD_PAGES);
	vm->board = NULL;
	vm->memory.count = vm->ports.count = 0;
}

bool board_idle(const struct vm *vm)
{
	return !vm->board || !vm->board->virtio || virtio_set_idle(vm->board->virtio);
}

void board_reset(struct vm *vm)
{
	struct board *board = vm->board;

	virtio_set_reset(board->virtio);
	pci_host_reset(&board->pci);
	pl011_reset(&board->uart);
	pl031_reset(&board->rtc);
	gic_reset(&board->gic);
	console_port_reset(vm->console);
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

	show(context, "bus", "unclaimed memory", vm->memory.misses);
	show(context, "gic", "dropped", board->gic.dropped + board->v2m.dropped);
	show(context, "gic", "misuse", board->gic.misuse + board->v2m.misuse);
	virtio_set_stats(board->virtio, show, context);
}

struct virtio_set *board_virtio(struct vm *vm)
{
	return vm->board->virtio;
}
