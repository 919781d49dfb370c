/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/vm_pages.h"

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>

#define RESERVE 512 /* pages of the pool that no guest gets for the asking */

_Static_assert(PAGE_SIZE == GUEST_PAGE, "a page of the pool is a page of the guest");

static size_t table_pages(const struct guest_mem_slot *slot)
{
	return (slot->size / PAGE_SIZE * sizeof(slot->pages[0]) + PAGE_SIZE - 1) / PAGE_SIZE;
}

static bool bring_for_device(struct guest_mem_pager *pager, uint64_t address)
{
	return vm_pages_bring((void *)((char *)pager - offsetof(struct vm, pager)), address);
}

static int make_pageable(struct vm *vm, struct guest_mem_slot *slot)
{
	if (!vm->config->balloon || slot->read_only)
		return 0;
	slot->pages = pages_alloc(table_pages(slot), PAGE_SIZE);
	if (!slot->pages)
		return ERR_NO_MEMORY;
	for (uint64_t i = 0; i < slot->size / PAGE_SIZE; i++)
		slot->pages[i] = slot->host + i * PAGE_SIZE;
	stage2_pageable(vm->stage2, slot->address, slot->size);
	vm->pager.bring = bring_for_device;
	vm->mem.pager = &vm->pager;
	return 0;
}

int vm_pages_create(struct vm *vm)
{
	for (unsigned i = 0; i < vm->mem.count; i++) {
		struct guest_mem_slot *slot = &vm->mem.slots[i];

		slot->host = pages_alloc(slot->size / PAGE_SIZE, PAGE_SIZE_LARGE);
		if (!slot->host ||
		    stage2_map(vm->stage2, slot->address, (uintptr_t)slot->host, slot->size,
		               slot->read_only ? STAGE2_READ | STAGE2_EXEC : STAGE2_RWX) ||
		    make_pageable(vm, slot))
			return ERR_NO_MEMORY;
	}
	return 0;
}

static void destroy_slot(struct guest_mem_slot *slot)
{
	for (uint64_t i = 0; slot->pages && i < slot->size / PAGE_SIZE; i++)
		if (slot->pages[i])
			pages_free(slot->pages[i], 1);
	if (slot->pages)
		pages_free(slot->pages, table_pages(slot));
	else if (slot->host)
		pages_free(slot->host, slot->size / PAGE_SIZE);
}

void vm_pages_destroy(struct vm *vm)
{
	for (unsigned i = 0; i < vm->mem.count; i++)
		destroy_slot(&vm->mem.slots[i]);
	vm->mem.count = 0;
}

/* Where the page is noted; NULL: it is none of RAM whose pages may go. */
static uint8_t **place_of(const struct vm *vm, uint64_t address)
{
	const struct guest_mem_slot *slot = guest_mem_slot(&vm->mem, address);

	if (!slot || !slot->pages || slot->read_only || address % PAGE_SIZE)
		return NULL;
	return &slot->pages[(address - slot->address) / PAGE_SIZE];
}

/* Other CPUs may run the guest with translations from before: none does when this returns. They
 * cannot enter it again, the lock is ours. */
static void wait_until_left(const struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		const struct vm_vcpu *v = &vm->vcpus[i];

		if (!v->inside)
			continue;
		cpu_kick(v->cpu);
		while (v->inside)
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
	}
}

/* Pages that are next to each other go in one step. */
static void give_back(uint8_t **pages, size_t count)
{
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && pages[i + n] == pages[i] + n * PAGE_SIZE; n++)
			;
		pages_free(pages[i], n);
	}
}

size_t vm_pages_release(struct vm *vm, const uint64_t *addresses, size_t count)
{
	uint8_t *gone[VM_PAGES_AT_ONCE];
	size_t n = 0;

	for (size_t i = 0; i < count && n < VM_PAGES_AT_ONCE; i++) {
		uint8_t **place = place_of(vm, addresses[i]);

		/* a large page that cannot be split stays whole */
		if (!place || !*place || stage2_unmap(vm->stage2, addresses[i], PAGE_SIZE))
			continue;
		gone[n++] = *place;
		*place = NULL;
	}
	if (n > 0)
		wait_until_left(vm);
	give_back(gone, n);
	vm->pages_missing += n;
	return n;
}

static bool bring(struct vm *vm, uint64_t address, uint8_t **place)
{
	const struct guest_mem_slot *slot = guest_mem_slot(&vm->mem, address);
	uint8_t *page = pages_alloc_at(slot->host + (address - slot->address));

	if (!page)
		return false;
	if (stage2_map(vm->stage2, address, (uintptr_t)page, PAGE_SIZE, STAGE2_RWX)) {
		pages_free(page, 1);
		return false;
	}
	*place = page;
	vm->pages_missing--;
	return true;
}

bool vm_pages_bring(struct vm *vm, uint64_t address)
{
	uint8_t **place;

	address &= ~(uint64_t)(PAGE_SIZE - 1);
	place = place_of(vm, address);
	if (!place || *place || bring(vm, address, place))
		return place != NULL;
	if (vm->request == VM_REQUEST_NONE)
		log_error("%s: it wants memory back that it gave away, and the machine has none "
		          "left; give other guests less",
		          vm->config->name);
	vm_ask(vm, VM_REQUEST_STOP, "no memory left for it");
	return false;
}

bool vm_pages_offer(struct vm *vm, uint64_t address)
{
	uint8_t **place = place_of(vm, address);

	if (!place || *place)
		return true;
	return pages_free_count() > RESERVE && bring(vm, address, place);
}
