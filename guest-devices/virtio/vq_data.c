/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a chain by offset, whatever way the driver cut its buffers (2.7.4). */
#include "guest-devices/virtio/virtqueue.h"

/* One side of a chain: its readable or its writable buffers. */
struct part {
	const struct vq_buffer *buffers;
	unsigned count;
	uint32_t size;
};

static struct part readable(const struct vq_chain *chain)
{
	return (struct part){chain->buffers, chain->readable, chain->read_size};
}

static struct part writable(const struct vq_chain *chain)
{
	return (struct part){chain->buffers + chain->readable, chain->writable, chain->write_size};
}

/* Skip to the buffer that holds *offset, which becomes relative to it. */
static unsigned seek(const struct part *part, uint32_t *offset)
{
	unsigned i = 0;

	while (i < part->count && *offset >= part->buffers[i].size)
		*offset -= part->buffers[i++].size;
	return i;
}

static size_t transfer(const struct part *part, uint32_t offset, uint8_t *bytes, size_t size,
                       bool write)
{
	size_t done = 0;

	for (unsigned i = seek(part, &offset); i < part->count && done < size; i++, offset = 0) {
		uint8_t *data = part->buffers[i].data + offset;
		size_t piece = part->buffers[i].size - offset;

		if (piece > size - done)
			piece = size - done;
		guest_copy(write ? data : bytes + done, write ? bytes + done : data, piece);
		done += piece;
	}
	return done;
}

size_t vq_read(const struct vq_chain *chain, uint32_t offset, void *to, size_t size)
{
	struct part part = readable(chain);

	return transfer(&part, offset, to, size, false);
}

size_t vq_write(const struct vq_chain *chain, uint32_t offset, const void *from, size_t size)
{
	struct part part = writable(chain);

	return transfer(&part, offset, (uint8_t *)(uintptr_t)from, size, true);
}

static unsigned spans(const struct part *part, uint32_t offset, uint32_t size, struct blk_span *out,
                      unsigned max)
{
	unsigned used = 0;

	if (offset > part->size || size > part->size - offset)
		return 0;
	for (unsigned i = seek(part, &offset); size > 0; i++, offset = 0) {
		uint32_t piece = part->buffers[i].size - offset;

		if (used == max)
			return 0;
		if (piece > size)
			piece = size;
		out[used++] = (struct blk_span){part->buffers[i].data + offset, piece};
		size -= piece;
	}
	return used;
}

unsigned vq_read_spans(const struct vq_chain *chain, uint32_t offset, uint32_t size,
                       struct blk_span *out, unsigned max)
{
	struct part part = readable(chain);

	return spans(&part, offset, size, out, max);
}

unsigned vq_write_spans(const struct vq_chain *chain, uint32_t offset, uint32_t size,
                        struct blk_span *out, unsigned max)
{
	struct part part = writable(chain);

	return spans(&part, offset, size, out, max);
}
