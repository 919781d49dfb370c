/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RAM of a guest, page by page: with `balloon` in its configuration single pages go back to the
 * machine's pool while it runs, and come back, zeroed, when it or one of its devices touches them.
 * All under the guest's lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "hv/vm.h"

/* Map the slots' host memory; pages may go missing if the configuration says so. ERR_NO_MEMORY. */
int vm_pages_create(struct vm *vm);
void vm_pages_destroy(struct vm *vm); /* gives all RAM back */

#define VM_PAGES_AT_ONCE 256

/*
 * Give the pages at these guest addresses back to the pool. What is no page of RAM that is there is
 * left out. No device may hold a host address of one of them. Returns when no CPU can reach them
 * any more. Returns how many were given back. At most VM_PAGES_AT_ONCE.
 */
size_t vm_pages_release(struct vm *vm, const uint64_t *addresses, size_t count);

/* Make one page there again; true: it is. The pool may be empty: then the guest is asked to stop.
 */
bool vm_pages_bring(struct vm *vm, uint64_t address);

/* The same for a page that nobody touches yet: false, and nothing else, where that would take the
 * last reserve. Not a page of RAM: true. */
bool vm_pages_offer(struct vm *vm, uint64_t address);
