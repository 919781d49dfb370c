/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/pci.h"

#include <stdlib.h>
#include <string.h>

#include "guest-devices/pci/pci.h"
#include "tests/lib/raw_virtio_pci.h"

enum {
	ECAM = 0x30000000,
	WINDOW = 0x20000000,
	WINDOW_SIZE = 0x1000000,
	PORTS = 0xc000,
	PORTS_SIZE = 0x1000,
	CF8 = 0xcf8,
	CFC = 0xcfc,
	SLOT = 3,
	NEIGHBOUR = 5,
	NEIGHBOUR_SIZE = 0x1000,
	NEIGHBOUR_PORTS = 16,
};

static struct machine {
	struct pci_host host;
	struct virtio_pci pci;
	struct pci_function neighbour;
	struct bus ports;
	bool lines[4];
} machine;

/* ---- the far ends ---- */

static void neighbour_access(void *context, struct bus_access *access)
{
	const uint64_t *size = context;

	if (access->address + access->size > *size)
		abort();
	access->value = 0;
}

static void set_line(void *context, unsigned number, bool level)
{
	(void)context;
	if (machine.lines[number] == level)
		abort();
	machine.lines[number] = level;
}

static void send(void *context, uint64_t address, uint32_t data)
{
	const struct pci_function *function = &machine.pci.function;

	(void)context, (void)address, (void)data;
	if (!pci_msix_enabled(function) ||
	    !(pci_config_get16(function, PCI_COMMAND) & PCI_COMMAND_MASTER))
		abort();
}

/* ---- what a vCPU does ---- */

static uint64_t access_at(struct bus *bus, uint64_t address, struct bus_access access)
{
	access.address = address;
	bus_dispatch(bus, &access);
	return access.value;
}

static void configure(struct fuzz *fuzz, unsigned slot, unsigned offset, struct bus_access access)
{
	access_at(&fuzz->mem.bus, ECAM + (slot << 15) + offset, access);
}

/* Wherever the BAR is now. */
static void set(unsigned offset, uint8_t size, uint64_t value)
{
	struct bus_access access = {VIRTIO_PCI_COMMON + offset, value, size, true};

	virtio_pci_bar_access(&machine.pci, &access);
}

static void set_legacy(unsigned offset, uint8_t size, uint64_t value)
{
	struct bus_access access = {offset, value, size, true};

	virtio_pci_legacy_access(&machine.pci, &access);
}

/* ---- construction ---- */

static void add_neighbour(void)
{
	static uint64_t memory = NEIGHBOUR_SIZE, ports = NEIGHBOUR_PORTS;

	pci_function_init(&machine.neighbour, 0x1234, 0x5678, 0xff0000, 0, 0);
	pci_bar_init(&machine.neighbour, 0, NEIGHBOUR_SIZE, false, neighbour_access, &memory,
	             "neighbour");
	pci_ports_bar_init(&machine.neighbour, 1, NEIGHBOUR_PORTS, neighbour_access, &ports,
	                   "neighbour");
	if (pci_host_add(&machine.host, &machine.neighbour, NEIGHBOUR))
		abort();
}

void fuzz_pci_create(struct fuzz *fuzz, enum virtio_face face)
{
	struct pci_host_config config = {
	    .ecam_base = ECAM,
	    .window32 = WINDOW,
	    .window32_size = WINDOW_SIZE,
	    .ports_window = PORTS,
	    .ports_size = PORTS_SIZE,
	    .ports_cf8 = true,
	    .msi = {send, NULL},
	};

	memset(&machine, 0, sizeof(machine));
	for (unsigned i = 0; i < 4; i++)
		config.lines[i] = (struct irq_line){set_line, NULL, i};
	echo_create(fuzz);
	pci_host_init(&machine.host, &fuzz->mem.bus, &machine.ports, &config);
	virtio_pci_init_as(&machine.pci, fuzz->device, face);
	if (pci_host_add(&machine.host, &machine.pci.function, SLOT))
		abort();
	add_neighbour();
	configure(
	    fuzz, SLOT, PCI_COMMAND,
	    (struct bus_access){.value = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER,
	                        .size = 2,
	                        .write = true});
}

/* ---- drivers ---- */

static void set_queue(struct fuzz *fuzz, unsigned queue)
{
	uint64_t areas[3];

	set(RAW_QUEUE_SELECT, 2, queue);
	set(RAW_QUEUE_SIZE, 2, fuzz_ring_make(fuzz, queue)->size);
	set(RAW_QUEUE_VECTOR, 2, queue);
	fuzz_ring_areas(fuzz, queue, areas);
	for (unsigned i = 0; i < 6; i++)
		set(RAW_QUEUE_DESC + 4 * i, 4, (uint32_t)(areas[i / 2] >> 32 * (i & 1)));
	set(RAW_QUEUE_ENABLE, 2, 1);
}

void fuzz_pci_start(struct fuzz *fuzz, uint64_t features)
{
	set(RAW_STATUS, 1, 0);
	set(RAW_STATUS, 1, 1);
	set(RAW_STATUS, 1, 3);
	for (unsigned half = 0; half < 2; half++) {
		set(RAW_DRIVER_FEATURE_SELECT, 4, half);
		set(RAW_DRIVER_FEATURE, 4, (uint32_t)(features >> 32 * half));
	}
	set(RAW_STATUS, 1, 11);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++)
		set_queue(fuzz, i);
	set(RAW_STATUS, 1, 15);
}

/* A queue has the size that the device gives it. */
void fuzz_pci_start_legacy(struct fuzz *fuzz, uint64_t features)
{
	enum { FEATURES = 4, PAGE = 8, SELECT = 14, STATUS = 18 };

	fuzz->packed = false;
	set_legacy(STATUS, 1, 0);
	set_legacy(STATUS, 1, 3);
	set_legacy(FEATURES, 4, (uint32_t)features);
	for (unsigned i = 0; i < fuzz->device->queue_count; i++) {
		const struct fuzz_ring *ring = fuzz_ring_make_legacy(fuzz, i, VQ_SIZE_MAX);

		set_legacy(SELECT, 2, i);
		set_legacy(PAGE, 4, ring->split.desc / GUEST_PAGE);
	}
	set_legacy(STATUS, 1, 7);
}

void fuzz_pci_kick(struct fuzz *fuzz, unsigned queue)
{
	struct bus_access access = {VIRTIO_PCI_NOTIFY + queue * VIRTIO_PCI_NOTIFY_MULTIPLIER, queue,
	                            2, true};

	(void)fuzz;
	virtio_pci_bar_access(&machine.pci, &access);
}

void fuzz_pci_kick_legacy(struct fuzz *fuzz, unsigned queue)
{
	enum { NOTIFY = 16 };

	(void)fuzz;
	set_legacy(NOTIFY, 2, queue);
}

/* Through the two ports, or at them. */
static void by_mechanism_1(unsigned slot, uint64_t offset, struct bus_access access)
{
	struct bus_access address = {
	    .value = 0x80000000u | slot << 11 | (offset & 0xfc), .size = 4, .write = true};

	if (offset & 0x8000) {
		access_at(&machine.ports, CF8 + (offset & 7), access);
		return;
	}
	access_at(&machine.ports, CF8, address);
	access_at(&machine.ports, CFC + (offset & 3), access);
}

/* Configuration space of one function or the other, or where BARs are when all begins. */
void fuzz_pci_access(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);
	uint64_t offset = fuzz_u16(fuzz), value = fuzz_u32(fuzz);
	unsigned slot = how & 0x80 ? NEIGHBOUR : SLOT;
	struct bus_access access = {
	    .value = value, .size = (uint8_t)(1u << (how & 3)), .write = how & 4};

	fuzz_run_wild(fuzz);
	switch (how & 0x38) {
	case 0x00:
		access_at(&fuzz->mem.bus, WINDOW + (offset & 0x3f), access);
		break;
	case 0x10:
		access_at(&fuzz->mem.bus, WINDOW + offset, access);
		break;
	case 0x20:
		access_at(&machine.ports, PORTS + (offset & 0x3f), access);
		break;
	case 0x28:
		by_mechanism_1(slot, offset, access);
		break;
	case 0x30:
		access_at(&machine.ports, offset, access);
		break;
	default:
		configure(fuzz, slot, offset & 0xfff, access);
	}
}

void fuzz_pci_event(struct fuzz *fuzz, uint8_t what)
{
	if (what == 0xff)
		pci_host_reset(&machine.host);
	else
		echo_event(fuzz, what);
}

/* ---- what must hold ---- */

static void check_bar(const struct pci_function *function, unsigned number)
{
	const struct pci_bar *bar = &function->bars[number];
	uint32_t low = pci_config_get32(function, PCI_BAR0 + 4 * number);
	uint64_t first = bar->is_ports ? PORTS : WINDOW, start = bar->region.start;
	uint64_t size = bar->is_ports ? PORTS_SIZE : WINDOW_SIZE;
	unsigned enable = bar->is_ports ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	const struct bus *bus = bar->is_ports ? machine.host.ports : machine.host.memory;

	if (!bar->mapped) {
		if (bar->size && bus_find(bus, start) == &bar->region)
			abort();
		return;
	}
	if ((low & (bar->is_ports ? ~3u : ~0xfu)) != (uint32_t)start || start < first ||
	    start + bar->size > first + size ||
	    !(pci_config_get16(function, PCI_COMMAND) & enable) ||
	    bus_find(bus, start) != &bar->region)
		abort();
}

void fuzz_pci_check(const struct fuzz *fuzz)
{
	const struct pci_function *function = &machine.pci.function;
	uint16_t command = pci_config_get16(function, PCI_COMMAND);
	bool level =
	    machine.pci.isr && !pci_msix_enabled(function) && !(command & PCI_COMMAND_INTX_OFF);

	(void)fuzz;
	for (unsigned i = 0; i < PCI_BARS; i++) {
		check_bar(function, i);
		check_bar(&machine.neighbour, i);
	}
	if (machine.lines[SLOT & 3] != level)
		abort();
}
