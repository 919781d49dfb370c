/* SPDX-License-Identifier: BSD-2-Clause */
/* What is behind a disk of a guest: memory of ours, empty or a copy of an image file. */
#pragma once

#include "hv/blk/ram_disk.h"
#include "hv/vm.h"

struct backing {
	struct ram_disk disk; /* its backend is for the device */
	uint8_t *memory;
	size_t pages;
};

/* key: of the configuration, for messages; id: the serial. ERR_NOT_FOUND (no such file) and
 * ERR_NO_MEMORY after one line. */
int backing_open(struct backing *backing, const struct vm *vm, const struct disk_config *config,
                 const char *key, const char *id);
/* The same disk of another size; its device is to be told. ERR_NO_MEMORY: nothing changed. */
int backing_resize(struct backing *backing, uint64_t size);
void backing_close(struct backing *backing); /* nothing if it was never opened, all zero */
