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

/* A descriptor (2.7.5), copied. */
struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

static inline struct desc unpack(uint64_t low, uint64_t high)
{
	return (struct desc){low, (uint32_t)high, (uint16_t)(high >> 32), (uint16_t)(high >> 48)};
}

/* Where descriptors come from: the queue's table, or an indirect one. */
struct table {
	const uint8_t *host; /* NULL: not in one piece, read it by its address */
	uint64_t address;
	unsigned entries;
	bool indirect;
};

/* A table that is not in one piece of host memory. */
static struct desc fetch_far(const struct virtqueue *vq, const struct table *table, unsigned at)
{
	uint64_t words[2] = {0, 0};

	guest_mem_read(vq->mem, table->address + VQ_DESC_SIZE * (uint64_t)at, words, sizeof(words));
	return unpack(words[0], words[1]);
}

static inline struct desc fetch(const struct virtqueue *vq, const struct table *table, unsigned at)
{
	if (!table->host)
		return fetch_far(vq, table, at);

	const uint8_t *host = table->host + VQ_DESC_SIZE * (size_t)at;
	return unpack(guest_load64(host), guest_load64(host + 8));
}

/* What has been gathered of a chain. */
struct walk {
	struct vq_buffer *next, *end; /* where the next buffer goes, and where none fits */
	struct vq_buffer *writable;   /* the first writable one; NULL: none yet */
	uint64_t size, read_size;     /* at most VQ_CHAIN_MAX times 2^32: no overflow */
};

static inline uint32_t page_number(uint64_t address)
{
	uint64_t page = address / GUEST_PAGE;

	return address % GUEST_PAGE == 0 && page < VQ_NO_PAGE ? (uint32_t)page : VQ_NO_PAGE;
}

/* The usual case: in the slot of the buffer before. */
static inline uint8_t *same_slot(const struct virtqueue *vq, const struct desc *desc, bool write)
{
	const struct guest_mem_slot *slot = vq->slot;
	uint64_t offset = desc->addr - slot->address;

	if (slot->pages || offset >= slot->size || desc->len > slot->size - offset ||
	    (write && slot->read_only))
		return NULL;
	return slot->host + offset;
}

static enum vq_error append_name(struct walk *walk, const struct desc *desc)
{
	if (walk->next == walk->end)
		return VQ_CHAIN_LONG;
	*walk->next++ = (struct vq_buffer){NULL, desc->len, page_number(desc->addr)};
	return VQ_OK;
}

/* In another slot, or in several that touch, or in pages that do not: then one buffer for each
 * piece. */
static enum vq_error append_far(struct virtqueue *vq, struct walk *walk, struct desc desc,
                                bool write)
{
	uint64_t address = desc.addr;
	uint32_t left = desc.len;
	enum vq_error error = vq_check_area(vq, address, left, write);

	while (!error && left > 0) {
		uint64_t run = 0;
		uint8_t *host = guest_mem_reach(vq->mem, address, write, left, &run);
		uint32_t part = run < left ? (uint32_t)run : left;

		if (walk->next == walk->end)
			return VQ_CHAIN_LONG;
		*walk->next++ = (struct vq_buffer){host, part, page_number(address)};
		vq->slot = guest_mem_slot(vq->mem, address);
		address += part;
		left -= part;
	}
	return error;
}

/* Order, place, count; the total is checked at the end. */
static inline enum vq_error append(struct virtqueue *vq, struct walk *walk, const struct desc *desc)
{
	bool write = desc->flags & VQ_DESC_WRITE;

	if (write && !walk->writable) {
		walk->writable = walk->next;
		walk->read_size = walk->size;
	} else if (!write && walk->writable) {
		return VQ_ORDER;
	}
	walk->size += desc->len;
	if (desc->len == 0)
		return VQ_OK;

	if (write && vq->names_pages)
		return append_name(walk, desc);

	uint8_t *data = same_slot(vq, desc, write);
	if (!data || walk->next == walk->end)
		return append_far(vq, walk, *desc, write);
	walk->next->data = data;
	walk->next->size = desc->len;
	walk->next->page = page_number(desc->addr);
	walk->next++;
	return VQ_OK;
}

/* Go on in the indirect table that desc refers to (2.7.5.3). */
static enum vq_error enter(const struct virtqueue *vq, struct table *table, const struct desc *desc)
{
	uint64_t run = 0;

	if (table->indirect)
		return VQ_INDIRECT_NEST;
	if (!vq->indirect)
		return VQ_INDIRECT_OFF;
	if (desc->flags & VQ_DESC_NEXT)
		return VQ_INDIRECT_NEXT;
	if (desc->len == 0 || desc->len % VQ_DESC_SIZE != 0 || desc->len / VQ_DESC_SIZE > vq->size)
		return VQ_INDIRECT_LEN;

	uint8_t *host = guest_mem_reach(vq->mem, desc->addr, false, desc->len, &run);
	*table = (struct table){host, desc->addr, desc->len / VQ_DESC_SIZE, true};
	if (desc->len <= run)
		return VQ_OK;
	table->host = NULL;
	return vq_check_area(vq, desc->addr, desc->len, false);
}

static inline enum vq_error walk_chain(struct virtqueue *vq, struct walk *walk, unsigned at)
{
	struct table table = {vq->desc_ring, vq->desc, vq->size, false};
	unsigned steps = 0;

	for (;;) {
		struct desc desc = fetch(vq, &table, at);
		enum vq_error error;

		if (desc.flags & VQ_DESC_INDIRECT) {
			error = enter(vq, &table, &desc);
			if (error)
				return error;
			at = steps = 0; /* once at most: the next table does not refer further */
			continue;
		}
		error = append(vq, walk, &desc);
		if (error || !(desc.flags & VQ_DESC_NEXT))
			return error;
		at = desc.next;
		if (at >= table.entries)
			return VQ_NEXT_RANGE;
		if (++steps == table.entries)
			return VQ_LOOP;
	}
}

/* What was gathered becomes the chain. */
static inline enum vq_error finish(const struct virtqueue *vq, struct walk *walk,
                                   struct vq_chain *chain, uint16_t head)
{
	if (walk->size > UINT32_MAX)
		return VQ_TOTAL;
	if (!walk->writable) {
		walk->writable = walk->next;
		walk->read_size = walk->size;
	}
	chain->head = head;
	chain->readable = (uint16_t)(walk->writable - chain->buffers);
	chain->writable = (uint16_t)(walk->next - walk->writable);
	chain->read_size = (uint32_t)walk->read_size;
	chain->write_size = (uint32_t)(walk->size - walk->read_size);
	chain->epoch = vq->epoch;
	return VQ_OK;
}

enum vq_error vq_check_chain(struct virtqueue *vq, struct vq_chain *chain, uint16_t head)
{
	struct walk walk = {.next = chain->buffers, .end = chain->buffers + VQ_CHAIN_MAX};
	enum vq_error error = walk_chain(vq, &walk, head);

	return error ? error : finish(vq, &walk, chain, head);
}

/* Packed descriptors have the id where split ones have flags, and flags for next (2.8.13). */
static inline struct desc from_packed(struct desc desc)
{
	return (struct desc){desc.addr, desc.len, .flags = desc.next, .next = desc.flags};
}

/* All entries in their order; of the flags only two mean anything (2.8.19). */
static enum vq_error walk_packed_table(struct virtqueue *vq, struct walk *walk,
                                       const struct desc *from)
{
	struct table table = {.indirect = false};
	enum vq_error error = enter(vq, &table, from);

	for (unsigned i = 0; i < table.entries && !error; i++) {
		struct desc desc = from_packed(fetch(vq, &table, i));

		error = desc.flags & VQ_DESC_INDIRECT ? VQ_INDIRECT_NEST : append(vq, walk, &desc);
	}
	return error;
}

static enum vq_error walk_packed(struct virtqueue *vq, struct walk *walk, uint64_t word,
                                 struct vq_out *out)
{
	struct vq_place at = vq->avail_at;

	for (;;) {
		const uint8_t *host = vq->desc_ring + VQ_DESC_SIZE * (size_t)at.slot;

		if (out->slots > 0)
			word = guest_load64(host + 8);
		if (!vq_packed_available(word, at.wrap))
			return VQ_WRAP;
		/* addr is right only after flags said so (2.8.21) */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		struct desc desc = from_packed(unpack(guest_load64(host), word));
		out->id = desc.next;
		out->slots++;
		if (desc.flags & VQ_DESC_INDIRECT)
			return walk_packed_table(vq, walk, &desc);

		enum vq_error error = append(vq, walk, &desc);
		if (error || !(desc.flags & VQ_DESC_NEXT))
			return error;
		if (out->slots == vq->size)
			return VQ_LOOP;
		if (out->slots + vq->slots_out >= vq->size)
			return VQ_AVAIL_JUMP;
		at = vq_place_after(vq, at, 1);
	}
}

enum vq_error vq_check_packed(struct virtqueue *vq, struct vq_chain *chain, uint64_t word,
                              struct vq_out *out)
{
	struct walk walk = {.next = chain->buffers, .end = chain->buffers + VQ_CHAIN_MAX};

	*out = (struct vq_out){0};
	if (vq->slots_out >= vq->size)
		return VQ_AVAIL_JUMP;

	enum vq_error error = walk_packed(vq, &walk, word, out);
	return error ? error : finish(vq, &walk, chain, out->id);
}
