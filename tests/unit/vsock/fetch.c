/* SPDX-License-Identifier: BSD-2-Clause */
/* DF-003 for the socket device: a packet's header changes under it. */
#include <string.h>

#include "tests/lib/flip.h"
#include "tests/unit/vsock/fixture.h"

TestSuite(vsock_fetch, .timeout = 120);

static uint8_t *world(void)
{
	vsock_setup();
	open_flow(VSOCK_STREAM);
	give(2, 128);
	wire.sent = 0;
	memset(rig_at(&rig, TX_AT + 0x1000, 64), 'x', 64);
	rig_offer(&rig, VSOCK_TX,
	          (struct rig_buffer[]){{TX_AT, HEADER, false}, {TX_AT + 0x1000, 32, false}}, 2);
	return rig_at(&rig, TX_AT, HEADER);
}

static void kick(void)
{
	rig_kick(&rig, VSOCK_TX);
}

static void outcome(uint8_t *out)
{
	struct header back;
	uint32_t written = 0;
	uint16_t head = 0;

	out[0] = rig_used(&rig, VSOCK_TX, &head, &written);
	out[1] = rig_status(&rig);
	memcpy(out + 4, &wire.sent, 4);
	memcpy(out + 8, &wire.size, 4);
	memcpy(out + 16, &wire.last, sizeof(wire.last));
	for (unsigned at = 128; got(&back, NULL); at += 64)
		memcpy(out + at, &back, HEADER);
	memcpy(out + 1024, &the_vsock.opened, 4);
	memcpy(out + 1028, &the_vsock.lost, 4);
	memcpy(out + 2048, wire.data, 64);
}

static void expect_one_of_two(struct header a, struct header b)
{
	struct flip flip = {world, kick, outcome, vsock_teardown, {&a, &b}, HEADER};
	struct flip_report report = flip_everywhere(&flip);

	cr_assert(report.differ, "the test would prove nothing");
	cr_assert_gt(report.accesses, 0);
	cr_expect_eq(report.strange, 0, "%u of %u runs", report.strange, report.runs);
}

static struct header data(uint32_t size)
{
	struct header header = packet(VSOCK_RW);

	header.len = size;
	return header;
}

Test(vsock_fetch, DF_003_the_length_flips)
{
	expect_one_of_two(data(16), data(32));
	expect_one_of_two(data(16), data(33));
	expect_one_of_two(data(32), data(UINT32_MAX));
}

Test(vsock_fetch, DF_003_the_addresses_flip)
{
	struct header other = data(16);

	other.src_cid = PEER;
	expect_one_of_two(data(16), other);
	other = data(16);
	other.dst_cid = PEER + 1;
	expect_one_of_two(data(16), other);
	other = data(16);
	other.src_port++;
	expect_one_of_two(data(16), other);
}

Test(vsock_fetch, DF_003_type_operation_and_credit_flip)
{
	struct header other = data(16);

	other.type = VSOCK_SEQPACKET;
	expect_one_of_two(data(16), other);
	other = data(16);
	other.op = VSOCK_RST;
	expect_one_of_two(data(16), other);
	other.op = 0x500;
	expect_one_of_two(data(16), other);
	other = data(16);
	other.buf_alloc = UINT32_MAX;
	expect_one_of_two(data(16), other);
}
