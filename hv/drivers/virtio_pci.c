/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/drivers/virtio_pci.h"

#include <arch/err.h>
#include <arch/io.h>
#include <arch/log.h>
#include <stdio.h>
#include <string.h>

#include "guest-devices/virtio/virtio.h"
#include "hv/drivers/virtio_words.h"

enum { /* struct virtio_pci_cap, 4.1.4 */
       CAP_LEN = 2,
       CAP_TYPE = 3,
       CAP_BAR = 4,
       CAP_OFFSET = 8,
       CAP_LENGTH = 12,
       CAP_MULTIPLIER = 16,
       CAP_SIZE = 16,
       CAP_SIZE_NOTIFY = 20,
};

enum { TYPE_COMMON = 1, TYPE_NOTIFY = 2, TYPE_ISR = 3, TYPE_DEVICE = 4 };

enum { /* struct virtio_pci_common_cfg, 4.1.4.3 */
       DEVICE_FEATURE_SELECT = 0x00,
       DEVICE_FEATURE = 0x04,
       DRIVER_FEATURE_SELECT = 0x08,
       DRIVER_FEATURE = 0x0c,
       CONFIG_MSIX_VECTOR = 0x10,
       DEVICE_STATUS = 0x14,
       CONFIG_GENERATION = 0x15,
       QUEUE_SELECT = 0x16,
       QUEUE_SIZE = 0x18,
       QUEUE_MSIX_VECTOR = 0x1a,
       QUEUE_ENABLE = 0x1c,
       QUEUE_NOTIFY_OFF = 0x1e,
       QUEUE_DESC = 0x20,
       QUEUE_DRIVER = 0x28,
       QUEUE_DEVICE = 0x30,
       COMMON_SIZE = 0x38,
};

static struct virtio_pci_port *pci_port(struct virtio_port *port)
{
	return (struct virtio_pci_port *)(void *)port;
}

static uint8_t *common(struct virtio_port *port)
{
	return pci_port(port)->common.at;
}

/* ---- the operations ---- */

static uint8_t get_status(struct virtio_port *port)
{
	return mmio_read8(common(port) + DEVICE_STATUS);
}

static void set_status(struct virtio_port *port, uint8_t status)
{
	mmio_write8(common(port) + DEVICE_STATUS, status);
}

static uint64_t get_features(struct virtio_port *port)
{
	return virtio_features_read(common(port) + DEVICE_FEATURE_SELECT,
	                            common(port) + DEVICE_FEATURE);
}

static void set_features(struct virtio_port *port, uint64_t features)
{
	virtio_features_write(common(port) + DRIVER_FEATURE_SELECT, common(port) + DRIVER_FEATURE,
	                      features);
}

static unsigned queue_size(struct virtio_port *port, unsigned queue)
{
	if (queue >= VIRTIO_PORT_QUEUES)
		return 0;
	mmio_write16(common(port) + QUEUE_SELECT, (uint16_t)queue);
	return mmio_read16(common(port) + QUEUE_SIZE);
}

/* Write a vector register; the device answers NO_VECTOR if it cannot (4.1.5.1.2). */
static bool set_vector(uint8_t *at, uint16_t vector)
{
	mmio_write16(at, vector);
	return mmio_read16(at) == vector;
}

static int queue_enable(struct virtio_port *port, unsigned queue, const struct ring *ring)
{
	struct virtio_pci_port *self = pci_port(port);
	uint8_t *registers = self->common.at;
	uint64_t doorbell;

	mmio_write16(registers + QUEUE_SELECT, (uint16_t)queue);
	doorbell = (uint64_t)mmio_read16(registers + QUEUE_NOTIFY_OFF) * self->notify_multiplier;
	if (self->notify.size < 2 || doorbell > self->notify.size - 2)
		return ERR_INVALID;
	mmio_write16(registers + QUEUE_SIZE, ring->size);
	virtio_words_write(registers + QUEUE_DESC, ring_desc_address(ring));
	virtio_words_write(registers + QUEUE_DRIVER, ring_avail_address(ring));
	virtio_words_write(registers + QUEUE_DEVICE, ring_used_address(ring));
	if (!set_vector(registers + QUEUE_MSIX_VECTOR, self->queue_vector))
		return ERR_INVALID;
	mmio_write16(registers + QUEUE_ENABLE, 1);
	if (mmio_read16(registers + QUEUE_ENABLE) != 1)
		return ERR_INVALID;
	self->doorbells[queue] = self->notify.at + doorbell;
	/* the first queue's set-up is as good a moment as any after reset for this one */
	return set_vector(registers + CONFIG_MSIX_VECTOR, self->config_vector) ? 0 : ERR_INVALID;
}

static void notify(struct virtio_port *port, unsigned queue)
{
	if (pci_port(port)->doorbells[queue])
		mmio_write16(pci_port(port)->doorbells[queue], (uint16_t)queue);
}

static uint32_t config_read(struct virtio_port *port, unsigned offset, unsigned size)
{
	const struct virtio_pci_window *device = &pci_port(port)->device;

	return virtio_config_field(device->at, device->size, offset, size);
}

static uint32_t generation(struct virtio_port *port)
{
	return mmio_read8(common(port) + CONFIG_GENERATION);
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

/* ---- finding the registers ---- */

static struct virtio_pci_window *window_of(struct virtio_pci_port *port, uint32_t type)
{
	switch (type) {
	case TYPE_COMMON:
		return &port->common;
	case TYPE_NOTIFY:
		return &port->notify;
	case TYPE_ISR:
		return &port->isr;
	case TYPE_DEVICE:
		return &port->device;
	default:
		return NULL; /* reserved, or of no use here */
	}
}

/* The first usable capability of each type counts (4.1.4.1). */
static void take_capability(struct virtio_pci_port *port, unsigned at)
{
	const struct host_pci_device *pci = port->pci;
	uint32_t length = host_pci_read(pci, at + CAP_LENGTH, 4);
	uint32_t type = host_pci_read(pci, at + CAP_TYPE, 1);
	uint32_t needed = type == TYPE_NOTIFY ? CAP_SIZE_NOTIFY : CAP_SIZE;
	struct virtio_pci_window *window = window_of(port, type);

	if (!window || window->at || host_pci_read(pci, at + CAP_LEN, 1) < needed)
		return;
	window->at = host_pci_map(pci, host_pci_read(pci, at + CAP_BAR, 1),
	                          host_pci_read(pci, at + CAP_OFFSET, 4), length);
	window->size = length;
	if (type == TYPE_NOTIFY && window->at)
		port->notify_multiplier = host_pci_read(pci, at + CAP_MULTIPLIER, 4);
}

static const char *missing(const struct virtio_pci_port *port)
{
	if (!port->common.at || port->common.size < COMMON_SIZE)
		return "no usable common configuration";
	return port->notify.at ? NULL : "no usable notification area";
}

int virtio_pci_port_open(struct virtio_pci_port *port, struct host_pci_device *pci,
                         const char *kind)
{
	const char *lacks;
	uint8_t at = 0;

	memset(port, 0, sizeof(*port));
	port->pci = pci;
	port->port.ops = &operations;
	port->port.name = port->name;
	port->config_vector = port->queue_vector = VIRTIO_NO_VECTOR;
	snprintf(port->name, sizeof(port->name), "%s %s", kind, pci->name);
	host_pci_start(pci);
	for (unsigned i = 0; i < 48; i++) {
		at = host_pci_capability(pci, HOST_PCI_CAP_VENDOR, at);
		if (!at)
			break;
		take_capability(port, at);
	}
	lacks = missing(port);
	if (!lacks)
		return 0;
	log_error("%s: %s; the device is not used", port->name, lacks);
	host_pci_stop(pci);
	return ERR_UNSUPPORTED;
}

void virtio_pci_port_interrupts(struct virtio_pci_port *port, irq_handler *config,
                                irq_handler *queue, void *context)
{
	if (host_pci_msix(port->pci, 0, queue, context))
		return;
	port->queue_vector = port->config_vector = 0;
	if (!host_pci_msix(port->pci, 1, config, context))
		port->config_vector = 1;
}

void virtio_pci_port_close(struct virtio_pci_port *port)
{
	host_pci_stop(port->pci);
}
