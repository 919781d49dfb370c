/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/mmio.h"

#include <stdlib.h>
#include <string.h>

static struct virtio_mmio mmio;
static bool line_up;

static void set_line(void *context, unsigned number, bool level)
{
	(void)context, (void)number;
	if (line_up == level)
		abort();
	line_up = level;
}

static uint64_t access_at(uint64_t address, uint8_t size, bool write, uint64_t value)
{
	struct bus_access access = {address, value, size, write};

	mmio.region.access(mmio.region.context, &access);
	return access.value;
}

void fuzz_mmio_set(unsigned offset, uint64_t value)
{
	access_at(offset, 4, true, (uint32_t)value);
}

void fuzz_mmio_create(struct fuzz *fuzz, fuzz_mmio_init *init)
{
	memset(&mmio, 0, sizeof(mmio));
	line_up = false;
	echo_create(fuzz);
	init(&mmio, fuzz->device, 0x10000000, (struct irq_line){set_line, NULL, 0});
}

void fuzz_mmio_greet(uint64_t features, unsigned words)
{
	fuzz_mmio_set(VIRTIO_MMIO_STATUS, 0);
	fuzz_mmio_set(VIRTIO_MMIO_STATUS, 1);
	fuzz_mmio_set(VIRTIO_MMIO_STATUS, 3);
	for (unsigned i = 0; i < words; i++) {
		fuzz_mmio_set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, i);
		fuzz_mmio_set(VIRTIO_MMIO_DRIVER_FEATURES, features >> 32 * i);
	}
}

void fuzz_mmio_kick(struct fuzz *fuzz, unsigned queue)
{
	(void)fuzz;
	fuzz_mmio_set(VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

void fuzz_mmio_access(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint64_t offset = fuzz_u16(fuzz) % VIRTIO_MMIO_SIZE;

	fuzz_run_wild(fuzz);
	offset &= how & 0x80 ? ~0ull : ~3ull;
	access_at(offset, how & 0x40 ? (uint8_t)(1u << (how & 3)) : 4, how & 4, fuzz_u32(fuzz));
}

void fuzz_mmio_check(const struct fuzz *fuzz)
{
	(void)fuzz;
	if (line_up != (mmio.interrupt_status != 0))
		abort();
}
