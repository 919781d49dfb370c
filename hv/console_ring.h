/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that wait, in a fixed buffer. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CONSOLE_RING 16384 /* a power of two */

struct console_ring {
	uint8_t data[CONSOLE_RING];
	size_t head, count;
};

static inline size_t ring_room(const struct console_ring *ring)
{
	return CONSOLE_RING - ring->count;
}

/* Append what fits; returns how much that was. */
static inline size_t ring_put(struct console_ring *ring, const uint8_t *data, size_t size)
{
	size_t fits = size < ring_room(ring) ? size : ring_room(ring);

	for (size_t i = 0; i < fits; i++)
		ring->data[(ring->head + ring->count + i) % CONSOLE_RING] = data[i];
	ring->count += fits;
	return fits;
}

/* The oldest bytes that lie in one piece; returns how many there are. */
static inline size_t ring_peek(const struct console_ring *ring, const uint8_t **data)
{
	size_t whole = CONSOLE_RING - ring->head;

	*data = ring->data + ring->head;
	return ring->count < whole ? ring->count : whole;
}

/* Forget up to size of the oldest bytes. */
static inline void ring_drop(struct console_ring *ring, size_t size)
{
	if (size > ring->count)
		size = ring->count;
	ring->head = (ring->head + size) % CONSOLE_RING;
	ring->count -= size;
}
