/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/err.h>
#include <arch/log.h>
#include <arch/time.h>

#include "guest-devices/virtio/virtio.h"
#include "hv/drivers/virtio.h"

#define RESET_WAIT_US    1000000 /* a device that takes longer is not coming back */
#define RESET_STEP_US    100
#define CONFIG_TRIES_MAX 16

static void add_status(struct virtio_port *port, uint8_t bits)
{
	port->ops->set_status(port, (uint8_t)(port->ops->status(port) | bits));
}

int virtio_port_fail(struct virtio_port *port, const char *why)
{
	uint8_t status = port->ops->status(port);

	log_error("%s: %s; the device is not used", port->name, why);
	if (status != VIRTIO_PORT_GONE)
		port->ops->set_status(port, (uint8_t)(status | VIRTIO_FAILED));
	return ERR_IO;
}

bool virtio_port_ill(struct virtio_port *port)
{
	uint8_t status = port->ops->status(port);

	return status == VIRTIO_PORT_GONE || (status & VIRTIO_NEEDS_RESET);
}

int virtio_port_reset(struct virtio_port *port)
{
	port->ops->set_status(port, 0);
	for (unsigned waited = 0; port->ops->status(port) != 0; waited += RESET_STEP_US) {
		if (waited >= RESET_WAIT_US)
			return ERR_IO;
		time_delay_us(RESET_STEP_US);
	}
	return 0;
}

/* Bits that depend on others (2.2.1) are the caller's business: it names both or none. */
static int agree(struct virtio_port *port, uint64_t wanted, uint64_t required)
{
	uint64_t offered = port->ops->features(port);

	port->features = 0;
	if ((offered & required) != required) {
		log_error("%s: the device lacks features 0x%llx", port->name,
		          (unsigned long long)(required & ~offered));
		virtio_port_fail(port, "it cannot do what is needed");
		return ERR_UNSUPPORTED;
	}
	port->ops->set_features(port, offered & wanted);
	add_status(port, VIRTIO_FEATURES_OK);
	if (!(port->ops->status(port) & VIRTIO_FEATURES_OK)) {
		virtio_port_fail(port, "it refuses the features that it offered");
		return ERR_UNSUPPORTED;
	}
	port->features = offered & wanted;
	return 0;
}

int virtio_port_begin(struct virtio_port *port, uint64_t wanted, uint64_t required)
{
	if (port->ops->status(port) == VIRTIO_PORT_GONE)
		return virtio_port_fail(port, "nothing answers");
	if (virtio_port_reset(port))
		return virtio_port_fail(port, "it does not come out of reset");
	add_status(port, VIRTIO_ACKNOWLEDGE);
	add_status(port, VIRTIO_DRIVER);
	return agree(port, wanted | VIRTIO_F_VERSION_1, required | VIRTIO_F_VERSION_1);
}

int virtio_port_queue(struct virtio_port *port, unsigned queue, struct ring *ring, void *memory,
                      unsigned size_max)
{
	unsigned offered = port->ops->queue_size(port, queue), size = size_max;

	if (!offered) {
		virtio_port_fail(port, "it lacks a queue");
		return ERR_NOT_FOUND;
	}
	while (size > offered)
		size /= 2;
	ring_init(ring, memory, size, port->features, port->dma_offset);
	if (port->ops->queue_enable(port, queue, ring))
		return virtio_port_fail(port, "it refuses a queue");
	return 0;
}

int virtio_port_go(struct virtio_port *port)
{
	add_status(port, VIRTIO_DRIVER_OK);
	if (virtio_port_ill(port))
		return virtio_port_fail(port, "it broke when it was started");
	return 0;
}

void virtio_port_kick(struct virtio_port *port, unsigned queue, struct ring *ring)
{
	if (ring_kick_needed(ring))
		port->ops->notify(port, queue);
}

static uint64_t read_once(struct virtio_port *port, unsigned offset, unsigned size)
{
	uint64_t low = port->ops->config_read(port, offset, size > 4 ? 4 : size);

	if (size > 4)
		low |= (uint64_t)port->ops->config_read(port, offset + 4, 4) << 32;
	return low;
}

uint64_t virtio_port_config(struct virtio_port *port, unsigned offset, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < CONFIG_TRIES_MAX; i++) {
		uint32_t before = port->ops->generation(port);

		value = read_once(port, offset, size);
		if (port->ops->generation(port) == before)
			break;
	}
	return value;
}
