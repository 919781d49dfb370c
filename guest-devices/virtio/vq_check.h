/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one validator of descriptors, for split and packed rings and for indirect tables. Callers
 * fetch each descriptor once, into a private copy; only the copy is seen here.
 */
#pragma once

#include "guest-devices/virtio/virtqueue.h"

enum { VQ_DESC_NEXT = 1, VQ_DESC_WRITE = 2, VQ_DESC_INDIRECT = 4 };

/* A descriptor of a split ring as it lies in guest memory (2.7.5), little-endian. */
struct vq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

/* An empty chain, before its first buffer. */
void vq_check_begin(struct vq_chain *chain, uint16_t head, uint32_t epoch);

/* Append one buffer: order, place, total, count. */
enum vq_error vq_check_buffer(const struct virtqueue *vq, struct vq_chain *chain,
                              const struct vq_desc *desc);

/* May this descriptor refer to an indirect table? nested: it stands in one itself. */
enum vq_error vq_check_indirect(const struct virtqueue *vq, const struct vq_desc *desc,
                                bool nested);

/* An area that must be RAM (a ring, an indirect table). */
enum vq_error vq_check_area(const struct virtqueue *vq, uint64_t address, uint64_t size,
                            bool write);
