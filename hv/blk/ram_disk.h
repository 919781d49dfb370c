/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk in memory. Requests complete before submit returns. What is discarded or erased reads as
 * zeroes. */
#pragma once

#include "guest-devices/backend.h"

struct ram_disk {
	struct blk_backend backend; /* for the device */
	uint8_t *memory;
};

/*
 * size: bytes, rounded down to 512; memory belongs to the caller and outlives the disk. id: serial
 * shown to the guest, cut after 20 bytes.
 */
void ram_disk_init(struct ram_disk *disk, void *memory, uint64_t size, bool read_only,
                   const char *id);

/* Move the disk to other memory of another size; what it held is copied as far as it fits, the rest
 * is zeroes. The old memory is the caller's again. */
void ram_disk_resize(struct ram_disk *disk, void *memory, uint64_t size);
