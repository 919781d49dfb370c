/* SPDX-License-Identifier: BSD-2-Clause */
/* What the socket device's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/vsock.h"

enum { /* feature bits, 5.10.3 */
       VSOCK_F_STREAM = 1 << 0,
       VSOCK_F_SEQPACKET = 1 << 1,
       VSOCK_F_NO_IMPLIED_STREAM = 1 << 2,
};

enum { /* struct virtio_vsock_hdr, 5.10.6 */
       HEADER_SRC_CID = 0,
       HEADER_DST_CID = 8,
       HEADER_SRC_PORT = 16,
       HEADER_DST_PORT = 20,
       HEADER_LEN = 24,
       HEADER_TYPE = 28,
       HEADER_OP = 30,
       HEADER_FLAGS = 32,
       HEADER_BUF_ALLOC = 36,
       HEADER_FWD_CNT = 40,
};

/* --- vsock.c --- */
bool vsock_type_spoken(const struct virtio_vsock *vsock, uint16_t type);

/* --- vsock_flow.c --- */
void vsock_flows_reset(struct virtio_vsock *vsock);
/* The peer's address, then the guest's port. A flow that is lost counts; NULL: none. */
struct vsock_flow *vsock_flow_find(struct virtio_vsock *vsock, uint32_t cid, uint32_t port,
                                   uint32_t local_port);
/* May there be one more, of whom? */
bool vsock_flow_allowed(const struct virtio_vsock *vsock, bool opened, uint32_t cid);
/* One more, which is allowed; its state and buffer space are the caller's to fill in. */
struct vsock_flow *vsock_flow_add(struct virtio_vsock *vsock, const struct vsock_flow *flow);
void vsock_flow_remove(struct virtio_vsock *vsock, struct vsock_flow *flow);
void vsock_flow_lose(struct virtio_vsock *vsock, struct vsock_flow *flow);
/* One that is lost; there is one. */
struct vsock_flow *vsock_flow_lost(struct virtio_vsock *vsock);
/* What the guest says about its buffer; what cannot be is not believed. */
void vsock_flow_credit(struct vsock_flow *flow, uint32_t buf_alloc, uint32_t fwd_cnt);
uint32_t vsock_flow_room(const struct vsock_flow *flow); /* bytes that the guest has free */

/* --- vsock_tx.c --- */
void vsock_serve_tx(struct virtio_vsock *vsock);
void vsock_stalled(struct virtio_vsock *vsock); /* the packet has waited long enough */

/* --- vsock_rx.c --- */
/* A RST as answer to this header, when there is a buffer for it; there is room for it. */
void vsock_reply(struct virtio_vsock *vsock, const uint8_t *header);
bool vsock_reply_room(const struct virtio_vsock *vsock);
/* What the device itself has to tell the guest. */
void vsock_flush(struct virtio_vsock *vsock);
void vsock_flush_event(struct virtio_vsock *vsock);
