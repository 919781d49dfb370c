/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/vq_check.h"

#include "guest-devices/err.h"

enum vq_error vq_check_area(const struct virtqueue *vq, uint64_t address, uint64_t size, bool write)
{
	switch (guest_mem_check(vq->mem, address, size, write)) {
	case 0:
		return VQ_OK;
	case GD_NOT_RAM:
		return VQ_MEM_NOT_RAM;
	case GD_READ_ONLY:
		return VQ_MEM_RO;
	default:
		return VQ_MEM_RANGE;
	}
}

void vq_check_begin(struct vq_chain *chain, uint16_t head, uint32_t epoch)
{
	chain->head = head;
	chain->readable = chain->writable = 0;
	chain->read_size = chain->write_size = 0;
	chain->epoch = epoch;
}

static enum vq_error append(struct vq_chain *chain, uint8_t *data, uint32_t size, bool write)
{
	unsigned count = chain->readable + chain->writable;

	if (count == VQ_CHAIN_MAX)
		return VQ_CHAIN_LONG;
	chain->buffers[count].data = data;
	chain->buffers[count].size = size;
	if (write)
		chain->writable++;
	else
		chain->readable++;
	return VQ_OK;
}

/* A buffer that crosses slots that touch becomes one buffer a slot. */
static enum vq_error append_pieces(const struct virtqueue *vq, struct vq_chain *chain,
                                   uint64_t address, uint32_t size, bool write)
{
	enum vq_error error = vq_check_area(vq, address, size, write);

	while (!error && size > 0) {
		uint64_t run = 0;
		uint8_t *data = guest_mem_run(vq->mem, address, write, &run);
		uint32_t part = run < size ? (uint32_t)run : size;

		error = append(chain, data, part, write);
		address += part;
		size -= part;
	}
	return error;
}

enum vq_error vq_check_buffer(const struct virtqueue *vq, struct vq_chain *chain,
                              const struct vq_desc *desc)
{
	bool write = desc->flags & VQ_DESC_WRITE;
	uint64_t run = 0;

	if (!write && chain->writable > 0)
		return VQ_ORDER;
	if (desc->len == 0)
		return VQ_OK;

	uint8_t *data = guest_mem_run(vq->mem, desc->addr, write, &run);
	enum vq_error error = data && desc->len <= run
	                          ? append(chain, data, desc->len, write)
	                          : append_pieces(vq, chain, desc->addr, desc->len, write);
	if (error)
		return error;
	if (desc->len > UINT32_MAX - chain->read_size - chain->write_size)
		return VQ_TOTAL;
	if (write)
		chain->write_size += desc->len;
	else
		chain->read_size += desc->len;
	return VQ_OK;
}

enum vq_error vq_check_indirect(const struct virtqueue *vq, const struct vq_desc *desc, bool nested)
{
	if (nested)
		return VQ_INDIRECT_NEST;
	if (!vq->indirect)
		return VQ_INDIRECT_OFF;
	if (desc->flags & VQ_DESC_NEXT)
		return VQ_INDIRECT_NEXT;
	if (desc->len == 0 || desc->len % sizeof(*desc) != 0 ||
	    desc->len / sizeof(*desc) > vq->size)
		return VQ_INDIRECT_LEN;
	return vq_check_area(vq, desc->addr, desc->len, false);
}

const char *vq_error_name(enum vq_error error)
{
	static const char *const names[] = {
	    [VQ_OK] = "OK",
	    [VQ_SIZE] = "RING_SIZE",
	    [VQ_ALIGN] = "RING_ALIGN",
	    [VQ_MEM_RANGE] = "MEM_RANGE",
	    [VQ_MEM_NOT_RAM] = "MEM_NOT_RAM",
	    [VQ_MEM_RO] = "MEM_RO",
	    [VQ_AVAIL_JUMP] = "RING_AVAIL_JUMP",
	    [VQ_HEAD_RANGE] = "RING_HEAD_RANGE",
	    [VQ_NEXT_RANGE] = "RING_NEXT_RANGE",
	    [VQ_LOOP] = "RING_LOOP",
	    [VQ_ORDER] = "RING_ORDER",
	    [VQ_TOTAL] = "RING_TOTAL",
	    [VQ_CHAIN_LONG] = "RING_CHAIN_LONG",
	    [VQ_INDIRECT_OFF] = "RING_INDIRECT_OFF",
	    [VQ_INDIRECT_NEST] = "RING_INDIRECT_NEST",
	    [VQ_INDIRECT_NEXT] = "RING_INDIRECT_NEXT",
	    [VQ_INDIRECT_LEN] = "RING_INDIRECT_LEN",
	    [VQ_BUS_MASTER_OFF] = "BUS_MASTER_OFF",
	    [VQ_STOPPED] = "STOPPED",
	};

	return error < sizeof(names) / sizeof(names[0]) ? names[error] : "?";
}
