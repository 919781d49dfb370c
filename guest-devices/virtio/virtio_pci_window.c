/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PCI_CFG capability: a window from configuration space into the BAR (VIRTIO 1.4, 4.1.4.9).
 * The BAR has no way back into configuration space, so this never nests.
 */
#include "guest-devices/virtio/virtio_pci.h"

enum { BAR = 4, OFFSET = 8, LENGTH = 12, DATA = 16, END = 20 };

/* How far the BAR reaches is the BAR's matter. */
static bool legal(const struct virtio_pci *transport, uint32_t offset, uint32_t length)
{
	uint8_t bar = transport->function.config[transport->window + BAR];

	return bar == transport->bar && (length == 1 || length == 2 || length == 4) &&
	       offset % length == 0;
}

void virtio_pci_window(struct virtio_pci *transport, unsigned offset, unsigned size, bool write)
{
	struct pci_function *function = &transport->function;
	unsigned data = transport->window + DATA;

	if (transport->window == 0 || offset + size <= data ||
	    offset >= (unsigned)transport->window + END)
		return;

	uint32_t target = pci_config_get32(function, transport->window + OFFSET);
	uint32_t length = pci_config_get32(function, transport->window + LENGTH);
	struct bus_access access = {.address = target, .size = (uint8_t)length, .write = write};

	if (!legal(transport, target, length)) {
		virtio_misuse(transport->device);
		if (!write)
			pci_config_set32(function, data, 0);
		return;
	}
	access.value = pci_config_get32(function, data);
	virtio_pci_bar_access(transport, &access);
	if (!write)
		pci_config_set32(function, data,
		                 (uint32_t)(access.value & (UINT32_MAX >> (32 - 8 * length))));
}
