/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/virtio_ccw/fixture.h"

struct fake_mem mem;
struct probe probe;
struct virtio_ccw ccw;
struct raw_ccw raw;
struct raw_ring ring;

static void plug(bool legacy_too)
{
	fake_port_reset();
	fake_mem_init(&mem);
	probe_init(&probe, &mem.mem, QUEUE_MAX);
	memset(&ccw, 0xe7, sizeof(ccw));
	raw = (struct raw_ccw){.mem = &mem, .ccw = &ccw};
	virtio_ccw_init(&ccw, &(struct virtio_ccw_config){
	                          .device = &probe.device,
	                          .mem = &mem.mem,
	                          .subchannel = SUBCHANNEL,
	                          .legacy_too = legacy_too,
	                          .io_interrupt = raw_ccw_io_interrupt,
	                          .adapter_interrupt = raw_ccw_adapter_interrupt,
	                          .context = &raw,
	                      });
	cr_assert_eq(virtio_ccw_enable(&ccw, true), CCW_CC_DONE);
}

void ccw_setup(void)
{
	plug(false);
}

void ccw_setup_legacy(void)
{
	plug(true);
}

void ccw_teardown(void)
{
	fake_mem_free(&mem);
}

uint8_t *at(uint64_t address)
{
	return fake_mem_at(&mem, address, 8);
}

void negotiate(uint64_t features)
{
	uint8_t nothing = 0;

	if (ccw.revision < 0)
		cr_assert(raw_ccw_revision(&raw, 2));
	raw_ccw_command(&raw, CCW_VDEV_RESET, &nothing, 0, 0);
	cr_assert(raw_ccw_ok(&raw));
	cr_assert(raw_ccw_set_status(&raw, ACK));
	cr_assert(raw_ccw_set_status(&raw, ACK | DRV));
	cr_assert(raw_ccw_set_features(&raw, 0, (uint32_t)features));
	cr_assert(raw_ccw_set_features(&raw, 1, (uint32_t)(features >> 32) | VERSION_1_WORD));
	cr_assert(raw_ccw_set_status(&raw, ACK | DRV | FOK));
}

void start(void)
{
	negotiate(0);
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	cr_assert(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used));
	memset(at(IND), 0, 64);
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, IND));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_CONF_IND, CONF_IND));
	cr_assert(raw_ccw_set_status(&raw, RUNNING));
	raw.interrupts = 0;
}

int64_t notify(uint64_t queue)
{
	struct virtio_ccw *all[] = {&ccw};

	return virtio_ccw_diagnose(all, 1, (uint64_t[]){3, SUBCHANNEL, queue, 0});
}

void request(void)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	cr_assert_geq(notify(0), 0);
}

void expect_works(void)
{
	start();
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
}
