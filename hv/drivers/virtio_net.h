/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio network card of the host as a struct host_nic (VIRTIO 1.4, 5.1): one queue each way, no
 * offloads, frames copied in and out of a fixed pool. Boot CPU only.
 */
#pragma once

#include "hv/drivers/virtio_pci.h"
#include "hv/net/net.h"

#define HOST_NET_RING   256  /* most frames waiting in each direction */
#define HOST_NET_BUFFER 2048 /* bytes a frame with its header, a power of two */
#define HOST_NET_FRAME  1518 /* bytes of the longest frame: Ethernet with a VLAN tag */

struct host_net {
	struct host_nic nic; /* first: nic.send and nic.poll find us by it */
	struct virtio_pci_port port;
	struct ring rx, tx;
	uint8_t *buffers; /* HOST_NET_RING for reception, then as many for sending */
	uint8_t *tx_free[HOST_NET_RING];
	unsigned tx_free_count;
	bool config_pending; /* an interrupt that may mean trouble; set by its handler */
	bool offline;        /* the device failed: nothing is sent or received any more */
	uint64_t interrupts;
};

/* Zeroed memory in net; on success net->nic works. Negative: the log says why. */
int host_net_start(struct host_net *net, struct host_pci_device *pci);
