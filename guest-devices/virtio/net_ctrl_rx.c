/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that say which frames the driver wants (VIRTIO 1.4, 5.1.9.5.1-5.1.9.5.3). */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/net_parts.h"

enum { TABLE_SET, ADDR_SET }; /* class VIRTIO_NET_CTRL_MAC */
enum { VLAN_ADD, VLAN_DEL };  /* class VIRTIO_NET_CTRL_VLAN */
enum { MAC_SIZE = 6, COUNT_SIZE = 4 };

bool net_ctrl_rx(struct virtio_net *net, struct net_command *command)
{
	uint64_t feature = command->command <= NET_ALLMULTI ? NET_F_CTRL_RX : NET_F_CTRL_RX_EXTRA;
	uint8_t on;

	if (command->command >= NET_FILTER_MODES || !virtio_has(&net->device, feature) ||
	    !net_command_read(command, 0, &on, 1) || on > 1)
		return false;
	net->filter.modes[command->command] = on;
	return true;
}

/* One table at *offset, which moves behind it. Its count is read once; false: it says more than the
 * command holds. */
static bool table_size(const struct net_command *command, uint64_t *offset, uint32_t *count)
{
	uint8_t bytes[COUNT_SIZE];

	if (!net_command_read(command, *offset, bytes, sizeof(bytes)))
		return false;
	*count = le32_get(bytes);
	*offset += COUNT_SIZE + (uint64_t)*count * MAC_SIZE;
	return *offset <= command->size;
}

static void table_fill(const struct net_command *command, uint64_t offset, uint32_t count,
                       struct net_mac_table *table)
{
	table->overflow = count > NET_FILTER_MACS;
	table->count = table->overflow ? 0 : count;
	net_command_read(command, offset, table->macs, (size_t)table->count * MAC_SIZE);
}

/* All sizes are checked before the first table changes. */
static bool set_tables(struct virtio_net *net, const struct net_command *command)
{
	uint32_t unicast, multicast;
	uint64_t second = 0, end;

	if (!table_size(command, &second, &unicast))
		return false;
	end = second;
	if (!table_size(command, &end, &multicast))
		return false;
	table_fill(command, COUNT_SIZE, unicast, &net->filter.unicast);
	table_fill(command, second + COUNT_SIZE, multicast, &net->filter.multicast);
	return true;
}

static bool set_address(struct virtio_net *net, const struct net_command *command)
{
	uint8_t mac[MAC_SIZE];

	if (!net_command_read(command, 0, mac, sizeof(mac)) || (mac[0] & 1))
		return false;
	net_set_mac(net, mac);
	return true;
}

bool net_ctrl_mac(struct virtio_net *net, struct net_command *command)
{
	if (command->command == TABLE_SET && virtio_has(&net->device, NET_F_CTRL_RX))
		return set_tables(net, command);
	return command->command == ADDR_SET && virtio_has(&net->device, NET_F_CTRL_MAC_ADDR) &&
	       set_address(net, command);
}

bool net_ctrl_vlan(struct virtio_net *net, struct net_command *command)
{
	uint8_t bytes[2];

	return command->command <= VLAN_DEL && virtio_has(&net->device, NET_F_CTRL_VLAN) &&
	       net_command_read(command, 0, bytes, sizeof(bytes)) &&
	       net_filter_set_vlan(&net->filter, le16_get(bytes), command->command == VLAN_ADD);
}
