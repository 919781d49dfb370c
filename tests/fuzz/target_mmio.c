/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of virtio over MMIO, any access at any time, with a small device behind.
 * Planted: guest-devices/virtio/virtio_mmio.c: "access->address < VIRTIO_MMIO_CONFIG"
 * becomes "access->address <= VIRTIO_MMIO_CONFIG"
 */
#include "guest-devices/virtio/virtio_mmio.h"
#include "guest-devices/virtio/virtio_mmio_registers.h"
#include "tests/fuzz/echo.h"

#include <string.h>

static struct virtio_mmio mmio;

static uint64_t access_at(uint64_t address, uint8_t size, bool write, uint64_t value)
{
	struct bus_access access = {address, value, size, write};

	mmio.region.access(mmio.region.context, &access);
	return access.value;
}

static void set(unsigned offset, uint64_t value)
{
	access_at(offset, 4, true, (uint32_t)value);
}

static void create(struct fuzz *fuzz)
{
	memset(&mmio, 0, sizeof(mmio));
	echo_create(fuzz);
	virtio_mmio_init(&mmio, fuzz->device, 0x10000000, (struct irq_line){0});
}

static void set_queue(struct fuzz *fuzz, unsigned queue)
{
	static const unsigned places[] = {VIRTIO_MMIO_QUEUE_DESC, VIRTIO_MMIO_QUEUE_DRIVER,
	                                  VIRTIO_MMIO_QUEUE_DEVICE};
	uint64_t areas[3];

	set(VIRTIO_MMIO_QUEUE_SEL, queue);
	set(VIRTIO_MMIO_QUEUE_SIZE, fuzz_ring_make(fuzz, queue)->size);
	fuzz_ring_areas(fuzz, queue, areas);
	for (unsigned i = 0; i < 3; i++) {
		set(places[i], areas[i]);
		set(places[i] + 4, areas[i] >> 32);
	}
	set(VIRTIO_MMIO_QUEUE_READY, 1);
}

static void start(struct fuzz *fuzz, uint64_t features)
{
	for (uint8_t status = 0; status <= 3; status++)
		set(VIRTIO_MMIO_STATUS, status == 2 ? 3 : status);
	for (unsigned half = 0; half < 2; half++) {
		set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, half);
		set(VIRTIO_MMIO_DRIVER_FEATURES, features >> 32 * half);
	}
	set(VIRTIO_MMIO_STATUS, 11);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++)
		set_queue(fuzz, i);
	set(VIRTIO_MMIO_STATUS, 15);
}

static void kick(struct fuzz *fuzz, unsigned queue)
{
	(void)fuzz;
	set(VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

static void any_access(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint64_t offset = fuzz_u16(fuzz) % VIRTIO_MMIO_SIZE;

	offset &= how & 0x80 ? ~0ull : ~3ull;
	access_at(offset, how & 0x40 ? (uint8_t)(1u << (how & 3)) : 4, how & 4, fuzz_u32(fuzz));
}

const struct fuzz_target fuzz_target = {
    .create = create,
    .event = echo_event,
    .settle = echo_settle,
    .start = start,
    .kick = kick,
    .access = any_access,
};
