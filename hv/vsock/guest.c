/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/vsock/guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <arch/err.h>
#include <arch/pages.h>
#include <arch/time.h>

#define DEVICE_PAGES ((sizeof(struct virtio_vsock) + PAGE_SIZE - 1) / PAGE_SIZE)

struct text {
	char *to;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3))) line(struct text *text, const char *fmt, ...)
{
	size_t left = text->size - text->used;
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(text->to + text->used, left, fmt, args);
	va_end(args);
	if (length > 0)
		text->used += (size_t)length < left ? (size_t)length : left - 1;
}

size_t vsock_guest_status(const struct vm *vm, char *to, size_t size)
{
	const struct vm_config *config = vm->config;
	struct text text = {to, size, 0};

	line(&text, "name: %s\ncid: %u\n", config->name, config->vsock);
	line(&text, "memory: %llu MiB\n", (unsigned long long)(config->memory >> 20));
	line(&text, "memory with the machine: %zu KiB\n", vm->pages_missing * (PAGE_SIZE / 1024));
	line(&text, "resets: %u\n", vm->resets);
	line(&text, "up for: %llu ms\n", (unsigned long long)((time_ns() - vm->started) / 1000000));
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		line(&text, "vcpu %u has run for: %llu ms\n", i,
		     (unsigned long long)(vm->vcpus[i].run_ns / 1000000));
	for (unsigned i = 0; i < vm_count; i++)
		if (config->vsock_connects & 1u << i)
			line(&text, "peer %s: %u\n", vms[i].config->name, config->vsock_links[i]);
	return text.used;
}

static void wake(void *vm)
{
	vm_send_mail(vm);
}

static size_t describe(void *vm, char *to, size_t size)
{
	return vsock_guest_status(vm, to, size);
}

int vsock_guest_create(struct virtio_vsock **created, struct vm *vm, const char *name)
{
	const struct vm_config *config = vm->config;
	struct virtio_vsock *device = pages_alloc(DEVICE_PAGES, PAGE_SIZE);
	struct vsock_port_config port = {
	    .guest = vm->number,
	    .cid = config->vsock,
	    .connects = config->vsock_connects,
	    .device = device,
	    .timer_scope = &vm->vcpus[0],
	    .wake = wake,
	    .describe = describe,
	    .context = vm,
	};
	struct virtio_vsock_config vsock = {
	    .name = name,
	    .mem = &vm->mem,
	    .timer_scope = &vm->vcpus[0],
	    .cid = config->vsock,
	};

	*created = device;
	if (!device)
		return ERR_NO_MEMORY;
	memcpy(port.links, config->vsock_links, sizeof(port.links));
	vsock.backend = vsock_port_open(&port);
	if (!vsock.backend)
		return ERR_NO_MEMORY;
	return virtio_vsock_init(device, &vsock) ? 0 : ERR_INVALID;
}

void vsock_guest_destroy(struct virtio_vsock *device, struct vm *vm)
{
	vsock_port_close(vm->number);
	if (device)
		pages_free(device, DEVICE_PAGES);
}
