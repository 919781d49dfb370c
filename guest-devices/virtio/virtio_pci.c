/* SPDX-License-Identifier: BSD-2-Clause */
/* The function, its BAR and its interrupts (VIRTIO 1.4, 4.1.2-4.1.5). */
#include "guest-devices/virtio/virtio_pci.h"

#include <string.h>

#include "guest-devices/virtio/registry.h"

enum { ISR_QUEUE = 1, ISR_CONFIG = 2 };
enum { CAP_COMMON = 1, CAP_NOTIFY, CAP_ISR, CAP_DEVICE, CAP_PCI, CAP_VENDOR_ID = 0x09 };
enum { CONFIG_VECTORS = 1, REVISION = 0x08 };
enum { MEMORY_BAR_AFTER_PORTS = 2 };

static struct virtio_pci *transport_of(struct pci_function *function)
{
	return (struct virtio_pci *)function; /* its first member */
}

/* --- interrupts (4.1.4.5, 4.1.5.3, 4.1.5.4) --- */

static void update_line(struct virtio_pci *transport)
{
	bool level = transport->isr != 0 && !pci_msix_enabled(&transport->function);

	pci_intx_set(&transport->function, level);
}

static void queue_interrupt(void *context, unsigned queue)
{
	struct virtio_pci *transport = context;

	if (pci_msix_enabled(&transport->function)) {
		pci_msix_raise(&transport->function, transport->queue_vectors[queue]);
		return;
	}
	transport->isr |= ISR_QUEUE;
	update_line(transport);
}

static void config_interrupt(void *context)
{
	struct virtio_pci *transport = context;

	transport->isr |= ISR_CONFIG;
	if (pci_msix_enabled(&transport->function))
		pci_msix_raise(&transport->function, transport->config_vector);
	else
		update_line(transport);
}

/* --- the BAR --- */

uint8_t virtio_pci_isr(struct virtio_pci *transport)
{
	uint8_t isr = transport->isr;

	transport->isr = 0;
	update_line(transport);
	return isr;
}

static void isr_access(struct virtio_pci *transport, struct bus_access *access)
{
	if (access->write || access->address != 0 || access->size != 1) {
		virtio_misuse(transport->device);
		access->value = 0;
		return;
	}
	access->value = virtio_pci_isr(transport);
}

/* The queue is in the address; the value, which repeats it in one way or another, is not looked at
 * (4.1.5.2). */
static void notify_access(struct virtio_pci *transport, struct bus_access *access)
{
	uint64_t queue = access->address / VIRTIO_PCI_NOTIFY_MULTIPLIER;

	if (access->write && access->address % VIRTIO_PCI_NOTIFY_MULTIPLIER == 0 &&
	    (access->size == 2 || access->size == 4)) {
		virtio_kick(transport->device, (unsigned)queue);
		return;
	}
	virtio_misuse(transport->device);
	access->value = 0;
}

void virtio_pci_bar_access(void *context, struct bus_access *access)
{
	struct virtio_pci *transport = context;
	uint64_t address = access->address, page = address & ~0xfffull;

	access->address = address - page;
	if (page != VIRTIO_PCI_MSIX && transport->face == VIRTIO_LEGACY)
		page = UINT64_MAX; /* all the rest is not there */
	switch (page) {
	case VIRTIO_PCI_NOTIFY:
		notify_access(transport, access);
		break;
	case VIRTIO_PCI_COMMON:
		virtio_pci_common_access(transport, access);
		break;
	case VIRTIO_PCI_ISR:
		isr_access(transport, access);
		break;
	case VIRTIO_PCI_CONFIG:
		virtio_config_access(transport->device, access->address, access);
		break;
	case VIRTIO_PCI_MSIX:
		pci_msix_access(&transport->function, access);
		break;
	default:
		virtio_misuse(transport->device);
		access->value = 0;
	}
}

/* --- configuration space --- */

static void forget_registers(struct virtio_pci *transport)
{
	transport->device_feature_select = transport->driver_feature_select = 0;
	transport->queue_select = 0;
	transport->isr = 0;
	transport->config_vector = VIRTIO_NO_VECTOR;
	for (unsigned i = 0; i < VIRTIO_PCI_QUEUES; i++)
		transport->queue_vectors[i] = VIRTIO_NO_VECTOR;
	transport->function.msix_pending = 0;
	update_line(transport);
}

static void device_reset(void *context)
{
	forget_registers(context);
}

static void follow_command(struct virtio_pci *transport)
{
	uint16_t command = pci_config_get16(&transport->function, PCI_COMMAND);

	virtio_allow_dma(transport->device, command & PCI_COMMAND_MASTER);
}

static void config_write(struct pci_function *function, unsigned offset, unsigned size)
{
	struct virtio_pci *transport = transport_of(function);

	follow_command(transport);
	/* a message that was still pending when MSI-X went off becomes a line interrupt */
	if (function->msix_pending && !pci_msix_enabled(function))
		transport->isr |= ISR_QUEUE;
	update_line(transport);
	virtio_pci_window(transport, offset, size, true);
}

static void config_read(struct pci_function *function, unsigned offset, unsigned size)
{
	virtio_pci_window(transport_of(function), offset, size, false);
}

static void function_reset(struct pci_function *function)
{
	struct virtio_pci *transport = transport_of(function);

	virtio_reset(transport->device);
	virtio_allow_dma(transport->device, false);
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* struct virtio_pci_cap without its first two bytes; extra: the notify multiplier. */
static uint8_t add_capability(struct virtio_pci *transport, uint8_t type, uint32_t offset,
                              uint32_t length, uint8_t size)
{
	uint8_t body[18] = {size, type, transport->bar};

	put32(body + 6, offset);
	put32(body + 10, length);
	if (type == CAP_NOTIFY)
		put32(body + 14, VIRTIO_PCI_NOTIFY_MULTIPLIER);
	return pci_capability_add(&transport->function, CAP_VENDOR_ID, body, size);
}

static void add_capabilities(struct virtio_pci *transport)
{
	const struct virtio_device *device = transport->device;
	struct pci_function *function = &transport->function;

	add_capability(transport, CAP_COMMON, VIRTIO_PCI_COMMON, VIRTIO_PCI_COMMON_SIZE, 16);
	add_capability(transport, CAP_NOTIFY, VIRTIO_PCI_NOTIFY,
	               device->queue_count * VIRTIO_PCI_NOTIFY_MULTIPLIER, 20);
	add_capability(transport, CAP_ISR, VIRTIO_PCI_ISR, 1, 16);
	if (device->config_size > 0)
		add_capability(transport, CAP_DEVICE, VIRTIO_PCI_CONFIG,
		               (uint32_t)device->config_size, 16);
	transport->window = add_capability(transport, CAP_PCI, 0, 0, 20);
	function->writable[transport->window + 4] = 0xff;             /* bar */
	memset(function->writable + transport->window + 8, 0xff, 12); /* offset, length, data */
}

/* Class code by device type, so that drivers and people see what it is. */
static uint32_t class_of(uint16_t type)
{
	switch (type) {
	case 1:
		return 0x020000; /* Ethernet */
	case 2:
		return 0x010000; /* mass storage */
	case 3:
		return 0x078000; /* communication */
	default:
		return 0x00ff00;
	}
}

/* 4.1.2.1; legacy drivers look at the subsystem for the type. */
static void identify(struct virtio_pci *transport)
{
	uint16_t type = transport->device->type;
	bool modern = transport->face == VIRTIO_MODERN;
	uint16_t id = modern ? (uint16_t)(0x1040 + type) : registry_type(type)->transitional_id;

	pci_function_init(&transport->function, 0x1af4, id, class_of(type), 0x1af4,
	                  modern ? (uint16_t)(0x40 + type) : type);
	transport->function.config[REVISION] = modern;
}

static enum virtio_face possible(uint16_t type, enum virtio_face face)
{
	const struct registry_type *known = registry_type(type);

	return known && known->transitional_id ? face : VIRTIO_MODERN;
}

void virtio_pci_init_as(struct virtio_pci *transport, struct virtio_device *device,
                        enum virtio_face face)
{
	const struct virtio_wires wires = {.queue_interrupt = queue_interrupt,
	                                   .config_interrupt = config_interrupt,
	                                   .reset = device_reset,
	                                   .context = transport};
	struct pci_function *function = &transport->function;

	memset(transport, 0, sizeof(*transport));
	transport->device = device;
	transport->face = possible(device->type, face);
	transport->bar = transport->face == VIRTIO_MODERN ? 0 : MEMORY_BAR_AFTER_PORTS;
	virtio_connect(device, &wires);
	identify(transport);
	if (transport->face != VIRTIO_MODERN)
		virtio_pci_legacy_init(transport);
	pci_bar_init(function, transport->bar, VIRTIO_PCI_BAR_SIZE, true, virtio_pci_bar_access,
	             transport, device->name);
	if (transport->face != VIRTIO_LEGACY)
		add_capabilities(transport);
	pci_msix_init(function, device->queue_count + CONFIG_VECTORS, transport->bar,
	              VIRTIO_PCI_MSIX);
	function->config_write = config_write;
	function->config_read = config_read;
	function->reset = function_reset;
	forget_registers(transport);
	virtio_allow_dma(device, false);
}
