/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet into the driver's receive buffers (VIRTIO 1.4, 5.1.6.3, 5.1.6.4). */
#pragma once

#include "guest-devices/virtio/net_parts.h"

enum net_fit {
	NET_FITS,      /* it is in the used ring; the driver is not notified yet */
	NET_TOO_LARGE, /* it never fits: to be dropped */
	NET_NO_BUFFER, /* the buffers are given back; the driver kicks when it adds one */
};

/* The packet needs nothing that the driver does not accept. A buffer that device-readable parts
 * make wrong stops the device. */
enum net_fit net_fill(struct virtio_net *net, const struct net_packet *packet,
                      const struct net_target *target);
