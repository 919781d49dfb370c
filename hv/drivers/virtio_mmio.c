/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/drivers/virtio_mmio.h"

#include <arch/err.h>
#include <arch/io.h>
#include <arch/log.h>
#include <stdio.h>
#include <string.h>

#include "guest-devices/virtio/virtio_mmio_registers.h"
#include "hv/drivers/virtio_words.h"

static uint8_t *registers(struct virtio_port *port)
{
	return ((struct virtio_mmio_port *)(void *)port)->at;
}

static uint32_t get(struct virtio_port *port, unsigned offset)
{
	return mmio_read32(registers(port) + offset);
}

static void set(struct virtio_port *port, unsigned offset, uint32_t value)
{
	mmio_write32(registers(port) + offset, value);
}

/* ---- the operations ---- */

static uint8_t get_status(struct virtio_port *port)
{
	return (uint8_t)get(port, VIRTIO_MMIO_STATUS);
}

static void set_status(struct virtio_port *port, uint8_t status)
{
	set(port, VIRTIO_MMIO_STATUS, status);
}

static uint64_t get_features(struct virtio_port *port)
{
	return virtio_features_read(registers(port) + VIRTIO_MMIO_DEVICE_FEATURES_SEL,
	                            registers(port) + VIRTIO_MMIO_DEVICE_FEATURES);
}

static void set_features(struct virtio_port *port, uint64_t features)
{
	virtio_features_write(registers(port) + VIRTIO_MMIO_DRIVER_FEATURES_SEL,
	                      registers(port) + VIRTIO_MMIO_DRIVER_FEATURES, features);
}

static unsigned queue_size(struct virtio_port *port, unsigned queue)
{
	if (queue >= VIRTIO_PORT_QUEUES)
		return 0;
	set(port, VIRTIO_MMIO_QUEUE_SEL, queue);
	return get(port, VIRTIO_MMIO_QUEUE_SIZE_MAX);
}

static int queue_enable(struct virtio_port *port, unsigned queue, const struct ring *ring)
{
	uint8_t *at = registers(port);

	set(port, VIRTIO_MMIO_QUEUE_SEL, queue);
	if (get(port, VIRTIO_MMIO_QUEUE_READY) != 0)
		return ERR_INVALID;
	set(port, VIRTIO_MMIO_QUEUE_SIZE, ring->size);
	virtio_words_write(at + VIRTIO_MMIO_QUEUE_DESC, ring_desc_address(ring));
	virtio_words_write(at + VIRTIO_MMIO_QUEUE_DRIVER, ring_avail_address(ring));
	virtio_words_write(at + VIRTIO_MMIO_QUEUE_DEVICE, ring_used_address(ring));
	set(port, VIRTIO_MMIO_QUEUE_READY, 1);
	return get(port, VIRTIO_MMIO_QUEUE_READY) == 1 ? 0 : ERR_INVALID;
}

static void notify(struct virtio_port *port, unsigned queue)
{
	set(port, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

static uint32_t config_read(struct virtio_port *port, unsigned offset, unsigned size)
{
	uint32_t limit = ((struct virtio_mmio_port *)(void *)port)->config_size;

	return virtio_config_field(registers(port) + VIRTIO_MMIO_CONFIG, limit, offset, size);
}

static uint32_t generation(struct virtio_port *port)
{
	return get(port, VIRTIO_MMIO_CONFIG_GENERATION);
}

static const struct virtio_port_ops operations = {
    .status = get_status,
    .set_status = set_status,
    .features = get_features,
    .set_features = set_features,
    .queue_size = queue_size,
    .queue_enable = queue_enable,
    .notify = notify,
    .config_read = config_read,
    .generation = generation,
};

/* ---- finding the registers, and the interrupt ---- */

int virtio_mmio_port_open(struct virtio_mmio_port *port, uint64_t address, uint32_t size,
                          const char *kind)
{
	uint32_t magic, version;

	memset(port, 0, sizeof(*port));
	port->port.ops = &operations;
	port->port.name = port->name;
	snprintf(port->name, sizeof(port->name), "%s %llx", kind, (unsigned long long)address);
	if (size < VIRTIO_MMIO_CONFIG) {
		log_error("%s: its registers have no room; the device is not used", port->name);
		return ERR_UNSUPPORTED;
	}
	port->at = mmio_map(address, size);
	port->config_size = size - VIRTIO_MMIO_CONFIG;
	magic = get(&port->port, VIRTIO_MMIO_MAGIC);
	version = get(&port->port, VIRTIO_MMIO_VERSION);
	if (magic != VIRTIO_MMIO_MAGIC_VALUE || version != VIRTIO_MMIO_VERSION_2) {
		log_error("%s: magic %x and version %u are not virtio's; the device is not used",
		          port->name, magic, version);
		return ERR_UNSUPPORTED;
	}
	/* after 0 no other register may be touched (4.2.3.1.1) */
	return get(&port->port, VIRTIO_MMIO_DEVICE_ID) ? 0 : ERR_NOT_FOUND;
}

uint32_t virtio_mmio_port_interrupt(struct virtio_mmio_port *port)
{
	uint32_t events = get(&port->port, VIRTIO_MMIO_INTERRUPT_STATUS) &
	                  (VIRTIO_MMIO_INT_QUEUE | VIRTIO_MMIO_INT_CONFIG);

	if (events)
		set(&port->port, VIRTIO_MMIO_INTERRUPT_ACK, events);
	return events;
}
