/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/frames.h"

#include <string.h>

uint16_t test_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t test_get32(const uint8_t *at)
{
	return IP(at[0], at[1], at[2], at[3]);
}

void test_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void test_put32(uint8_t *at, uint32_t value)
{
	test_put16(at, value >> 16);
	test_put16(at + 2, value & 0xffff);
}

uint16_t reference_checksum(uint32_t start, const uint8_t *data, size_t size)
{
	uint32_t sum = start;
	for (size_t i = 0; i < size; i++) {
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static size_t checksum_at(uint8_t protocol)
{
	return protocol == 6 ? 16 : protocol == 17 ? 6 : 2;
}

uint16_t reference_l4_checksum(const uint8_t *frame, size_t size)
{
	uint8_t copy[65536] = {0};
	uint8_t protocol = frame[23];
	size_t l4 = size - 34;
	uint32_t pseudo = 0;
	memcpy(copy, frame + 34, l4);
	test_put16(copy + checksum_at(protocol), 0);
	if (protocol != 1) {
		for (size_t i = 26; i < 34; i += 2)
			pseudo += test_get16(frame + i);
		pseudo += protocol + (uint32_t)l4;
		while (pseudo >> 16)
			pseudo = (pseudo & 0xffff) + (pseudo >> 16);
	}
	return reference_checksum(pseudo, copy, l4);
}

void test_fix_ip(uint8_t *frame)
{
	test_put16(frame + 24, 0);
	test_put16(frame + 24, reference_checksum(0, frame + 14, 20));
}

size_t test_frame(uint8_t *frame, const struct test_packet *p)
{
	size_t header = p->protocol == 6 ? 20 : 8, size = 34 + header + p->size;
	uint8_t *l4 = frame + 34;
	memset(frame, 0, 34 + header);
	memcpy(frame, p->to_mac, 6);
	memcpy(frame + 6, p->from_mac, 6);
	test_put16(frame + 12, 0x0800);
	frame[14] = 0x45;
	test_put16(frame + 16, (uint32_t)size - 14);
	test_put16(frame + 18, 0x1234);
	frame[22] = p->ttl ? p->ttl : 64;
	frame[23] = p->protocol;
	test_put32(frame + 26, p->from);
	test_put32(frame + 30, p->to);
	test_fix_ip(frame);
	test_put16(l4, p->from_port);
	test_put16(l4 + (p->protocol == 1 ? 4 : 2), p->to_port);
	if (p->protocol == 6) {
		l4[12] = 5 << 4;
		l4[13] = p->tcp_flags;
	} else if (p->protocol == 17) {
		test_put16(l4 + 4, (uint32_t)(8 + p->size));
	}
	if (p->size)
		memcpy(l4 + header, p->data, p->size);
	uint16_t sum = reference_l4_checksum(frame, size);
	test_put16(l4 + checksum_at(p->protocol), p->protocol == 17 && !sum ? 0xffff : sum);
	return size;
}

bool test_frame_right(const uint8_t *frame, size_t size)
{
	if (size < 42 || test_get16(frame + 12) != 0x0800 || test_get16(frame + 16) != size - 14)
		return false;
	if (reference_checksum(0, frame + 14, 20) != 0)
		return false;
	uint8_t protocol = frame[23];
	uint16_t field = test_get16(frame + 34 + checksum_at(protocol));
	uint16_t right = reference_l4_checksum(frame, size);
	if (protocol == 17 && test_get16(frame + 38) != size - 34)
		return false;
	return field == right || (protocol == 17 && (field == 0 || (field == 0xffff && !right)));
}
