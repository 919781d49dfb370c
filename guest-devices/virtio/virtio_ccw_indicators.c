/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits in the guest's storage that say why it is interrupted (VIRTIO 1.4, 4.3.2.6, 4.3.3.1). */
#include "guest-devices/bytes.h"
#include "guest-devices/virtio/virtio_ccw.h"
#include "guest-devices/virtio/virtio_ccw_commands.h"

enum { CLASSIC_SIZE = 8, CLASSIC_BITS = 64 };

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* The areas of a queue, generously: they were checked when it was enabled. */
static bool in_a_ring(const struct virtio_device *device, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < device->queue_count; i++) {
		const struct virtqueue *vq = &device->queues[i];

		if (vq->enabled && (overlaps(address, size, vq->desc, 16ull * vq->size) ||
		                    overlaps(address, size, vq->driver, 6 + 2ull * vq->size) ||
		                    overlaps(address, size, vq->device, 6 + 8ull * vq->size)))
			return true;
	}
	return false;
}

/* May bits be set there? */
static bool usable(const struct virtio_ccw *ccw, uint64_t address, uint64_t size)
{
	return guest_mem_check(ccw->config.mem, address, size, true) == 0 &&
	       !in_a_ring(ccw->config.device, address, size);
}

/* The bit's byte alone is touched; whether the byte was 0 before. */
static bool set_bit(const struct virtio_ccw *ccw, uint64_t address, uint8_t mask)
{
	uint64_t run;
	uint8_t *host = guest_mem_run(ccw->config.mem, address, true, &run);

	return host && __atomic_fetch_or(host, mask, __ATOMIC_SEQ_CST) == 0;
}

static enum ccw_result set_classic(struct virtio_ccw *ccw, uint64_t *where, uint64_t address)
{
	if (address != 0 && !usable(ccw, address, CLASSIC_SIZE))
		return CCW_REJECT;
	*where = address;
	return CCW_DONE;
}

static enum ccw_result set_adapter(struct virtio_ccw *ccw, const uint8_t *data)
{
	struct ccw_indicators *indicators = &ccw->indicators;
	uint64_t summary = be64_get(data), area = be64_get(data + 8), bit = be64_get(data + 16);
	uint64_t first, size;

	if (summary != 0) {
		first = area + bit / 8;
		size = (bit % 8 + ccw->config.device->queue_count + 7) / 8;
		if (first < area || !usable(ccw, summary, 1) || !usable(ccw, first, size))
			return CCW_REJECT;
	}
	indicators->summary = summary;
	indicators->area = area;
	indicators->first_bit = bit;
	indicators->isc = data[24];
	return CCW_DONE;
}

/* Classic and adapter interrupts for queues exclude each other (V14-CCW-014, S01). */
enum ccw_result virtio_ccw_set_indicators(struct virtio_ccw *ccw, uint8_t code, const uint8_t *data)
{
	struct ccw_indicators *indicators = &ccw->indicators;

	switch (code) {
	case CCW_SET_IND:
		return indicators->summary ? CCW_REJECT
		                           : set_classic(ccw, &indicators->queues, be64_get(data));
	case CCW_SET_CONF_IND:
		return set_classic(ccw, &indicators->config, be64_get(data));
	default:
		return indicators->queues ? CCW_REJECT : set_adapter(ccw, data);
	}
}

void virtio_ccw_queue_interrupt(void *context, unsigned queue)
{
	struct virtio_ccw *ccw = context;
	const struct ccw_indicators *indicators = &ccw->indicators;

	if (indicators->summary) {
		uint64_t bit = indicators->first_bit + queue;

		set_bit(ccw, indicators->area + bit / 8, (uint8_t)(0x80 >> bit % 8));
		if (set_bit(ccw, indicators->summary, 1))
			ccw->config.adapter_interrupt(ccw->config.context, indicators->isc);
	} else if (indicators->queues && queue < CLASSIC_BITS) {
		/* a big-endian number of 64 bits: its last byte has bit 0 */
		set_bit(ccw, indicators->queues + 7 - queue / 8, (uint8_t)(1 << queue % 8));
		virtio_ccw_unsolicited(ccw);
	}
}

void virtio_ccw_config_interrupt(void *context)
{
	struct virtio_ccw *ccw = context;

	if (!ccw->indicators.config)
		return;
	set_bit(ccw, ccw->indicators.config + 7, 1);
	virtio_ccw_unsolicited(ccw);
}
