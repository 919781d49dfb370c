/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/net_fill.h"

#include "guest-devices/virtio/net_header.h"

/* Where in a packet the copy stands. */
struct cursor {
	const struct net_packet *packet;
	unsigned span;
	size_t offset; /* in the span */
	size_t left;
};

/* Bytes of the packet into the chain from offset on, as many as fit. */
static uint32_t copy_in(struct cursor *cursor, const struct vq_chain *chain, uint32_t offset)
{
	uint32_t done = 0;

	while (cursor->left > 0 && offset + done < chain->write_size) {
		const struct blk_span *span = &cursor->packet->spans[cursor->span];
		size_t n = vq_write(chain, offset + done, (uint8_t *)span->data + cursor->offset,
		                    span->size - cursor->offset);

		cursor->offset += n;
		cursor->left -= n;
		done += (uint32_t)n;
		if (cursor->offset == span->size) {
			cursor->span++;
			cursor->offset = 0;
		}
	}
	return done;
}

/* The next receive buffer; when there is none, the driver is asked to say when it adds one. */
static bool next_buffer(struct virtqueue *vq, struct vq_chain *chain)
{
	bool got = vq_pop(vq, chain);

	if (!got) {
		vq_want_kicks(vq, true);
		got = vq_pop(vq, chain);
	}
	if (got && chain->readable > 0) {
		vq_break(vq, VQ_ORDER);
		return false;
	}
	return got;
}

/* The rest of the packet into further buffers; *buffers counts them all. */
static enum net_fit fill_more(struct virtio_net *net, struct virtqueue *vq, struct cursor *cursor,
                              unsigned *buffers)
{
	while (cursor->left > 0) {
		if (!virtio_has(&net->device, NET_F_MRG_RXBUF) || *buffers == vq->size)
			return NET_TOO_LARGE;
		if (!next_buffer(vq, &net->more))
			return NET_NO_BUFFER;
		vq_fill(vq, &net->more, copy_in(cursor, &net->more, 0), (*buffers)++);
	}
	return NET_FITS;
}

enum net_fit net_fill(struct virtio_net *net, const struct net_packet *packet,
                      const struct net_target *target)
{
	struct virtqueue *vq = &net->rings[net_rx(target->pair)];
	const uint32_t header_size = net_header_size(net->device.features);
	struct vq_mark mark = vq_mark(vq);
	struct cursor cursor = {.packet = packet, .left = packet->size};
	uint8_t header[NET_HEADER_MAX];
	unsigned buffers = 1;

	if (!next_buffer(vq, &net->first))
		return NET_NO_BUFFER;
	if (net->first.write_size < header_size) { /* never of use: goes back empty */
		vq_push(vq, &net->first, 0);
		virtio_notify_queue(&net->device, vq->index);
		return NET_TOO_LARGE;
	}
	vq_fill(vq, &net->first, header_size + copy_in(&cursor, &net->first, header_size), 0);
	enum net_fit fit = fill_more(net, vq, &cursor, &buffers);
	if (fit != NET_FITS) {
		vq_rewind(vq, mark);
		return fit;
	}
	net_header_write(header, &packet->offload, net->offloads, (uint16_t)buffers);
	net_header_hash(header, target->hash_report, target->hash_value);
	vq_write(&net->first, 0, header, header_size);
	vq_publish(vq, buffers);
	return NET_FITS;
}
