/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/machine/guest_machine.h"

#include <arch/err.h>
#include <arch/pages.h>

#include "hv/console.h"
#include "hv/machine/board.h"
#include "hv/machine/virtio_set.h"

static size_t board_pages(void)
{
	return (board_size + PAGE_SIZE - 1) / PAGE_SIZE;
}

int guest_machine_create(struct vm *vm)
{
	struct virtio_places places = {0};
	int err;

	vm->board = pages_alloc(board_pages(), PAGE_SIZE);
	if (!vm->board)
		return ERR_NO_MEMORY;
	err = board_init(vm, &places);
	return err ? err : virtio_set_create(&vm->virtio, vm, &places);
}

void guest_machine_destroy(struct vm *vm)
{
	if (!vm->board)
		return;
	console_port_unplug(vm->console);
	if (vm->virtio)
		virtio_set_destroy(vm->virtio);
	pages_free(vm->board, board_pages());
	vm->virtio = NULL;
	vm->board = NULL;
	vm->memory.count = vm->ports.count = 0;
}

void guest_machine_reset(struct vm *vm)
{
	virtio_set_reset(vm->virtio);
	board_reset(vm);
	console_port_reset(vm->console);
}

bool guest_machine_idle(const struct vm *vm)
{
	return !vm->virtio || virtio_set_idle(vm->virtio);
}

void guest_machine_stats(struct vm *vm,
                         void (*show)(void *context, const char *device, const char *name,
                                      uint64_t value),
                         void *context)
{
	show(context, "bus", "unclaimed memory", vm->memory.misses);
	show(context, "bus", "unclaimed ports", vm->ports.misses);
	board_stats(vm, show, context);
	virtio_set_stats(vm->virtio, show, context);
}
