/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/frame.h"

#include <string.h>

#include "guest-devices/bytes.h"

enum { TAGGED = 1, IPV6 = 2, UDP = 4, OPTIONS = 8, FRAGMENT = 16, PARTIAL = 32, TRAIN = 64 };
enum { WRONG = 128 };

static size_t put_ipv4(uint8_t *ip, uint8_t how, size_t payload)
{
	size_t size = how & OPTIONS ? 24 : 20;

	ip[0] = (uint8_t)(0x40 | size / 4);
	be16_put(ip + 2, (uint16_t)(size + payload));
	be16_put(ip + 6, how & FRAGMENT ? 0x2001 : 0);
	ip[8] = 64;
	ip[9] = how & UDP ? 17 : 6;
	memset(ip + 12, 10, 8);
	return size;
}

/* Options are a header of their own. */
static size_t put_ipv6(uint8_t *ip, uint8_t how, size_t payload)
{
	size_t options = how & OPTIONS ? 8 : 0;
	uint8_t protocol = how & UDP ? 17 : 6;

	ip[0] = 0x60;
	be16_put(ip + 4, (uint16_t)(options + payload));
	ip[6] = options ? (how & FRAGMENT ? 44 : 60) : protocol;
	ip[7] = 64;
	memset(ip + 8, 0xfe, 32);
	if (options)
		ip[40] = protocol;
	return 40 + options;
}

static size_t put_transport(uint8_t *at, uint8_t how, size_t data)
{
	size_t size = how & UDP ? 8 : 20;

	be16_put(at, 1234);
	be16_put(at + 2, 80);
	if (how & UDP)
		be16_put(at + 4, (uint16_t)(size + data));
	else
		at[12] = 0x50;
	return size;
}

static size_t put_ethernet(struct fuzz *fuzz, uint8_t *at, uint8_t how)
{
	static const uint8_t own[6] = {0x52, 0x56, 0, 0, 0, 2};
	uint8_t to = fuzz_u8(fuzz);
	size_t size = 12;

	memcpy(at, own, 6);
	if (to & 0xc0) /* another station, or a group */
		memset(at, to, 6);
	memcpy(at + 6, own, 6);
	if (how & TAGGED) {
		be16_put(at + size, 0x8100);
		be16_put(at + size + 2, to & 15);
		size += 4;
	}
	be16_put(at + size, how & IPV6 ? 0x86dd : 0x0800);
	return size + 2;
}

static struct net_offload offload_of(uint8_t how, size_t transport, size_t headers)
{
	struct net_offload offload = {.needs_csum = how & (PARTIAL | TRAIN),
	                              .csum_start = (uint16_t)transport,
	                              .csum_offset = how & UDP ? 6 : 16};

	if (!(how & TRAIN))
		return offload;
	offload.hdr_len = (uint16_t)headers;
	offload.gso_type = how & UDP ? NET_GSO_UDP_L4 : how & IPV6 ? NET_GSO_TCPV6 : NET_GSO_TCPV4;
	return offload;
}

void fuzz_frame_make(struct fuzz *fuzz, struct fuzz_frame *frame)
{
	uint8_t how = fuzz_u8(fuzz);
	size_t data = fuzz_u16(fuzz) % (how & TRAIN ? 64000 : 3000);
	size_t header = how & UDP ? 8 : 20, at, transport;

	memset(frame->bytes, 0, 128);
	at = put_ethernet(fuzz, frame->bytes, how);
	at += (how & IPV6 ? put_ipv6 : put_ipv4)(frame->bytes + at, how, header + data);
	transport = at;
	at += put_transport(frame->bytes + at, how, data);
	frame->size = at + data;
	frame->offload = offload_of(how, transport, at);
	if (how & TRAIN)
		frame->offload.gso_size = fuzz_u16(fuzz);
	if (!(how & WRONG))
		return;
	frame->bytes[fuzz_u8(fuzz) & 127] ^= fuzz_u8(fuzz);
	frame->offload.csum_start ^= fuzz_u8(fuzz);
	frame->offload.csum_offset ^= fuzz_u8(fuzz);
}
