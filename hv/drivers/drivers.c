/* SPDX-License-Identifier: BSD-2-Clause */
/* Which driver takes which device of the host. */
#include "hv/drivers/drivers.h"

#include <arch/err.h>
#include <arch/log.h>

#include "hv/drivers/host_pci.h"
#include "hv/drivers/virtio_blk.h"
#include "hv/drivers/virtio_net.h"

#define NICS  2
#define DISKS 4

/* A device of this file keeps its place for good: the drivers hold pointers to it. */
struct nic_place {
	struct host_pci_device pci;
	struct host_net net;
};
struct disk_place {
	struct host_pci_device pci;
	struct host_blk blk;
};

static struct nic_place nics[NICS];
static struct disk_place disks[DISKS];
static unsigned nic_count, disk_count;

static int start_net(const struct host_pci_device *device)
{
	struct nic_place *place = &nics[nic_count];
	int err;

	if (nic_count == NICS)
		return ERR_NO_MEMORY;
	*place = (struct nic_place){.pci = *device};
	err = host_net_start(&place->net, &place->pci);
	if (!err)
		nic_count++;
	return err;
}

static int start_blk(const struct host_pci_device *device)
{
	struct disk_place *place = &disks[disk_count];
	int err;

	if (disk_count == DISKS)
		return ERR_NO_MEMORY;
	*place = (struct disk_place){.pci = *device};
	err = host_blk_start(&place->blk, &place->pci);
	if (!err)
		disk_count++;
	return err;
}

static const struct driver {
	uint16_t vendor, device;
	const char *name;
	int (*start)(const struct host_pci_device *device); /* negative: said why, or no place */
} drivers[] = {
    {0x1af4, 0x1041, "virtio-net", start_net},
    {0x1af4, 0x1000, "virtio-net (transitional)", start_net},
    {0x1af4, 0x1042, "virtio-blk", start_blk},
    {0x1af4, 0x1001, "virtio-blk (transitional)", start_blk},
};

static void found(const struct host_pci_device *device)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (drivers[i].vendor != device->vendor || drivers[i].device != device->device)
			continue;
		if (drivers[i].start(device) == ERR_NO_MEMORY)
			log_warn("%s %s: no place for one more; it is not used", drivers[i].name,
			         device->name);
		return;
	}
	log_debug("pci %s: %04x:%04x class %06x has no driver", device->name, device->vendor,
	          device->device, device->class_code);
}

void drivers_start(void)
{
	nic_count = disk_count = 0;
	if (!host_pci_scan(found))
		log_warn("pci: no device answers");
}

struct host_nic *drivers_nic(void)
{
	return nic_count ? &nics[0].net.nic : NULL;
}
