/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/virtio_mmio.h"

#include <string.h>

#include "guest-devices/virtio/virtio_mmio_rows.h"

/* --- the interrupt (4.2.3.4) --- */

static void set_interrupt_status(struct virtio_mmio *transport, uint32_t status)
{
	bool before = transport->interrupt_status != 0;

	transport->interrupt_status = status;
	if (before != (status != 0))
		irq_line_set(&transport->line, status != 0);
}

static void queue_interrupt(void *context, unsigned queue)
{
	struct virtio_mmio *transport = context;

	(void)queue; /* the driver looks at all of them */
	set_interrupt_status(transport, transport->interrupt_status | VIRTIO_MMIO_INT_QUEUE);
}

static void config_interrupt(void *context)
{
	struct virtio_mmio *transport = context;

	set_interrupt_status(transport, transport->interrupt_status | VIRTIO_MMIO_INT_CONFIG);
}

static void device_reset(void *context)
{
	struct virtio_mmio *transport = context;

	memset(transport->select, 0, sizeof(transport->select));
	set_interrupt_status(transport, 0);
}

/* --- what registers do; each gets the argument that stands in its row below --- */

uint32_t virtio_mmio_constant(struct virtio_mmio *transport, uint32_t value)
{
	(void)transport;
	return value;
}

uint32_t virtio_mmio_device_id(struct virtio_mmio *transport, uint32_t unused)
{
	(void)unused;
	return transport->device->type;
}

static uint32_t device_features(struct virtio_mmio *transport, uint32_t select)
{
	return virtio_offered_word(transport->device, transport->select[select]);
}

uint32_t virtio_mmio_queue_size_max(struct virtio_mmio *transport, uint32_t select)
{
	struct virtqueue *vq = virtio_queue(transport->device, transport->select[select]);

	return vq ? vq->size_max : 0;
}

static uint32_t queue_ready(struct virtio_mmio *transport, uint32_t select)
{
	return virtio_queue_ready(transport->device, transport->select[select]);
}

uint32_t virtio_mmio_interrupt_status(struct virtio_mmio *transport, uint32_t unused)
{
	(void)unused;
	return transport->interrupt_status;
}

uint32_t virtio_mmio_status(struct virtio_mmio *transport, uint32_t unused)
{
	(void)unused;
	return virtio_status(transport->device);
}

static uint32_t config_generation(struct virtio_mmio *transport, uint32_t unused)
{
	(void)unused;
	return virtio_generation(transport->device);
}

void virtio_mmio_set_select(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	transport->select[select] = value;
}

static void set_driver_features(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	virtio_set_driver_word(transport->device, transport->select[select], value);
}

void virtio_mmio_set_queue_size(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	virtio_set_queue_size(transport->device, transport->select[select], value);
}

static void set_queue_ready(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	uint32_t queue = transport->select[select];

	if (value & 1)
		virtio_queue_enable(transport->device, queue);
	else
		virtio_queue_stop(transport->device, queue);
}

static uint32_t queue_reset(struct virtio_mmio *transport, uint32_t select)
{
	return virtio_queue_resetting(transport->device, transport->select[select]);
}

static void set_queue_reset(struct virtio_mmio *transport, uint32_t select, uint32_t value)
{
	if (value & 1)
		virtio_queue_reset(transport->device, transport->select[select]);
	else
		virtio_misuse(transport->device);
}

static void notify(struct virtio_mmio *transport, uint32_t unused, uint32_t value)
{
	(void)unused;
	virtio_kick_word(transport->device, value);
}

void virtio_mmio_acknowledge(struct virtio_mmio *transport, uint32_t unused, uint32_t bits)
{
	(void)unused;
	if (bits & ~transport->interrupt_status)
		virtio_misuse(transport->device);
	set_interrupt_status(transport, transport->interrupt_status & ~bits);
}

static void set_status(struct virtio_mmio *transport, uint32_t unused, uint32_t value)
{
	(void)unused;
	/* bits above 7 have no meaning; they must not turn into the 0 that resets */
	if (value > UINT8_MAX)
		virtio_misuse(transport->device);
	if (value <= UINT8_MAX || (uint8_t)value != 0)
		virtio_set_status(transport->device, (uint8_t)value);
}

static void set_area(struct virtio_mmio *transport, uint32_t word, uint32_t value)
{
	virtio_set_area_word(transport->device, transport->select[VIRTIO_MMIO_SELECT_QUEUE], word,
	                     value);
}

/* --- the table: one row a register; what is not there reads 0 and ignores writes --- */

#define NO_SHM UINT32_MAX /* no device has shared memory: length and base are -1 */

/* clang-format off */
static const struct virtio_mmio_row modern_rows[] = {
	AT(VIRTIO_MMIO_MAGIC)               = {virtio_mmio_constant, NULL, VIRTIO_MMIO_MAGIC_VALUE},
	AT(VIRTIO_MMIO_VERSION)             = {virtio_mmio_constant, NULL, VIRTIO_MMIO_VERSION_2},
	AT(VIRTIO_MMIO_DEVICE_ID)           = {virtio_mmio_device_id, NULL, 0},
	AT(VIRTIO_MMIO_VENDOR_ID)           = {virtio_mmio_constant, NULL, VENDOR},
	AT(VIRTIO_MMIO_DEVICE_FEATURES)     = {device_features, NULL, DEVICE_FEATURES},
	AT(VIRTIO_MMIO_DEVICE_FEATURES_SEL) = {NULL, virtio_mmio_set_select, DEVICE_FEATURES},
	AT(VIRTIO_MMIO_DRIVER_FEATURES)     = {NULL, set_driver_features, DRIVER_FEATURES},
	AT(VIRTIO_MMIO_DRIVER_FEATURES_SEL) = {NULL, virtio_mmio_set_select, DRIVER_FEATURES},
	AT(VIRTIO_MMIO_QUEUE_SEL)           = {NULL, virtio_mmio_set_select, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_SIZE_MAX)      = {virtio_mmio_queue_size_max, NULL, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_SIZE)          = {NULL, virtio_mmio_set_queue_size, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_READY)         = {queue_ready, set_queue_ready, QUEUE},
	AT(VIRTIO_MMIO_QUEUE_NOTIFY)        = {NULL, notify, 0},
	AT(VIRTIO_MMIO_INTERRUPT_STATUS)    = {virtio_mmio_interrupt_status, NULL, 0},
	AT(VIRTIO_MMIO_INTERRUPT_ACK)       = {NULL, virtio_mmio_acknowledge, 0},
	AT(VIRTIO_MMIO_STATUS)              = {virtio_mmio_status, set_status, 0},
	AT(VIRTIO_MMIO_QUEUE_DESC)          = {NULL, set_area, 0},
	AT(VIRTIO_MMIO_QUEUE_DESC + 4)      = {NULL, set_area, 1},
	AT(VIRTIO_MMIO_QUEUE_DRIVER)        = {NULL, set_area, 2},
	AT(VIRTIO_MMIO_QUEUE_DRIVER + 4)    = {NULL, set_area, 3},
	AT(VIRTIO_MMIO_QUEUE_DEVICE)        = {NULL, set_area, 4},
	AT(VIRTIO_MMIO_QUEUE_DEVICE + 4)    = {NULL, set_area, 5},
	AT(VIRTIO_MMIO_SHM_SEL)             = {NULL, virtio_mmio_set_select, SHM},
	AT(VIRTIO_MMIO_SHM_LEN)             = {virtio_mmio_constant, NULL, NO_SHM},
	AT(VIRTIO_MMIO_SHM_LEN + 4)         = {virtio_mmio_constant, NULL, NO_SHM},
	AT(VIRTIO_MMIO_SHM_BASE)            = {virtio_mmio_constant, NULL, NO_SHM},
	AT(VIRTIO_MMIO_SHM_BASE + 4)        = {virtio_mmio_constant, NULL, NO_SHM},
	AT(VIRTIO_MMIO_QUEUE_RESET)         = {queue_reset, set_queue_reset, QUEUE},
	AT(VIRTIO_MMIO_CONFIG_GENERATION)   = {config_generation, NULL, 0},
};
/* clang-format on */
_Static_assert(ROWS(modern_rows) == VIRTIO_MMIO_CONFIG / 4, "all of the registers");

static void register_access(struct virtio_mmio *transport, struct bus_access *access)
{
	static const struct virtio_mmio_row none;
	bool legal = access->size == 4 && access->address % 4 == 0;
	const struct virtio_mmio_row *row = legal ? &transport->rows[access->address / 4] : &none;

	if (access->write && row->write) {
		row->write(transport, row->argument, (uint32_t)access->value);
	} else if (!access->write && row->read) {
		access->value = row->read(transport, row->argument);
	} else {
		virtio_misuse(transport->device);
		access->value = 0;
	}
}

static void region_access(void *context, struct bus_access *access)
{
	struct virtio_mmio *transport = context;

	if (access->address < VIRTIO_MMIO_CONFIG)
		register_access(transport, access);
	else
		transport->config_access(transport->device, access->address - VIRTIO_MMIO_CONFIG,
		                         access);
}

void virtio_mmio_init(struct virtio_mmio *transport, struct virtio_device *device, uint64_t address,
                      struct irq_line line)
{
	const struct virtio_wires wires = {.queue_interrupt = queue_interrupt,
	                                   .config_interrupt = config_interrupt,
	                                   .reset = device_reset,
	                                   .context = transport,
	                                   .cannot = VIRTIO_F_NOTIF_CONFIG_DATA};

	*transport = (struct virtio_mmio){
	    .region = {address, VIRTIO_MMIO_SIZE, region_access, transport, device->name},
	    .device = device,
	    .line = line,
	    .rows = modern_rows,
	    .config_access = virtio_config_access,
	};
	virtio_connect(device, &wires);
}
