/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one validator of what a driver puts into rings and indirect tables. It fetches each
 * descriptor once, into registers; everything after sees only that copy.
 */
#pragma once

#include "guest-devices/virtio/virtqueue.h"

enum { VQ_DESC_SIZE = 16, VQ_DESC_NEXT = 1, VQ_DESC_WRITE = 2, VQ_DESC_INDIRECT = 4 };

/* Walk the chain that starts at head (< queue size) and fill in the rest of chain (2.7.5). Bounded
 * by the sizes of the tables. On an error chain means nothing. */
enum vq_error vq_check_chain(struct virtqueue *vq, struct vq_chain *chain, uint16_t head);

/* An area that must be RAM (a ring, an indirect table). */
enum vq_error vq_check_area(const struct virtqueue *vq, uint64_t address, uint64_t size,
                            bool write);
