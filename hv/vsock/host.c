/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/vsock/host.h"

#include <string.h>

#define SHARE 4 /* packets of one flow in one turn */

enum { OWED_RESPONSE = 1, OWED_CREDIT = 2, OWED_RESET = 4 };

static struct vsock_host_flow *find(struct vsock_host *host, const struct vsock_packet *packet)
{
	for (unsigned i = 0; i < VSOCK_HOST_FLOWS; i++) {
		struct vsock_host_flow *flow = &host->flows[i];

		if (flow->used && flow->port == packet->dst_port &&
		    flow->guest_port == packet->src_port)
			return flow;
	}
	return NULL;
}

static struct vsock_host_flow *find_free(struct vsock_host *host)
{
	for (unsigned i = 0; i < VSOCK_HOST_FLOWS; i++)
		if (!host->flows[i].used)
			return &host->flows[i];
	return NULL;
}

static enum vsock_sent open_flow(struct vsock_host *host, const struct vsock_packet *packet)
{
	struct vsock_host_flow *flow = find_free(host);
	bool status = packet->dst_port == VSOCK_PORT_STATUS;

	if (!flow || packet->type != VSOCK_STREAM ||
	    (!status && packet->dst_port != VSOCK_PORT_ECHO))
		return VSOCK_NOBODY;
	*flow = (struct vsock_host_flow){
	    .used = true,
	    .port = packet->dst_port,
	    .guest_port = packet->src_port,
	    .owed = OWED_RESPONSE,
	    .ending = status,
	    .buf_alloc = packet->buf_alloc,
	};
	if (status)
		flow->count =
		    (uint32_t)host->describe(host->context, (char *)flow->data, sizeof(flow->data));
	return VSOCK_SENT;
}

/* Behind what waits to be sent back. There is room: the guest was told how much. */
static void store(struct vsock_host_flow *flow, const struct blk_span *spans, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *from = spans[i].data;

		for (size_t left = spans[i].size, n; left > 0; left -= n, from += n) {
			uint32_t at = (flow->first + flow->count) % VSOCK_HOST_BUFFER;

			n = VSOCK_HOST_BUFFER - at < left ? VSOCK_HOST_BUFFER - at : left;
			memcpy(flow->data + at, from, n);
			flow->count += (uint32_t)n;
		}
	}
}

/* What the status service is told is of no use, but it takes it. */
static bool take(struct vsock_host_flow *flow, const struct vsock_packet *packet,
                 const struct blk_span *spans, unsigned count)
{
	if (flow->port == VSOCK_PORT_STATUS) {
		flow->forwarded += packet->size;
		flow->owed |= OWED_CREDIT;
		return packet->size <= VSOCK_HOST_BUFFER;
	}
	if (flow->ending || packet->size > VSOCK_HOST_BUFFER - flow->count)
		return false;
	store(flow, spans, count);
	return true;
}

static void hear_shutdown(struct vsock_host_flow *flow, uint32_t flags)
{
	if (flags & (VSOCK_SHUT_SEND | VSOCK_SHUT_RECEIVE))
		flow->ending = true;
	if (flags & VSOCK_SHUT_RECEIVE) {
		flow->forwarded += flow->port == VSOCK_PORT_ECHO ? flow->count : 0;
		flow->count = 0;
	}
	if ((flags & (VSOCK_SHUT_SEND | VSOCK_SHUT_RECEIVE)) ==
	    (VSOCK_SHUT_SEND | VSOCK_SHUT_RECEIVE))
		flow->owed |= OWED_RESET;
}

enum vsock_sent vsock_host_send(struct vsock_host *host, const struct vsock_packet *packet,
                                const struct blk_span *spans, unsigned count)
{
	struct vsock_host_flow *flow = find(host, packet);

	if (!flow)
		return packet->op == VSOCK_REQUEST ? open_flow(host, packet) : VSOCK_NOBODY;
	flow->buf_alloc = packet->buf_alloc;
	flow->fwd_cnt = packet->fwd_cnt;
	if (packet->op == VSOCK_SHUTDOWN)
		hear_shutdown(flow, packet->flags);
	else if (packet->op == VSOCK_CREDIT_REQUEST)
		flow->owed |= OWED_CREDIT;
	else if (packet->op == VSOCK_RST || packet->op == VSOCK_REQUEST ||
	         (packet->op == VSOCK_RW && !take(flow, packet, spans, count)))
		flow->used = false;
	return flow->used || packet->op == VSOCK_RST ? VSOCK_SENT : VSOCK_NOBODY;
}

/* ---- towards the guest ---- */

static enum vsock_sent tell(struct vsock_host *host, const struct vsock_host_flow *flow,
                            struct vsock_packet packet, uint32_t *taken)
{
	enum vsock_sent result;

	packet.src_cid = VSOCK_HOST_CID;
	packet.dst_cid = host->cid;
	packet.src_port = flow->port;
	packet.dst_port = flow->guest_port;
	packet.type = VSOCK_STREAM;
	packet.buf_alloc = VSOCK_HOST_BUFFER;
	packet.fwd_cnt = flow->forwarded;
	result = virtio_vsock_receive(host->device, &packet, flow->data + flow->first, taken);
	host->told += result == VSOCK_SENT;
	return result;
}

/* Bytes that can go now: what waits in one piece, and what the guest has room for. */
static uint32_t sendable(const struct vsock_host_flow *flow)
{
	uint32_t in_use = flow->sent - flow->fwd_cnt, size = flow->count;

	if (in_use >= flow->buf_alloc)
		return 0;
	if (size > flow->buf_alloc - in_use)
		size = flow->buf_alloc - in_use;
	return size < VSOCK_HOST_BUFFER - flow->first ? size : VSOCK_HOST_BUFFER - flow->first;
}

static enum vsock_sent send_data(struct vsock_host *host, struct vsock_host_flow *flow)
{
	struct vsock_packet packet = {.op = VSOCK_RW, .size = sendable(flow)};
	uint32_t taken = 0;
	enum vsock_sent result = tell(host, flow, packet, &taken);

	flow->sent += taken;
	flow->first = (flow->first + taken) % VSOCK_HOST_BUFFER;
	flow->count -= taken;
	if (flow->port == VSOCK_PORT_ECHO)
		flow->forwarded += taken;
	if (flow->port == VSOCK_PORT_ECHO && flow->count == 0)
		flow->owed |= OWED_CREDIT; /* the guest may wait for nothing else */
	return result;
}

static enum vsock_sent send_end(struct vsock_host *host, struct vsock_host_flow *flow)
{
	struct vsock_packet packet = {.op = VSOCK_SHUTDOWN,
	                              .flags = VSOCK_SHUT_SEND | VSOCK_SHUT_RECEIVE};
	uint32_t taken = 0;
	enum vsock_sent result = tell(host, flow, packet, &taken);

	flow->ended = result == VSOCK_SENT;
	return result;
}

static enum vsock_sent send_owed(struct vsock_host *host, struct vsock_host_flow *flow)
{
	static const uint8_t ops[] = {
	    [OWED_RESPONSE] = VSOCK_RESPONSE,
	    [OWED_CREDIT] = VSOCK_CREDIT_UPDATE,
	    [OWED_RESET] = VSOCK_RST,
	};
	uint8_t first = (uint8_t)(flow->owed & -flow->owed);
	uint32_t taken = 0;
	enum vsock_sent result = tell(host, flow, (struct vsock_packet){.op = ops[first]}, &taken);

	if (result == VSOCK_SENT)
		flow->owed &= (uint8_t)~first;
	if (result == VSOCK_SENT && first == OWED_RESET)
		flow->used = false;
	return result;
}

/* One packet of what there is to say. *said: there was something. */
static enum vsock_sent serve_once(struct vsock_host *host, struct vsock_host_flow *flow, bool *said)
{
	*said = true;
	if (flow->owed)
		return send_owed(host, flow);
	if (sendable(flow) > 0)
		return send_data(host, flow);
	if (flow->ending && !flow->ended && flow->count == 0)
		return send_end(host, flow);
	*said = false;
	return VSOCK_SENT;
}

/* A share for one flow; true: it could say more. */
static enum vsock_sent serve_flow(struct vsock_host *host, struct vsock_host_flow *flow, bool *more)
{
	enum vsock_sent result = VSOCK_SENT;

	*more = true;
	for (unsigned n = 0; n < SHARE && flow->used && *more && result == VSOCK_SENT; n++)
		result = serve_once(host, flow, more);
	if (result == VSOCK_NOBODY)
		flow->used = false;
	*more &= flow->used;
	return result;
}

/* The flow after the first that said something is first the next time. */
bool vsock_host_serve(struct vsock_host *host, bool *some)
{
	unsigned start = host->turn;
	bool more = false, flow_more;

	*some = false;
	for (unsigned i = 0; i < VSOCK_HOST_FLOWS; i++) {
		unsigned number = (start + i) % VSOCK_HOST_FLOWS;
		uint32_t before = host->told;
		enum vsock_sent result = serve_flow(host, &host->flows[number], &flow_more);

		if (host->told != before && !*some)
			host->turn = (number + 1) % VSOCK_HOST_FLOWS;
		*some |= host->told != before;
		if (result == VSOCK_WAIT)
			return false;
		more |= flow_more;
	}
	return more;
}

void vsock_host_reset(struct vsock_host *host)
{
	for (unsigned i = 0; i < VSOCK_HOST_FLOWS; i++)
		host->flows[i].used = false;
}
