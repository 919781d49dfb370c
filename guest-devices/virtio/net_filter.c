/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/net_filter.h"

#include <string.h>

#include "guest-devices/bytes.h"

enum { TYPE_VLAN = 0x8100, VLAN_ID = 0xfff };

void net_filter_reset(struct net_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
}

bool net_filter_set_vlan(struct net_filter *filter, uint16_t vlan, bool on)
{
	if (vlan >= NET_VLANS)
		return false;
	if (on)
		filter->vlans[vlan / 64] |= 1ull << vlan % 64;
	else
		filter->vlans[vlan / 64] &= ~(1ull << vlan % 64);
	return true;
}

static bool in_table(const struct net_mac_table *table, const uint8_t *mac)
{
	for (unsigned i = 0; i < table->count; i++)
		if (memcmp(table->macs[i], mac, 6) == 0)
			return true;
	return table->overflow;
}

static bool address_passes(const struct net_filter *filter, const uint8_t *own, const uint8_t *to)
{
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (filter->modes[NET_PROMISC])
		return true;
	if (memcmp(to, broadcast, 6) == 0)
		return !filter->modes[NET_NOBCAST];
	if (to[0] & 1)
		return !filter->modes[NET_NOMULTI] &&
		       (filter->modes[NET_ALLMULTI] || in_table(&filter->multicast, to));
	return !filter->modes[NET_NOUNI] && (filter->modes[NET_ALLUNI] || memcmp(to, own, 6) == 0 ||
	                                     in_table(&filter->unicast, to));
}

static bool vlan_passes(const struct net_filter *filter, const uint8_t *head)
{
	uint16_t vlan = be16_get(head + 14) & VLAN_ID;

	if (be16_get(head + 12) != TYPE_VLAN || filter->modes[NET_PROMISC])
		return true;
	return filter->vlans[vlan / 64] & 1ull << vlan % 64;
}

bool net_filter_passes(const struct net_filter *filter, const uint8_t own[6],
                       const uint8_t head[NET_FILTER_HEAD])
{
	return (!filter->by_address || address_passes(filter, own, head)) &&
	       (!filter->by_vlan || vlan_passes(filter, head));
}
