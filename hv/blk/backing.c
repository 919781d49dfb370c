/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/blk/backing.h"

#include <string.h>

#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>

/* NULL after one line: it was not loaded. */
static const struct boot_file *find_file(const struct vm *vm, const struct disk_config *config,
                                         const char *key)
{
	const struct boot_file *file = boot_file_find(vm->boot, config->file);

	if (!file)
		log_error("vireo.ini:%u: [vm %s] %s: %s is not on the EFI system partition; copy "
		          "it beside vireo.ini",
		          config->line, vm->config->name, key, config->file);
	return file;
}

static size_t pages_for(uint64_t size)
{
	return (size + PAGE_SIZE - 1) / PAGE_SIZE;
}

int backing_open(struct backing *backing, const struct vm *vm, const struct disk_config *config,
                 const char *key, const char *id)
{
	const struct boot_file *file = NULL;
	size_t size;

	if (config->kind == DISK_IMAGE) {
		file = find_file(vm, config, key);
		if (!file)
			return ERR_NOT_FOUND;
	}
	size = (file ? file->size : config->size) & ~(size_t)511;
	backing->pages = pages_for(size);
	backing->memory = pages_alloc(backing->pages, PAGE_SIZE);
	if (!backing->memory) {
		log_error("vireo.ini:%u: [vm %s] %s: %zu MiB is more than the machine has free "
		          "(%zu MiB); make it smaller",
		          config->line, vm->config->name, key, size >> 20,
		          pages_free_count() * PAGE_SIZE >> 20);
		return ERR_NO_MEMORY;
	}
	if (file)
		memcpy(backing->memory, file->data, size);
	ram_disk_init(&backing->disk, backing->memory, size, config->read_only, id);
	return 0;
}

int backing_resize(struct backing *backing, uint64_t size)
{
	uint8_t *old = backing->memory, *memory = pages_alloc(pages_for(size), PAGE_SIZE);

	if (!memory)
		return ERR_NO_MEMORY;
	ram_disk_resize(&backing->disk, memory, size);
	pages_free(old, backing->pages);
	backing->memory = memory;
	backing->pages = pages_for(size);
	return 0;
}

void backing_close(struct backing *backing)
{
	if (backing->memory)
		pages_free(backing->memory, backing->pages);
	backing->memory = NULL;
}
