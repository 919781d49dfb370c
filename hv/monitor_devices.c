/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/monitor_devices.h"

#include <stdio.h>
#include <string.h>

#include "guest-devices/virtio/registry.h"
#include "hv/machine/virtio_set.h"

#define WIDTH  96
#define INDENT 12

struct answer {
	struct vm *vm;
	void (*line)(const char *text);
	char text[WIDTH + 64];
	size_t used;
};

static void flush(struct answer *answer)
{
	if (answer->used > 0)
		answer->line(answer->text);
	answer->used = 0;
}

/* One more word; words that do not fit go on in the next line. */
static void word(struct answer *answer, const char *text)
{
	if (answer->used + 1 + strlen(text) > WIDTH)
		flush(answer);
	if (answer->used == 0)
		answer->used =
		    (size_t)snprintf(answer->text, sizeof(answer->text), "%*s", INDENT, "");
	answer->used += (size_t)snprintf(answer->text + answer->used,
	                                 sizeof(answer->text) - answer->used, " %s", text);
}

static const char *state(struct virtio_device *device)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} states[] = {
	    {VIRTIO_FAILED, "given up by the driver"},
	    {VIRTIO_NEEDS_RESET, "needs a reset"},
	    {VIRTIO_SUSPEND, "suspended"},
	    {VIRTIO_DRIVER_OK, "runs"},
	    {VIRTIO_FEATURES_OK, "features agreed"},
	    {VIRTIO_DRIVER, "has a driver"},
	    {VIRTIO_ACKNOWLEDGE, "was found"},
	};
	uint8_t status = virtio_status(device);

	for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (status & states[i].bit)
			return states[i].name;
	return "reset";
}

static void put_features(struct answer *answer, const struct virtio_device *device)
{
	char number[8];

	for (unsigned bit = 0; bit < 64; bit++) {
		const struct registry_feature *known = registry_feature(device->type, bit);

		if (!(device->features & 1ull << bit))
			continue;
		snprintf(number, sizeof(number), "bit%u", bit);
		word(answer, known ? known->name : number);
	}
	flush(answer);
}

static void put_queues(struct answer *answer, const struct virtio_device *device)
{
	char text[64];

	for (unsigned i = 0; i < device->queue_limit; i++) {
		const struct virtqueue *vq = &device->queues[i];

		if (!vq->enabled)
			continue;
		snprintf(text, sizeof(text), "queue %u: %s, %u entries, %u out;", i,
		         vq->packed ? "packed" : "split", vq->size, vq_in_flight(vq));
		word(answer, text);
	}
	flush(answer);
}

static void describe(void *context, struct virtio_device *device)
{
	struct answer *answer = context;
	const struct registry_type *type = registry_type(device->type);
	const char *name = device->name + strlen(answer->vm->config->name) + 1;

	snprintf(answer->text, sizeof(answer->text), "  %-10s %s (%u), %s%s", name,
	         type ? type->name : "?", device->type, state(device),
	         virtio_legacy(device) ? ", legacy driver" : "");
	answer->line(answer->text);
	put_features(answer, device);
	put_queues(answer, device);
}

void monitor_devices(struct vm *vm, void (*line)(const char *text))
{
	struct answer answer = {.vm = vm, .line = line};

	snprintf(answer.text, sizeof(answer.text), "%s: virtio over %s", vm->config->name,
	         config_virtio_name(vm->config->virtio));
	line(answer.text);
	vm_lock(vm);
	virtio_set_each(vm->virtio, describe, &answer);
	vm_unlock(vm);
}
