/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/scsi.h"

#include <stdio.h>

#include <arch/err.h>
#include <arch/pages.h>

#define NAME_BASE  0x56495245000000ull /* of the disks' world-wide names */
#define HOST_PAGES ((sizeof(struct scsi_host) + PAGE_SIZE - 1) / PAGE_SIZE)

static int add_disk(struct scsi_host *host, struct vm *vm, unsigned number)
{
	struct backing *disk = &host->disks[number];
	char id[CONFIG_NAME + 24];
	int err;

	snprintf(id, sizeof(id), "vireo-%s-s%u", vm->config->name, number);
	err = backing_open(disk, vm, &vm->config->scsi[number], "scsi", id);
	if (!err)
		virtio_scsi_attach(&host->device, (struct virtio_scsi_address){number, 0},
		                   &disk->disk.backend, NAME_BASE | vm->number << 8 | number);
	return err;
}

int scsi_host_create(struct scsi_host **created, struct vm *vm, const char *name)
{
	struct scsi_host *host = pages_alloc(HOST_PAGES, PAGE_SIZE);
	int err = 0;

	*created = host;
	if (!host)
		return ERR_NO_MEMORY;
	virtio_scsi_init(&host->device, &(struct virtio_scsi_config){
	                                    .name = name,
	                                    .mem = &vm->mem,
	                                    .timer_scope = &vm->vcpus[0],
	                                });
	for (unsigned i = 0; i < vm->config->scsi_count && !err; i++)
		err = add_disk(host, vm, i);
	return err;
}

int scsi_host_resize(struct scsi_host *host, unsigned target, uint64_t size)
{
	int err;

	if (!host || target >= CONFIG_DISKS || !host->disks[target].memory)
		return ERR_NOT_FOUND;
	err = backing_resize(&host->disks[target], size);
	if (!err)
		virtio_scsi_resized(&host->device, (struct virtio_scsi_address){target, 0});
	return err;
}

void scsi_host_destroy(struct scsi_host *host)
{
	for (unsigned i = 0; host && i < CONFIG_DISKS; i++)
		backing_close(&host->disks[i]);
	if (host)
		pages_free(host, HOST_PAGES);
}
