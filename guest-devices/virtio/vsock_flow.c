/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's flows (VIRTIO 1.4, 5.10.6.2): a table of fixed size, found by address. */
#include <string.h>

#include "guest-devices/virtio/vsock_parts.h"

static uint16_t *bucket(struct virtio_vsock *vsock, uint32_t cid, uint32_t port,
                        uint32_t local_port)
{
	uint32_t hash = (cid * 31 + port) * 31 + local_port;

	hash *= 0x9e3779b1u;
	return &vsock->buckets[hash >> 24];
}
_Static_assert(VIRTIO_VSOCK_BUCKETS == 256, "a bucket is the hash's upper 8 bits");

void vsock_flows_reset(struct virtio_vsock *vsock)
{
	memset(vsock->flows, 0, vsock->used * sizeof(vsock->flows[0]));
	memset(vsock->buckets, 0, sizeof(vsock->buckets));
	memset(vsock->peers, 0, sizeof(vsock->peers));
	vsock->opened = vsock->lost = vsock->lost_at = 0;
	vsock->used = vsock->free = 0;
}

/* Its number. Entries behind those that were in use once are all zero. */
static uint16_t take_free(struct virtio_vsock *vsock)
{
	uint16_t number = vsock->free;

	if (number == 0)
		return ++vsock->used;
	vsock->free = vsock->flows[number - 1].next;
	return number;
}

struct vsock_flow *vsock_flow_find(struct virtio_vsock *vsock, uint32_t cid, uint32_t port,
                                   uint32_t local_port)
{
	for (uint16_t i = *bucket(vsock, cid, port, local_port); i; i = vsock->flows[i - 1].next) {
		struct vsock_flow *flow = &vsock->flows[i - 1];

		if (flow->cid == cid && flow->port == port && flow->local_port == local_port)
			return flow;
	}
	return NULL;
}

/* The peer's entry, or a free one; NULL: there are too many. */
static struct vsock_peer *peer_entry(const struct virtio_vsock *vsock, uint32_t cid)
{
	const struct vsock_peer *found = NULL;

	for (unsigned i = 0; i < VIRTIO_VSOCK_PEERS; i++) {
		const struct vsock_peer *peer = &vsock->peers[i];

		if (peer->cid == cid) /* one of before is as good as a free one */
			return (struct vsock_peer *)(uintptr_t)peer;
		if (peer->flows == 0)
			found = peer;
	}
	return (struct vsock_peer *)(uintptr_t)found;
}

bool vsock_flow_allowed(const struct virtio_vsock *vsock, bool opened, uint32_t cid)
{
	const struct vsock_peer *peer;

	if (opened)
		return vsock->opened < VIRTIO_VSOCK_OPENED;
	peer = peer_entry(vsock, cid);
	return peer && peer->flows < VIRTIO_VSOCK_PEER_FLOWS;
}
_Static_assert(VIRTIO_VSOCK_OPENED + VIRTIO_VSOCK_PEERS * VIRTIO_VSOCK_PEER_FLOWS <=
                   VIRTIO_VSOCK_FLOWS,
               "what is allowed finds a free entry");

struct vsock_flow *vsock_flow_add(struct virtio_vsock *vsock, const struct vsock_flow *as)
{
	uint16_t *first = bucket(vsock, as->cid, as->port, as->local_port),
	         number = take_free(vsock);
	struct vsock_flow *flow = &vsock->flows[number - 1];

	*flow = *as;
	flow->next = *first;
	*first = number;
	if (flow->opened) {
		vsock->opened++;
	} else {
		struct vsock_peer *peer = peer_entry(vsock, flow->cid);

		peer->cid = flow->cid;
		peer->flows++;
	}
	return flow;
}

void vsock_flow_remove(struct virtio_vsock *vsock, struct vsock_flow *flow)
{
	uint16_t *at = bucket(vsock, flow->cid, flow->port, flow->local_port);
	uint16_t number = (uint16_t)(flow - vsock->flows + 1);

	while (*at != number)
		at = &vsock->flows[*at - 1].next;
	*at = flow->next;
	if (flow->opened)
		vsock->opened--;
	else
		peer_entry(vsock, flow->cid)->flows--;
	if (flow->state == VSOCK_LOST)
		vsock->lost--;
	*flow = (struct vsock_flow){.next = vsock->free};
	vsock->free = number;
}

void vsock_flow_lose(struct virtio_vsock *vsock, struct vsock_flow *flow)
{
	if (flow->state != VSOCK_LOST)
		vsock->lost++;
	flow->state = VSOCK_LOST;
}

struct vsock_flow *vsock_flow_lost(struct virtio_vsock *vsock)
{
	while (vsock->flows[vsock->lost_at].state != VSOCK_LOST)
		vsock->lost_at = (vsock->lost_at + 1) % vsock->used;
	return &vsock->flows[vsock->lost_at];
}

/* fwd_cnt lies between the one before and what the guest was given: it neither takes anything back
 * nor has used what it never had (VS-008). */
void vsock_flow_credit(struct vsock_flow *flow, uint32_t buf_alloc, uint32_t fwd_cnt)
{
	flow->buf_alloc = buf_alloc;
	if (flow->sent - fwd_cnt <= flow->sent - flow->fwd_cnt)
		flow->fwd_cnt = fwd_cnt;
}

uint32_t vsock_flow_room(const struct vsock_flow *flow)
{
	uint32_t used = flow->sent - flow->fwd_cnt;

	return used < flow->buf_alloc ? flow->buf_alloc - used : 0;
}
