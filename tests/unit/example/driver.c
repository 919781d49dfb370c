/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example device behind every transport and both rings, by drivers that know nothing of it: it
 * has no word of a transport in it, so there is nothing to write for any of them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/example.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/driver_fixture.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/raw_ccw.h"

TestSuite(example_driver, .timeout = 60);

static struct virtio_example example;

static struct virtio_device *create(const struct guest_mem *mem)
{
	virtio_example_init(&example, &(struct virtio_example_config){
	                                  .name = "test example", .mem = mem, .text_max = 100});
	virtio_offer(&example.device, VIRTIO_F_RING_PACKED);
	return &example.device;
}

/* ---- PCI and MMIO, by the project's own driver side ---- */

static struct driver_fixture f;

static void use(void (*plug)(struct driver_fixture *fixture, struct virtio_device *device),
                uint64_t ring)
{
	struct blk_span spans[2];
	uint32_t written = 0;

	driver_fixture_init(&f);
	plug(&f, create(&f.mem));
	cr_assert_eq(driver_fixture_start(&f, RING_FEATURES | EXAMPLE_F_UPPER | ring), 0);
	cr_assert_eq(f.port.port.features & (RING_F_PACKED | EXAMPLE_F_UPPER),
	             ring | EXAMPLE_F_UPPER);
	cr_expect_eq(virtio_port_config(&f.port.port, 0, 4), 100);
	spans[0] = (struct blk_span){driver_fixture_alloc(&f, 16), 9};
	spans[1] = (struct blk_span){driver_fixture_alloc(&f, 16), 16};
	le32_put(spans[0].data, EXAMPLE_UPPER);
	memcpy((uint8_t *)spans[0].data + 4, "hello", 5);
	for (unsigned i = 0; i < 3 * FIXTURE_RING_SIZE; i++) {
		memset(spans[1].data, 0xee, 16);
		cr_assert_eq(driver_fixture_call(&f, 0, spans, 1, 1, &written), 0);
		cr_assert_eq(written, 6);
		cr_assert_arr_eq(spans[1].data, "\0HELLO\xee", 7);
	}
	cr_expect_gt(f.queue_interrupts, 0);
	driver_fixture_free(&f);
}

Test(example_driver, over_pci)
{
	use(driver_fixture_plug, 0);
}

Test(example_driver, over_pci_packed)
{
	use(driver_fixture_plug, RING_F_PACKED);
}

Test(example_driver, over_mmio)
{
	use(driver_fixture_plug_mmio, 0);
}

Test(example_driver, over_mmio_packed)
{
	use(driver_fixture_plug_mmio, RING_F_PACKED);
}

/* ---- channel I/O, and a driver of before VERSION_1 ---- */

enum { REQUEST = FAKE_HIGH + 0x8000, ANSWER = FAKE_HIGH + 0x9000, INDICATOR = 0x3000, SIZE = 8 };

static void ask(struct raw_ccw *raw, struct raw_ring *ring)
{
	struct virtio_ccw *all[] = {raw->ccw};
	uint8_t *request = fake_mem_at(raw->mem, REQUEST, 16);

	le32_put(request, EXAMPLE_SUM);
	memcpy(request + 4, "\x05\x06", 2);
	raw_desc(ring, 0, REQUEST, 6, RAW_NEXT, 1);
	raw_desc(ring, 1, ANSWER, 16, RAW_WRITE, 0);
	raw_offer(ring, 0);
	raw->interrupts = 0;
	cr_assert_geq(virtio_ccw_diagnose(all, 1, (uint64_t[]){3, 0x10000, 0, 0}), 0);
	cr_assert_eq(raw_used_idx(ring), 1);
	cr_expect_arr_eq(fake_mem_at(raw->mem, ANSWER, 5), "\0\x0b\0\0\0", 5);
	cr_expect_eq(raw->interrupts, 1);
}

Test(example_driver, over_channel_io)
{
	static struct fake_mem mem;
	static struct virtio_ccw ccw;
	struct raw_ccw raw = {.mem = &mem, .ccw = &ccw};
	struct raw_ring ring;

	fake_port_reset();
	fake_mem_init(&mem);
	virtio_ccw_init(&ccw, &(struct virtio_ccw_config){
	                          .device = create(&mem.mem),
	                          .mem = &mem.mem,
	                          .subchannel = 0x10000,
	                          .io_interrupt = raw_ccw_io_interrupt,
	                          .adapter_interrupt = raw_ccw_adapter_interrupt,
	                          .context = &raw,
	                      });
	cr_assert_eq(virtio_ccw_enable(&ccw, true), CCW_CC_DONE);
	cr_assert(raw_ccw_revision(&raw, 2));
	cr_assert(raw_ccw_set_status(&raw, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER));
	cr_expect_eq(raw_ccw_features(&raw, 0) & UINT16_MAX, EXAMPLE_F_UPPER);
	cr_assert(raw_ccw_set_features(&raw, 0, 0));
	cr_assert(raw_ccw_set_features(&raw, 1, 1));
	cr_assert(raw_ccw_set_status(&raw, 11));
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	cr_assert(raw_ccw_queue(&raw, 0, SIZE, ring.desc, ring.avail, ring.used));
	cr_assert(raw_ccw_indicator(&raw, CCW_SET_IND, INDICATOR));
	cr_assert(raw_ccw_set_status(&raw, 15));
	ask(&raw, &ring);
	fake_mem_free(&mem);
}

Test(example_driver, of_before_version_1)
{
	static struct rig rig;
	uint64_t request, answer;
	uint16_t head;
	uint32_t written;

	rig_init(&rig);
	rig_plug(&rig, create(&rig.mem.mem));
	rig_start_legacy(&rig, EXAMPLE_F_UPPER);
	request = rig_alloc(&rig, 8);
	answer = rig_alloc(&rig, 8);
	le32_put(rig_at(&rig, request, 8), EXAMPLE_UPPER);
	memcpy(rig_at(&rig, request + 4, 3), "xyz", 3);
	rig_offer(&rig, 0, (struct rig_buffer[]){{request, 7, false}, {answer, 8, true}}, 2);
	rig_kick(&rig, 0);
	cr_assert(rig_used(&rig, 0, &head, &written));
	cr_expect_eq(written, 4);
	cr_expect_arr_eq(rig_at(&rig, answer, 4), "\0XYZ", 4);
	rig_free(&rig);
}
