/* SPDX-License-Identifier: BSD-2-Clause */
/* 64-bit quantities of a virtio device behind 32-bit registers, the same on every transport. */
#pragma once

#include <arch/io.h>

/* The low half first. */
static inline void virtio_words_write(uint8_t *at, uint64_t value)
{
	mmio_write32(at, (uint32_t)value);
	mmio_write32(at + 4, (uint32_t)(value >> 32));
}

/* Feature bits: a register that chooses the half, and one that holds it. */
static inline uint64_t virtio_features_read(uint8_t *select, const uint8_t *word)
{
	uint64_t features;

	mmio_write32(select, 0);
	features = mmio_read32(word);
	mmio_write32(select, 1);
	return features | (uint64_t)mmio_read32(word) << 32;
}

static inline void virtio_features_write(uint8_t *select, uint8_t *word, uint64_t features)
{
	for (unsigned half = 0; half < 2; half++) {
		mmio_write32(select, half);
		mmio_write32(word, (uint32_t)(features >> 32 * half));
	}
}

/* One field of the device's configuration, which is at at and has limit bytes: size 1, 2 or 4. All
 * ones outside of it. */
static inline uint32_t virtio_config_field(const uint8_t *at, uint32_t limit, unsigned offset,
                                           unsigned size)
{
	if (!at || offset > limit || size > limit - offset)
		return ~0u;
	if (size == 1)
		return mmio_read8(at + offset);
	return size == 2 ? mmio_read16(at + offset) : mmio_read32(at + offset);
}
