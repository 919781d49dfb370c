/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/net/checksum.h"

#include "guest-devices/bytes.h"

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint32_t checksum_add(uint32_t sum, const uint8_t *data, size_t size)
{
	uint64_t wide = sum;
	size_t i = 0;
	for (; i + 4 <= size; i += 4)
		wide += be32_get(data + i);
	for (; i + 2 <= size; i += 2)
		wide += be16_get(data + i);
	if (i < size)
		wide += (uint32_t)data[i] << 8;
	wide = (wide & 0xffffffff) + (wide >> 32);
	wide = (wide & 0xffffffff) + (wide >> 32);
	return fold((uint32_t)wide);
}

uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~fold(sum);
}

uint32_t checksum_pseudo(uint32_t source, uint32_t destination, uint8_t protocol, size_t size)
{
	return (source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) +
	       protocol + (uint32_t)size;
}

void checksum_replace16(uint8_t *field, uint16_t old, uint16_t new)
{
	uint32_t sum = (uint16_t)~be16_get(field);
	sum += (uint32_t)(uint16_t)~old + new;
	be16_put(field, checksum_finish(sum));
}

void checksum_replace32(uint8_t *field, uint32_t old, uint32_t new)
{
	checksum_replace16(field, (uint16_t)(old >> 16), (uint16_t)(new >> 16));
	checksum_replace16(field, (uint16_t)old, (uint16_t) new);
}

void checksum_replace32_partial(uint8_t *field, uint32_t old, uint32_t new)
{
	be16_put(field, (uint16_t)~be16_get(field));
	checksum_replace32(field, old, new);
	be16_put(field, (uint16_t)~be16_get(field));
}
