/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets for the guest (VIRTIO 1.4, 5.10.6): into as many of its buffers as they take, and never
 * more than its socket has room for. */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/vsock_parts.h"

#define EVENT_SIZE            4
#define EVENT_TRANSPORT_RESET 0

/* Where there is none the driver is to kick. */
static bool pop(struct virtio_vsock *vsock, unsigned queue)
{
	struct virtqueue *ring = &vsock->rings[queue];
	bool found = vq_pop(ring, &vsock->rx_chain);

	if (found == vsock->quiet[queue])
		return found;
	vsock->quiet[queue] = found;
	vq_want_kicks(ring, !found);
	return found || vq_pop(ring, &vsock->rx_chain);
}

/* One of the guest's buffers, with room for size bytes at least; shorter ones go back unused. */
static bool take_buffer(struct virtio_vsock *vsock, unsigned queue, uint32_t size)
{
	for (unsigned i = 0; i < VQ_SIZE_MAX && pop(vsock, queue); i++) {
		if (vsock->rx_chain.write_size >= size)
			return true;
		vq_push(&vsock->rings[queue], &vsock->rx_chain, 0);
	}
	return false;
}

static void put(struct virtio_vsock *vsock, const uint8_t *header, const uint8_t *data,
                uint32_t size)
{
	vq_write(&vsock->rx_chain, 0, header, VIRTIO_VSOCK_HEADER);
	vq_write(&vsock->rx_chain, VIRTIO_VSOCK_HEADER, data, size);
	vq_push(&vsock->rings[VSOCK_RX], &vsock->rx_chain, VIRTIO_VSOCK_HEADER + size);
}

static void encode(uint8_t *header, const struct vsock_packet *packet)
{
	le64_put(header + HEADER_SRC_CID, packet->src_cid);
	le64_put(header + HEADER_DST_CID, packet->dst_cid);
	le32_put(header + HEADER_SRC_PORT, packet->src_port);
	le32_put(header + HEADER_DST_PORT, packet->dst_port);
	le32_put(header + HEADER_LEN, packet->size);
	le16_put(header + HEADER_TYPE, packet->type);
	le16_put(header + HEADER_OP, packet->op);
	le32_put(header + HEADER_FLAGS, packet->flags);
	le32_put(header + HEADER_BUF_ALLOC, packet->buf_alloc);
	le32_put(header + HEADER_FWD_CNT, packet->fwd_cnt);
}

/* --- what the device says itself --- */

bool vsock_reply_room(const struct virtio_vsock *vsock)
{
	return vsock->reply_count < VIRTIO_VSOCK_REPLIES;
}

/* The reserved halves of CIDs come back as they came. */
void vsock_reply(struct virtio_vsock *vsock, const uint8_t *header)
{
	unsigned at = (vsock->reply_first + vsock->reply_count++) % VIRTIO_VSOCK_REPLIES;
	uint8_t *reply = vsock->replies[at];

	memset(reply, 0, VIRTIO_VSOCK_HEADER);
	memcpy(reply + HEADER_SRC_CID, header + HEADER_DST_CID, 8);
	le64_put(reply + HEADER_DST_CID, vsock->cid);
	memcpy(reply + HEADER_SRC_PORT, header + HEADER_DST_PORT, 4);
	memcpy(reply + HEADER_DST_PORT, header + HEADER_SRC_PORT, 4);
	memcpy(reply + HEADER_TYPE, header + HEADER_TYPE, 2);
	le16_put(reply + HEADER_OP, VSOCK_RST);
}

static void put_lost(struct virtio_vsock *vsock, struct vsock_flow *flow)
{
	uint8_t header[VIRTIO_VSOCK_HEADER];

	encode(header, &(struct vsock_packet){.src_cid = flow->cid,
	                                      .dst_cid = vsock->cid,
	                                      .src_port = flow->port,
	                                      .dst_port = flow->local_port,
	                                      .type = flow->type,
	                                      .op = VSOCK_RST,
	                                      .buf_alloc = flow->peer_buf_alloc,
	                                      .fwd_cnt = flow->peer_fwd_cnt});
	put(vsock, header, NULL, 0);
	vsock_flow_remove(vsock, flow);
	vsock->resets++;
}

static void put_reply(struct virtio_vsock *vsock)
{
	put(vsock, vsock->replies[vsock->reply_first], NULL, 0);
	vsock->reply_first = (vsock->reply_first + 1) % VIRTIO_VSOCK_REPLIES;
	vsock->reply_count--;
	vsock->resets++;
}

void vsock_flush(struct virtio_vsock *vsock)
{
	while ((vsock->lost > 0 || vsock->reply_count > 0) &&
	       take_buffer(vsock, VSOCK_RX, VIRTIO_VSOCK_HEADER)) {
		if (vsock->lost > 0)
			put_lost(vsock, vsock_flow_lost(vsock));
		else
			put_reply(vsock);
	}
	virtio_notify_queue(&vsock->device, VSOCK_RX);
}

void vsock_flush_event(struct virtio_vsock *vsock)
{
	uint8_t event[EVENT_SIZE] = {EVENT_TRANSPORT_RESET};

	if (vsock->event_owed && take_buffer(vsock, VSOCK_EVENT, EVENT_SIZE)) {
		vsock->event_owed = false;
		vq_write(&vsock->rx_chain, 0, event, EVENT_SIZE);
		vq_push(&vsock->rings[VSOCK_EVENT], &vsock->rx_chain, EVENT_SIZE);
	}
	virtio_notify_queue(&vsock->device, VSOCK_EVENT);
}

/* --- what others say --- */

/* The guest is asked for a flow; false: it cannot have it. */
static bool admit(struct virtio_vsock *vsock, const struct vsock_packet *packet)
{
	return vsock_type_spoken(vsock, packet->type) &&
	       vsock_flow_allowed(vsock, false, packet->src_cid);
}

static bool in_order(const struct vsock_packet *packet, const struct vsock_flow *flow)
{
	if (packet->type != flow->type || packet->op == VSOCK_REQUEST)
		return false;
	if (packet->op == VSOCK_RESPONSE)
		return flow->state == VSOCK_ASKING;
	return packet->op != VSOCK_RW || flow->state == VSOCK_OPEN;
}

static void received(struct virtio_vsock *vsock, const struct vsock_packet *packet,
                     struct vsock_flow *flow)
{
	if (packet->op == VSOCK_REQUEST)
		vsock_flow_add(vsock, &(struct vsock_flow){.cid = packet->src_cid,
		                                           .port = packet->src_port,
		                                           .local_port = packet->dst_port,
		                                           .type = (uint8_t)packet->type,
		                                           .state = VSOCK_ASKED,
		                                           .peer_buf_alloc = packet->buf_alloc});
	else if (packet->op == VSOCK_RESPONSE)
		flow->state = VSOCK_OPEN;
	else if (packet->op == VSOCK_RST)
		vsock_flow_remove(vsock, flow);
}

/* As much as the next buffer takes. */
static enum vsock_sent put_some(struct virtio_vsock *vsock, const struct vsock_packet *packet,
                                struct vsock_flow *flow, const uint8_t *data, uint32_t *taken)
{
	struct vsock_packet part = *packet;
	uint8_t header[VIRTIO_VSOCK_HEADER];
	uint32_t left = packet->size - *taken;

	if (!take_buffer(vsock, VSOCK_RX, VIRTIO_VSOCK_HEADER + (left > 0)))
		return VSOCK_WAIT;
	part.size = vsock->rx_chain.write_size - VIRTIO_VSOCK_HEADER;
	if (part.size >= left)
		part.size = left;
	else
		part.flags = 0;
	encode(header, &part);
	put(vsock, header, data + *taken, part.size);
	if (flow) {
		flow->sent += part.size;
		flow->peer_buf_alloc = packet->buf_alloc;
		flow->peer_fwd_cnt = packet->fwd_cnt;
	}
	*taken += part.size;
	return VSOCK_SENT;
}

static enum vsock_sent deliver(struct virtio_vsock *vsock, const struct vsock_packet *packet,
                               const uint8_t *data, uint32_t *taken)
{
	struct vsock_flow *flow =
	    vsock_flow_find(vsock, packet->src_cid, packet->src_port, packet->dst_port);
	enum vsock_sent result;

	if (packet->op == VSOCK_RST && (!flow || flow->state == VSOCK_LOST))
		return VSOCK_SENT;
	if (flow ? flow->state == VSOCK_LOST : packet->op != VSOCK_REQUEST || !admit(vsock, packet))
		return VSOCK_NOBODY;
	/* more than the guest has announced is never given to it (V14-VSOCK-005) */
	if (flow && (!in_order(packet, flow) || packet->size - *taken > vsock_flow_room(flow))) {
		vsock_flow_lose(vsock, flow);
		return VSOCK_NOBODY;
	}
	do
		result = put_some(vsock, packet, flow, data, taken);
	while (result == VSOCK_SENT && *taken < packet->size);
	if (result == VSOCK_SENT)
		received(vsock, packet, flow);
	return result;
}

enum vsock_sent virtio_vsock_receive(struct virtio_vsock *vsock, const struct vsock_packet *packet,
                                     const uint8_t *data, uint32_t *taken)
{
	enum vsock_sent result = deliver(vsock, packet, data, taken);

	vsock_flush(vsock);
	return result;
}

void virtio_vsock_gone(struct virtio_vsock *vsock, uint32_t cid)
{
	for (unsigned i = 0; i < vsock->used; i++)
		if (vsock->flows[i].cid == cid) /* a free one has CID 0, which nobody has */
			vsock_flow_lose(vsock, &vsock->flows[i]);
	vsock_serve_tx(vsock); /* what waits there for one of them goes */
}
