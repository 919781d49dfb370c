/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/net.h"

#include <stdint.h>

#include "tests/guest/bare/bare.h"
#include "tests/guest/bare/virtio.h"

#define HEADER      12 /* struct virtio_net_hdr with num_buffers */
#define FRAME       60
#define BUFFER      2048
#define FEATURE_MAC (1u << 5)

enum { RECEIVE, TRANSMIT };

static struct ring rings[2];
static uint8_t received[BUFFER];
/* To all, ARP; a request; from us; for the gateway */
static uint8_t sent[HEADER + FRAME] = "\0\0\0\0\0\0\0\0\0\0\0\0"
                                      "\377\377\377\377\377\377\0\0\0\0\0\0\10\6"
                                      "\0\1\10\0\6\4\0\1"
                                      "\0\0\0\0\0\0\12\115\0\2"
                                      "\0\0\0\0\0\0\12\115\0\1";

bool net_start(void)
{
	struct virtio device;

	if (!virtio_find(&device, VIRTIO_NET, FEATURE_MAC))
		return false;
	for (unsigned i = 0; i < 6; i++)
		sent[HEADER + 6 + i] = sent[HEADER + 22 + i] = register_read8(device.config + i);
	virtio_ring(&device, RECEIVE, &rings[RECEIVE]);
	virtio_ring(&device, TRANSMIT, &rings[TRANSMIT]);
	ring_describe(&rings[RECEIVE], 0, received, sizeof(received));
	rings[RECEIVE].desc[0].flags = DESC_F_WRITE;
	ring_describe(&rings[TRANSMIT], 0, sent, sizeof(sent));
	return virtio_run(&device);
}

void net_round_trip(void)
{
	for (unsigned i = 0; i < 2;
	     i++) /* every chain is descriptor 0: the avail rings stay zero */
		ring_offer(&rings[i], 1);
	while (rings[RECEIVE].used.idx != rings[RECEIVE].avail.idx)
		relax();
}
