/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets from the guest (VIRTIO 1.4, 5.10.6): checked, answered if they belong to nothing, handed
 * to the back-end. */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/vsock_parts.h"
#include "guest-devices/virtio/work.h"

/* Into vsock->tx; false: it is no packet, or already answered. The header is read here, once. */
static bool parse(struct virtio_vsock *vsock)
{
	const struct vq_chain *chain = &vsock->tx_chain;
	uint8_t header[VIRTIO_VSOCK_HEADER];

	if (vq_read(chain, 0, header, sizeof(header)) < sizeof(header) ||
	    le64_get(header + HEADER_SRC_CID) != vsock->cid ||
	    le32_get(header + HEADER_LEN) > chain->read_size - sizeof(header)) {
		vsock->dropped++;
		return false;
	}
	vsock->tx = (struct vsock_packet){
	    .src_cid = vsock->cid,
	    .dst_cid = le32_get(header + HEADER_DST_CID),
	    .src_port = le32_get(header + HEADER_SRC_PORT),
	    .dst_port = le32_get(header + HEADER_DST_PORT),
	    .type = le16_get(header + HEADER_TYPE),
	    .op = le16_get(header + HEADER_OP),
	    .flags = le32_get(header + HEADER_FLAGS),
	    .buf_alloc = le32_get(header + HEADER_BUF_ALLOC),
	    .fwd_cnt = le32_get(header + HEADER_FWD_CNT),
	};
	vsock->tx_done = 0;
	vsock->tx_broken = false;
	if (vsock->tx.op == VSOCK_RW)
		vsock->tx.size = le32_get(header + HEADER_LEN);
	if (le64_get(header + HEADER_DST_CID) == vsock->tx.dst_cid &&
	    vsock_type_spoken(vsock, vsock->tx.type))
		return true;
	vsock_reply(vsock, header);
	return false;
}

/* The guest gets a RST for this packet; never one for its own RST. */
static void refuse(struct virtio_vsock *vsock, struct vsock_flow *flow)
{
	const struct vsock_packet *tx = &vsock->tx;
	uint8_t header[VIRTIO_VSOCK_HEADER] = {0};

	if (flow && tx->op != VSOCK_RST) {
		vsock_flow_lose(vsock, flow);
	} else if (flow) {
		vsock_flow_remove(vsock, flow);
	} else if (tx->op != VSOCK_RST) {
		le64_put(header + HEADER_DST_CID, tx->dst_cid);
		le32_put(header + HEADER_SRC_PORT, tx->src_port);
		le32_put(header + HEADER_DST_PORT, tx->dst_port);
		le16_put(header + HEADER_TYPE, tx->type);
		vsock_reply(vsock, header);
	}
}

/* Does the packet fit to what its flow is at? */
static bool in_order(const struct vsock_packet *tx, const struct vsock_flow *flow)
{
	if (tx->type != flow->type)
		return false;
	switch (tx->op) {
	case VSOCK_RESPONSE:
		return flow->state == VSOCK_ASKED;
	case VSOCK_RW:
		return flow->state == VSOCK_OPEN && flow->fragments < VIRTIO_VSOCK_FRAGMENTS;
	case VSOCK_RST:
	case VSOCK_SHUTDOWN:
	case VSOCK_CREDIT_UPDATE:
	case VSOCK_CREDIT_REQUEST:
		return true;
	default:
		return false;
	}
}

/* What follows from the packet being with the back-end. */
static void sent(struct virtio_vsock *vsock, struct vsock_flow *flow)
{
	const struct vsock_packet *tx = &vsock->tx;

	switch (tx->op) {
	case VSOCK_REQUEST:
		vsock_flow_add(vsock, &(struct vsock_flow){.cid = tx->dst_cid,
		                                           .port = tx->dst_port,
		                                           .local_port = tx->src_port,
		                                           .type = (uint8_t)tx->type,
		                                           .state = VSOCK_ASKING,
		                                           .opened = true,
		                                           .buf_alloc = tx->buf_alloc});
		break;
	case VSOCK_RESPONSE:
		flow->state = VSOCK_OPEN;
		break;
	case VSOCK_RST:
		vsock_flow_remove(vsock, flow);
		break;
	case VSOCK_RW:
		if (flow->type == VSOCK_SEQPACKET)
			flow->fragments = tx->flags & VSOCK_SEQ_EOM ? 0 : flow->fragments + 1;
		break;
	default:
		break;
	}
}

/* Piece by piece; the boundaries of messages are in the last one's flags. */
static enum vsock_sent hand_over(struct virtio_vsock *vsock)
{
	struct vsock_packet part = vsock->tx;
	struct blk_span spans[VQ_CHAIN_MAX];
	enum vsock_sent result;
	unsigned count = 0;

	do {
		uint32_t left = vsock->tx.size - vsock->tx_done;

		part.size = left < VIRTIO_VSOCK_PIECE ? left : VIRTIO_VSOCK_PIECE;
		part.flags = part.size < left ? 0 : vsock->tx.flags;
		if (part.size > 0)
			count =
			    vq_read_spans(&vsock->tx_chain, VIRTIO_VSOCK_HEADER + vsock->tx_done,
			                  part.size, spans, VQ_CHAIN_MAX);
		if (part.size > 0 && count == 0)
			return VSOCK_NOBODY; /* the driver has changed what it made available */
		result = vsock->backend->send(vsock->backend, &part, spans, count);
		if (result != VSOCK_SENT)
			break;
		vsock->tx_done += part.size;
		vsock->stalled = 0;
	} while (vsock->tx_done < vsock->tx.size);
	return result;
}

/* A packet that breaks the rules of its flow ends it, on both sides. */
static void become_reset(struct virtio_vsock *vsock)
{
	vsock->tx_broken = true;
	vsock->tx_done = 0;
	vsock->tx.op = VSOCK_RST;
	vsock->tx.flags = vsock->tx.size = 0;
}

/* false: it has to wait. */
static bool forward(struct virtio_vsock *vsock)
{
	struct vsock_packet *tx = &vsock->tx;
	struct vsock_flow *flow = vsock_flow_find(vsock, tx->dst_cid, tx->dst_port, tx->src_port);
	enum vsock_sent result = VSOCK_NOBODY;

	if (flow && flow->state == VSOCK_LOST)
		return true; /* its RST is on the way */
	if (flow)
		vsock_flow_credit(flow, tx->buf_alloc, tx->fwd_cnt);
	tx->fwd_cnt = flow ? flow->fwd_cnt : 0;
	if (flow && !in_order(tx, flow))
		become_reset(vsock);
	if (flow || (tx->op == VSOCK_REQUEST && vsock_flow_allowed(vsock, true, 0)))
		result = hand_over(vsock);
	if (result == VSOCK_WAIT && vsock->stalled != tx->dst_cid)
		return false;
	if (flow && vsock->tx_broken)
		vsock_flow_lose(vsock, flow);
	else if (result == VSOCK_SENT)
		sent(vsock, flow);
	else
		refuse(vsock, flow);
	return true;
}

/* One packet; false: it stays in the ring until there is room for it. */
static bool serve(struct virtio_vsock *vsock)
{
	uint32_t done = vsock->tx_done;
	bool waited = vsock->tx_waiting;

	if (!waited && !parse(vsock))
		return true;
	vsock->tx_waiting = !forward(vsock);
	if (!vsock->tx_waiting)
		port_timer_set(&vsock->stall, UINT64_MAX);
	else if (!waited || done != vsock->tx_done)
		port_timer_set(&vsock->stall, port_time_ns() + VIRTIO_VSOCK_STALL_NS);
	return !vsock->tx_waiting;
}

/* While there is room for an answer, whether or not the guest takes any (V14-VSOCK-004). */
void vsock_serve_tx(struct virtio_vsock *vsock)
{
	struct virtqueue *ring = &vsock->rings[VSOCK_TX];
	struct work work = work_begin(ring, &vsock->later);
	struct vq_mark mark = vq_mark(ring);

	while (vsock_reply_room(vsock) && work_next(&work, &vsock->tx_chain)) {
		if (!serve(vsock)) {
			vq_rewind(ring, mark);
			break;
		}
		work_spend(&work, vsock->tx.size);
		vq_push(ring, &vsock->tx_chain, 0);
		mark = vq_mark(ring);
	}
	vsock_flush(vsock);
	virtio_notify_queue(&vsock->device, VSOCK_TX);
	vsock->backend->ready(vsock->backend);
}

void vsock_stalled(struct virtio_vsock *vsock)
{
	vsock->stalled = vsock->tx.dst_cid;
	vsock->backend->give_up(vsock->backend, vsock->stalled);
	virtio_vsock_gone(vsock, vsock->stalled);
}
