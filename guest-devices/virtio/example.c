/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/example.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/work.h"

enum { HEADER = 4, STATUS = 1 }; /* bytes before the text, and before the result */

static struct virtio_example *of_device(struct virtio_device *device)
{
	return (void *)((char *)device - offsetof(struct virtio_example, device));
}

/* The operations: the text is in example->text. They return the size of the result, which takes the
 * text's place. */
static uint32_t sum(uint8_t *text, uint32_t size)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i < size; i++)
		total += text[i];
	le32_put(text, total);
	return 4;
}

static uint32_t upper(uint8_t *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (uint8_t)(text[i] - 'a' + 'A');
	return size;
}

/* Parse: everything is read once, into memory of our own, and checked there. */
static uint8_t fetch(struct virtio_example *example, uint32_t *operation, uint32_t *size)
{
	const struct vq_chain *chain = &example->chain;
	uint8_t header[HEADER];

	if (vq_read(chain, 0, header, HEADER) != HEADER)
		return EXAMPLE_INVALID;
	*operation = le32_get(header);
	*size = chain->read_size - HEADER;
	if (*size > example->text_max)
		return EXAMPLE_INVALID;
	vq_read(chain, HEADER, example->text, *size);
	return EXAMPLE_OK;
}

/* Execute: the result's size is *size. */
static uint8_t execute(struct virtio_example *example, uint32_t operation, uint32_t *size)
{
	if (operation == EXAMPLE_SUM)
		*size = sum(example->text, *size);
	else if (operation == EXAMPLE_UPPER && virtio_has(&example->device, EXAMPLE_F_UPPER))
		*size = upper(example->text, *size);
	else
		return EXAMPLE_UNKNOWN;
	return STATUS + *size <= example->chain.write_size ? EXAMPLE_OK : EXAMPLE_INVALID;
}

/* One request; returns the bytes written: none where there is not even room for a status. */
static uint32_t serve(struct virtio_example *example)
{
	uint32_t operation, size = 0;
	uint8_t status = fetch(example, &operation, &size);
	size_t written;

	if (status == EXAMPLE_OK)
		status = execute(example, operation, &size);
	if (status != EXAMPLE_OK)
		size = 0;
	written = vq_write(&example->chain, 0, &status, STATUS);
	written += vq_write(&example->chain, STATUS, example->text, size);
	return (uint32_t)written;
}

static void serve_ring(struct virtio_example *example)
{
	struct work work = work_begin(&example->queue, &example->later);

	while (work_next(&work, &example->chain)) {
		uint32_t written = serve(example);

		vq_push(&example->queue, &example->chain, written);
		work_spend(&work, (uint64_t)example->chain.read_size + written);
	}
	virtio_notify_queue(&example->device, 0);
}

static void later(void *context)
{
	struct virtio_example *example = context;

	if (virtio_running(&example->device))
		serve_ring(example);
}

static void notify(struct virtio_device *device, unsigned queue)
{
	(void)queue;
	serve_ring(of_device(device));
}

static void reset(struct virtio_device *device)
{
	port_timer_set(&of_device(device)->later, UINT64_MAX);
}

static const struct virtio_ops ops = {.reset = reset, .notify = notify};

static void allow(struct virtio_example *example, uint32_t text_max)
{
	example->text_max = text_max < EXAMPLE_TEXT_MAX ? text_max : EXAMPLE_TEXT_MAX;
	le32_put(example->space, example->text_max);
}

void virtio_example_init(struct virtio_example *example, const struct virtio_example_config *config)
{
	memset(example, 0, sizeof(*example));
	example->later =
	    (struct port_timer){.fire = later, .context = example, .scope = config->timer_scope};
	allow(example, config->text_max);
	example->device = (struct virtio_device){
	    .ops = &ops,
	    .name = config->name,
	    .type = EXAMPLE_DEVICE_TYPE,
	    .offered = EXAMPLE_F_UPPER,
	    .config = example->space,
	    .config_size = sizeof(example->space),
	    .queues = &example->queue,
	    .queue_count = 1,
	};
	virtio_init(&example->device, config->mem, VQ_SIZE_MAX);
}

void virtio_example_set_text_max(struct virtio_example *example, uint32_t text_max)
{
	allow(example, text_max);
	virtio_config_changed(&example->device);
}
