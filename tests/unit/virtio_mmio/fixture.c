/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/virtio_mmio/fixture.h"

struct fake_mem mem;
struct probe probe;
struct virtio_mmio transport;
struct raw_ring ring;
bool line;
unsigned line_changes;

static void line_set(void *context, unsigned number, bool level)
{
	cr_assert_eq(context, &mem);
	cr_assert_eq(number, 21);
	line = level;
	line_changes++;
}

void mmio_setup(void)
{
	fake_port_reset();
	fake_mem_init(&mem);
	probe_init(&probe, &mem.mem, SIZE_MAX_OF_QUEUE);
	memset(&transport, 0xe7, sizeof(transport)); /* was somebody else's before */
	virtio_mmio_init(&transport, &probe.device, BASE, (struct irq_line){line_set, &mem, 21});
	cr_assert_eq(bus_add(&mem.bus, &transport.region), 0);
	line = false;
	line_changes = 0;
}

void mmio_teardown(void)
{
	fake_mem_free(&mem);
}

uint64_t get_wide(unsigned offset, uint8_t size)
{
	struct bus_access access = {.address = BASE + offset, .size = size};

	bus_dispatch(&mem.bus, &access);
	return size < 8 ? access.value & ((1ull << 8 * size) - 1) : access.value;
}

void set_wide(unsigned offset, uint8_t size, uint64_t value)
{
	struct bus_access access = {
	    .address = BASE + offset, .value = value, .size = size, .write = true};

	bus_dispatch(&mem.bus, &access);
}

uint32_t get(unsigned offset)
{
	return (uint32_t)get_wide(offset, 4);
}

void set(unsigned offset, uint32_t value)
{
	set_wide(offset, 4, value);
}

void negotiate(uint64_t features)
{
	features |= VIRTIO_F_VERSION_1;
	set(STATUS, 0);
	set(STATUS, VIRTIO_ACKNOWLEDGE);
	set(STATUS, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	for (unsigned i = 0; i < 2; i++) {
		set(DRIVER_FEATURES_SEL, i);
		set(DRIVER_FEATURES, (uint32_t)(features >> 32 * i));
	}
	set(STATUS, get(STATUS) | VIRTIO_FEATURES_OK);
}

static void set_area(unsigned offset, uint64_t address)
{
	set(offset, (uint32_t)address);
	set(offset + 4, (uint32_t)(address >> 32));
}

void attach(unsigned queue)
{
	set(QUEUE_SEL, queue);
	set(QUEUE_SIZE, ring.size);
	set_area(QUEUE_DESC, ring.desc);
	set_area(QUEUE_DRIVER, ring.avail);
	set_area(QUEUE_DEVICE, ring.used);
	set(QUEUE_READY, 1);
}

void start(void)
{
	raw_ring_init(&ring, &mem, FAKE_HIGH, SIZE);
	negotiate(0);
	attach(0);
	set(STATUS, get(STATUS) | VIRTIO_DRIVER_OK);
	cr_assert_eq(get(STATUS), RUNNING);
	cr_assert_eq(get(QUEUE_READY), 1);
}

void request(void)
{
	raw_desc(&ring, 0, DATA, 4, RAW_NEXT, 1);
	raw_desc(&ring, 1, DATA + 0x100, 4, RAW_WRITE, 0);
	raw_offer(&ring, 0);
	set(QUEUE_NOTIFY, 0);
}

void expect_works(void)
{
	start();
	request();
	cr_assert_eq(raw_used_idx(&ring), 1);
	cr_assert(line);
}
