/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which frames a driver wants to receive (VIRTIO 1.4, 5.1.9.5.1-5.1.9.5.3): modes, MAC address
 * tables, VLANs. Fixed tables: a driver that names more addresses than fit gets all of that kind.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_FILTER_MACS 64 /* in each of the two tables */
#define NET_VLANS       4096

/* The modes are numbered as the commands of class VIRTIO_NET_CTRL_RX. */
enum net_filter_mode {
	NET_PROMISC,
	NET_ALLMULTI,
	NET_ALLUNI,
	NET_NOMULTI,
	NET_NOUNI,
	NET_NOBCAST,
	NET_FILTER_MODES
};

struct net_mac_table {
	uint8_t macs[NET_FILTER_MACS][6];
	unsigned count;
	bool overflow; /* there are more: any address matches */
};

struct net_filter {
	bool by_address, by_vlan; /* what the driver negotiated; false: everything passes */
	bool modes[NET_FILTER_MODES];
	struct net_mac_table unicast, multicast;
	uint64_t vlans[NET_VLANS / 64];
};

void net_filter_reset(struct net_filter *filter);

#define NET_FILTER_HEAD 18 /* bytes of a frame that net_filter_passes looks at */
/* head: the first bytes of the frame, with zeroes behind its end. own: the device's address. */
bool net_filter_passes(const struct net_filter *filter, const uint8_t own[6],
                       const uint8_t head[NET_FILTER_HEAD]);
/* false: there is no such VLAN. */
bool net_filter_set_vlan(struct net_filter *filter, uint16_t vlan, bool on);
