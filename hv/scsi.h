/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's SCSI host: the n-th `scsi` line of its section is LUN 0 of target n. */
#pragma once

#include "guest-devices/virtio/scsi.h"
#include "hv/blk/backing.h"
#include "hv/vm.h"

struct scsi_host {
	struct virtio_scsi device;
	struct backing disks[CONFIG_DISKS];
};

/* The device is ready for a transport; name outlives it. ERR_NO_MEMORY, ERR_NOT_FOUND after one
 * line. */
int scsi_host_create(struct scsi_host **host, struct vm *vm, const char *name);
/* Under the guest's lock. ERR_NOT_FOUND: no such disk; ERR_NO_MEMORY. */
int scsi_host_resize(struct scsi_host *host, unsigned target, uint64_t size);
void scsi_host_destroy(struct scsi_host *host); /* only when the device is idle; NULL: nothing */
