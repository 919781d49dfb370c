/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/net_header.h"

#include <string.h>

#include "guest-devices/bytes.h"

enum { NEEDS_CSUM = 1, DATA_VALID = 2, GSO_ECN = 0x80 };
enum {
	FLAGS = 0,
	GSO_TYPE = 1,
	HDR_LEN = 2,
	GSO_SIZE = 4,
	CSUM_START = 6,
	CSUM_OFFSET = 8,
	NUM_BUFFERS = 10,
	HASH_VALUE = 12,
	HASH_REPORT = 16,
};

/* The feature that a driver needs to send such packets; 0: there is none. */
static uint64_t gso_feature(uint8_t type)
{
	switch (type) {
	case NET_GSO_TCPV4:
		return NET_F_HOST_TSO4;
	case NET_GSO_TCPV6:
		return NET_F_HOST_TSO6;
	case NET_GSO_UDP_L4:
		return NET_F_HOST_USO;
	default:
		return 0;
	}
}

/* gso_type as the driver wrote it, ECN bit and all. */
static bool gso_negotiated(uint8_t type, uint64_t features)
{
	uint8_t kind = type & (uint8_t)~GSO_ECN;

	if (type & GSO_ECN)
		return (features & NET_F_HOST_ECN) && (features & gso_feature(kind)) &&
		       kind != NET_GSO_UDP_L4;
	return kind == NET_GSO_NONE || (features & gso_feature(kind));
}

/* Flags that a driver has no say in, num_buffers and hdr_len are ignored (V14-NET-015, 021). */
bool net_header_read(const uint8_t header[NET_HEADER_MAX], uint64_t features,
                     struct net_offload *offload)
{
	*offload = (struct net_offload){.needs_csum = header[FLAGS] & NEEDS_CSUM,
	                                .gso_type = header[GSO_TYPE] & (uint8_t)~GSO_ECN};
	if (offload->needs_csum) {
		offload->csum_start = le16_get(header + CSUM_START);
		offload->csum_offset = le16_get(header + CSUM_OFFSET);
	}
	if (offload->gso_type != NET_GSO_NONE)
		offload->gso_size = le16_get(header + GSO_SIZE);
	return gso_negotiated(header[GSO_TYPE], features) &&
	       (!offload->needs_csum || (features & NET_F_CSUM));
}

void net_header_write(uint8_t header[NET_HEADER_MAX], const struct net_offload *offload,
                      uint64_t offloads, uint16_t buffers)
{
	memset(header, 0, NET_HEADER_MAX);
	le16_put(header + NUM_BUFFERS, buffers);
	if (!(offloads & NET_F_GUEST_CSUM)) /* V14-NET-034 */
		return;
	if (!offload->needs_csum) {
		header[FLAGS] = offload->data_valid ? DATA_VALID : 0;
		return;
	}
	header[FLAGS] = NEEDS_CSUM;
	le16_put(header + CSUM_START, offload->csum_start);
	le16_put(header + CSUM_OFFSET, offload->csum_offset);
	if (offload->gso_type == NET_GSO_NONE)
		return;
	header[GSO_TYPE] = offload->gso_type | (offload->ecn ? GSO_ECN : 0);
	le16_put(header + HDR_LEN, offload->hdr_len);
	le16_put(header + GSO_SIZE, offload->gso_size);
}

void net_header_hash(uint8_t header[NET_HEADER_MAX], uint16_t report, uint32_t value)
{
	le32_put(header + HASH_VALUE, value);
	le16_put(header + HASH_REPORT, report);
}
