/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/machine/virtio_set.h"

#include <stdio.h>
#include <string.h>

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>

#include "guest-devices/virtio/blk.h"
#include "guest-devices/virtio/console.h"
#include "guest-devices/virtio/example.h"
#include "guest-devices/virtio/net.h"
#include "guest-devices/virtio/rng.h"
#include "guest-devices/virtio/virtio_mmio.h"
#include "guest-devices/virtio/virtio_pci.h"
#include "hv/balloon.h"
#include "hv/blk/backing.h"
#include "hv/clock.h"
#include "hv/console.h"
#include "hv/net/net.h"
#include "hv/rng.h"
#include "hv/scsi.h"
#include "hv/vsock/guest.h"

/* One device: a name for messages, and the transport it sits behind. */
struct slot {
	char name[CONFIG_NAME + 16];
	struct virtio_device *device;
	union {
		struct virtio_pci pci;
		struct virtio_mmio mmio;
	} transport;
};

#define SLOTS (CONFIG_DISKS + 12) /* disks, and one of each other kind */

struct disk {
	struct virtio_blk device;
	struct backing backing;
};

struct virtio_set {
	struct vm *vm;
	struct virtio_places places;
	unsigned count;
	struct slot slots[SLOTS]; /* the first count, in the order in which the guest finds them */
	struct virtio_console console;
	struct virtio_net net;
	struct virtio_rng rng;
	struct balloon balloon;
	struct clock clock;
	struct virtio_vsock *vsock;
	struct virtio_example example;
	struct disk *disks[CONFIG_DISKS];
	struct scsi_host *scsi;
};

_Static_assert(1 + CONFIG_PORTS <= VIRTIO_CONSOLE_PORTS, "a console has ports for all");

#define PAGES_FOR(bytes) (((bytes) + PAGE_SIZE - 1) / PAGE_SIZE)

/* The next device's, with its name. It counts once it is plugged. */
static struct slot *next_slot(struct virtio_set *set, const char *kind, unsigned number)
{
	struct slot *slot = &set->slots[set->count];

	CHECK(set->count < SLOTS);
	snprintf(slot->name, sizeof(slot->name), "%s %s%u", set->vm->config->name, kind, number);
	return slot;
}

static int plug_pci(struct virtio_set *set, struct slot *slot, unsigned n)
{
	static const enum virtio_face faces[] = {
	    [VIRTIO_OVER_PCI] = VIRTIO_MODERN,
	    [VIRTIO_OVER_PCI_TRANSITIONAL] = VIRTIO_TRANSITIONAL,
	    [VIRTIO_OVER_PCI_LEGACY] = VIRTIO_LEGACY,
	};
	int err;

	virtio_pci_init_as(&slot->transport.pci, slot->device, faces[set->vm->config->virtio]);
	err = pci_host_add(set->places.pci, &slot->transport.pci.function,
	                   set->places.first_slot + n);
	if (err)
		log_error("%s: no room on the guest's PCI bus%s", slot->name,
		          set->vm->config->virtio == VIRTIO_OVER_PCI
		              ? ""
		              : ", which needs ports for legacy drivers");
	return err;
}

static void share_set(void *context, unsigned source, bool level)
{
	irq_share_set(context, source, level);
}

static int plug_mmio(struct virtio_set *set, struct slot *slot, unsigned n)
{
	struct irq_share *share = &set->places.mmio_lines[n % VIRTIO_SET_MMIO_LINES];

	uint64_t address = set->places.mmio + n * VIRTIO_MMIO_SIZE;
	struct irq_line line = {share_set, share, n / VIRTIO_SET_MMIO_LINES};

	if (set->vm->config->virtio == VIRTIO_OVER_MMIO_LEGACY)
		virtio_mmio_legacy_init(&slot->transport.mmio, slot->device, address, line);
	else
		virtio_mmio_init(&slot->transport.mmio, slot->device, address, line);
	return bus_add(&set->vm->memory, &slot->transport.mmio.region);
}

static bool on_mmio(const struct virtio_set *set)
{
	return set->vm->config->virtio >= VIRTIO_OVER_MMIO;
}

static int plug(struct virtio_set *set, struct slot *slot, struct virtio_device *device)
{
	unsigned n = set->count++;

	if (set->vm->config->ring == RING_PACKED)
		virtio_offer(device, VIRTIO_F_RING_PACKED);
	slot->device = device;
	return on_mmio(set) ? plug_mmio(set, slot, n) : plug_pci(set, slot, n);
}

/* The device's port n + 1 */
static int join_port(struct virtio_set *set, unsigned n)
{
	struct console_port *port =
	    console_port_further(set->vm->console, n, set->vm->config->ports[n]);

	if (port)
		char_join(virtio_console_end(&set->console, n + 1),
		          console_port_end(port, CONSOLE_VIRTIO));
	return port ? 0 : ERR_NO_MEMORY;
}

static int add_console(struct virtio_set *set)
{
	const struct vm_config *vm = set->vm->config;
	struct slot *slot = next_slot(set, "console", 0);
	struct virtio_console_config config = {
	    .name = slot->name,
	    .mem = &set->vm->mem,
	    .timer_scope = &set->vm->vcpus[0],
	    .cols = 80,
	    .rows = 24,
	    .ports = vm->port_count ? 1 + vm->port_count : 0,
	};

	for (unsigned i = 0; i < vm->port_count; i++)
		config.names[1 + i] = vm->ports[i];
	virtio_console_init(&set->console, &config);
	char_join(virtio_console_end(&set->console, 0),
	          console_port_end(set->vm->console, CONSOLE_VIRTIO));
	for (unsigned i = 0; i < vm->port_count; i++)
		if (join_port(set, i))
			return ERR_NO_MEMORY;
	return plug(set, slot, &set->console.device);
}

static int add_net(struct virtio_set *set)
{
	const struct vm *vm = set->vm;
	struct net_end *port = net_port_open(&(struct net_port_config){
	    .guest = vm->number,
	    .name = vm->config->name,
	    .forwards = vm->config->forwards,
	    .forward_count = vm->config->forward_count,
	    .lock = vm_lock,
	    .unlock = vm_unlock,
	    .context = set->vm,
	});
	struct slot *slot = next_slot(set, "net", 0);

	if (!port)
		return ERR_NO_MEMORY;
	virtio_net_init(&set->net, &(struct virtio_net_config){
	                               .name = slot->name,
	                               .mem = &vm->mem,
	                               .timer_scope = &set->vm->vcpus[0],
	                               .mac = {0x52, 0x56, 0, 0, (uint8_t)vm->number, 2},
	                               .mtu = (uint16_t)vm->config->mtu,
	                               .queues = vm->config->queues,
	                           });
	net_cable_join(&set->net.end, port);
	return plug(set, slot, &set->net.device);
}

static int add_rng(struct virtio_set *set)
{
	struct slot *slot = next_slot(set, "rng", 0);

	virtio_rng_init(&set->rng, &(struct virtio_rng_config){
	                               .name = slot->name,
	                               .mem = &set->vm->mem,
	                               .timer_scope = &set->vm->vcpus[0],
	                               .backend = rng_backend(),
	                           });
	return plug(set, slot, &set->rng.device);
}

static int add_balloon(struct virtio_set *set)
{
	struct slot *slot = next_slot(set, "balloon", 0);

	balloon_init(&set->balloon, set->vm, slot->name);
	return plug(set, slot, &set->balloon.device.device);
}

static int add_clock(struct virtio_set *set)
{
	struct slot *slot = next_slot(set, "rtc", 0);

	clock_init(&set->clock, set->vm, slot->name);
	return plug(set, slot, &set->clock.device.device);
}

static int add_example(struct virtio_set *set)
{
	struct slot *slot = next_slot(set, "example", 0);

	virtio_example_init(&set->example, &(struct virtio_example_config){
	                                       .name = slot->name,
	                                       .mem = &set->vm->mem,
	                                       .timer_scope = &set->vm->vcpus[0],
	                                       .text_max = EXAMPLE_TEXT_MAX,
	                                   });
	return plug(set, slot, &set->example.device);
}

static int add_disk(struct virtio_set *set, unsigned number)
{
	const struct disk_config *config = &set->vm->config->disks[number];
	struct disk *disk = pages_alloc(PAGES_FOR(sizeof(*disk)), PAGE_SIZE);
	struct slot *slot = next_slot(set, "blk", number);
	char id[CONFIG_NAME + 24];
	int err;

	if (!disk)
		return ERR_NO_MEMORY;
	set->disks[number] = disk;
	snprintf(id, sizeof(id), "vireo-%s-%u", set->vm->config->name, number);
	err = backing_open(&disk->backing, set->vm, config, "disk", id);
	if (err)
		return err;
	virtio_blk_init(&disk->device, &(struct virtio_blk_config){
	                                   .name = slot->name,
	                                   .mem = &set->vm->mem,
	                                   .timer_scope = &set->vm->vcpus[0],
	                                   .backend = &disk->backing.disk.backend,
	                                   .size_max = set->vm->config->balloon ? GUEST_PAGE : 0,
	                                   .queues = set->vm->config->queues,
	                               });
	return plug(set, slot, &disk->device.device);
}

static int add_scsi(struct virtio_set *set)
{
	struct slot *slot = next_slot(set, "scsi", 0);
	int err = scsi_host_create(&set->scsi, set->vm, slot->name);

	return err ? err : plug(set, slot, &set->scsi->device.device);
}

static int add_vsock(struct virtio_set *set)
{
	struct slot *slot = next_slot(set, "vsock", 0);
	int err = vsock_guest_create(&set->vsock, set->vm, slot->name);

	return err ? err : plug(set, slot, &set->vsock->device);
}

static int add_all(struct virtio_set *set)
{
	const struct vm_config *config = set->vm->config;
	int err = add_console(set);

	for (unsigned i = 0; i < config->disk_count && !err; i++)
		err = add_disk(set, i);
	if (!err && config->net == NET_NAT)
		err = add_net(set);
	if (!err && config->rng)
		err = add_rng(set);
	if (!err && config->balloon)
		err = add_balloon(set);
	if (!err && config->scsi_count > 0)
		err = add_scsi(set);
	if (!err && config->clock)
		err = add_clock(set);
	if (!err && config->vsock)
		err = add_vsock(set);
	if (!err && config->example)
		err = add_example(set);
	return err;
}

int virtio_set_create(struct virtio_set **created, struct vm *vm,
                      const struct virtio_places *places)
{
	struct virtio_set *set = pages_alloc(PAGES_FOR(sizeof(*set)), PAGE_SIZE);
	int err;

	if (!set)
		return ERR_NO_MEMORY;
	set->vm = vm;
	set->places = *places;
	err = add_all(set);
	if (err)
		virtio_set_destroy(set);
	else
		*created = set;
	return err;
}

struct balloon *virtio_set_balloon(struct virtio_set *set)
{
	return set->vm->config->balloon ? &set->balloon : NULL;
}

struct virtio_vsock *virtio_set_vsock(struct virtio_set *set)
{
	return set->vsock;
}

static int resize_disk(struct disk *disk, uint64_t size)
{
	int err = disk ? backing_resize(&disk->backing, size) : ERR_NOT_FOUND;

	if (!err)
		virtio_blk_resized(&disk->device);
	return err;
}

int virtio_set_resize(struct virtio_set *set, const char *disk, uint64_t size)
{
	for (unsigned i = 0; i < CONFIG_DISKS; i++) {
		char blk[16], scsi[16];

		snprintf(blk, sizeof(blk), "blk%u", i);
		snprintf(scsi, sizeof(scsi), "scsi%u", i);
		if (strcmp(disk, blk) == 0)
			return resize_disk(set->disks[i], size);
		if (strcmp(disk, scsi) == 0)
			return scsi_host_resize(set->scsi, i, size);
	}
	return ERR_NOT_FOUND;
}

bool virtio_set_idle(const struct virtio_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if (!virtio_idle(set->slots[i].device))
			return false;
	return true;
}

unsigned virtio_set_mmio_count(const struct virtio_set *set)
{
	return on_mmio(set) ? set->count : 0;
}

void virtio_set_destroy(struct virtio_set *set)
{
	net_port_close(set->vm->number);
	vsock_guest_destroy(set->vsock, set->vm);
	for (unsigned i = 0; i < CONFIG_DISKS; i++) {
		struct disk *disk = set->disks[i];

		if (!disk)
			continue;
		backing_close(&disk->backing);
		pages_free(disk, PAGES_FOR(sizeof(*disk)));
	}
	scsi_host_destroy(set->scsi);
	pages_free(set, PAGES_FOR(sizeof(*set)));
}

void virtio_set_reset(struct virtio_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		virtio_reset(set->slots[i].device);
	if (set->vm->config->net == NET_NAT)
		net_port_reset(set->vm->number);
}

void virtio_set_stats(struct virtio_set *set,
                      void (*show)(void *context, const char *device, const char *name,
                                   uint64_t value),
                      void *context)
{
	for (unsigned n = 0; n < set->count; n++) {
		const struct slot *slot = &set->slots[n];
		const struct virtio_device *device = slot->device;
		const char *name = slot->name + strlen(set->vm->config->name) + 1;
		uint64_t kicks = 0, chains = 0, interrupts = 0;

		for (unsigned i = 0; i < device->queue_count; i++) {
			kicks += device->queues[i].kicks;
			chains += device->queues[i].chains;
			interrupts += device->queues[i].interrupts;
		}
		show(context, name, "kicks", kicks);
		show(context, name, "requests", chains);
		show(context, name, "interrupts", interrupts);
		show(context, name, "misuse", device->misuse);
	}
}

void virtio_set_each(struct virtio_set *set,
                     void (*visit)(void *context, struct virtio_device *device), void *context)
{
	for (unsigned i = 0; i < set->count; i++)
		visit(context, set->slots[i].device);
}
