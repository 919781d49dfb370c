/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/churn/fixture.h"

#include <stdio.h>
#include <string.h>

#include <arch/pages.h>

#include "guest-devices/virtio/virtio_pci.h"
#include "hv/console.h"
#include "hv/machine/pc/pc.h"
#include "hv/monitor.h"
#include "hv/net/net.h"

struct vm vm;
struct boot_info info;
struct vm_config guest;
static struct config config;
static uint8_t kernel[4096];

static const char text[] = "[vm alpha]\nmemory = 16M\nkernel = vmlinuz\ninitrd = image\n"
                           "disk = ram:64K\ndisk = image:image\nnet = nat\n"
                           "forward = tcp:8080:80\nrng = yes\n"
                           "scsi = ram:64K\nscsi = image:image\nballoon = yes\n"
                           "clock = yes\nvsock = 3\nexample = yes\n";

struct base_line base_line(void)
{
	return (struct base_line){pages_free_count(), hosted_memory.objects};
}

bool same_base(struct base_line a, struct base_line b)
{
	return a.pages == b.pages && a.objects == b.objects;
}

static void add_file(const char *name, void *data, size_t size)
{
	struct boot_file *file = &info.files[info.file_count++];

	snprintf(file->name, sizeof(file->name), "%s", name);
	file->data = data;
	file->size = size;
}

/* The least that passes for a bzImage. */
static void make_kernel(void)
{
	static const uint8_t header[] = {0x55, 0xaa, 0x66, 0, 'H', 'd', 'r', 'S', 15, 2};

	kernel[0x1f1] = 1;
	memcpy(kernel + 0x1fe, header, sizeof(header));
	kernel[0x211] = 1;
	memset(kernel + 0x22c, 0x7f, 4);
	kernel[0x239] = 7;
}

static void report(void *context, const char *line)
{
	(void)context;
	cr_assert_fail("%s", line);
}

void churn_setup(void)
{
	static uint8_t image[8192];

	hosted_reset();
	make_kernel();
	add_file("vmlinuz", kernel, sizeof(kernel));
	add_file("image", image, sizeof(image));
	config_parse(&config, "vireo.ini", text, strlen(text), report, NULL);
	guest = config.vms[0];
	console_start(monitor_command);
	net_start(NULL, &config.uplink);
	vms = &vm;
	vm_count = 1;
}

void create(void)
{
	vm_create(&vm, &guest, &info, 0, 0);
}

struct virtio_device *device_in(unsigned slot)
{
	struct pci_function *function = vm.board->pci.slots[slot];

	return ((struct virtio_pci *)((char *)function - offsetof(struct virtio_pci, function)))
	    ->device;
}
