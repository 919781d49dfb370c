/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that answers when the input says so, in any order, with any result, and touches every byte
 * that it was given. Watched: requests keep to the disk, and to what is promised of them.
 */
#pragma once

#include "guest-devices/backend.h"

struct fuzz_disk {
	struct blk_backend backend;
	struct blk_request *waiting;
	bool at_once; /* it answers before submit returns */
};

void fuzz_disk_init(struct fuzz_disk *disk, uint32_t operations);
/* One of those that wait is answered; what says which one and how. */
void fuzz_disk_event(struct fuzz_disk *disk, uint8_t what);
void fuzz_disk_settle(struct fuzz_disk *disk);
