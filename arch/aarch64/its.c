/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/its.h"

#include <arch/err.h>
#include <arch/io.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <arch/time.h>
#include <string.h>

#include "arch/aarch64/gic_version.h"
#include "arch/aarch64/lpi.h"
#include "arch/aarch64/paging.h"

#define ITS_SIZE       0x20000
#define GITS_CTLR      0x0000
#define GITS_TYPER     0x0008
#define GITS_CBASER    0x0080
#define GITS_CWRITER   0x0088
#define GITS_CREADR    0x0090
#define GITS_BASER     0x0100
#define GITS_TRANSLATE 0x10040

#define TYPER_ITT_ENTRY(typer)   (((typer) >> 4 & 15) + 1)
#define TYPER_DEVICE_BITS(typer) (((typer) >> 13 & 31) + 1)
#define TYPER_ADDRESSES          (1ul << 19) /* CPUs are named by redistributor, not by number */

#define BASERS           8
#define BASER_VALID      (1ul << 63)
#define BASER_INDIRECT   (1ul << 62)
#define BASER_ATTRIBUTE  (GIC_CACHED << 59 | GIC_SHAREABLE << 10)
#define BASER_TYPE(b)    ((b) >> 56 & 7)
#define BASER_ENTRY(b)   (((b) >> 48 & 31) + 1)
#define BASER_PAGE(b)    ((b) >> 8 & 3)
#define TYPE_DEVICES     1
#define TYPE_COLLECTIONS 4
#define TABLE_PAGES_MAX  256

#define COMMAND_SIZE 32
#define QUEUE_SIZE   PAGE_SIZE
#define COMMAND_US   1000000u
enum { COMMAND_SYNC = 5, COMMAND_MAPD = 8, COMMAND_MAPC, COMMAND_MAPTI, COMMAND_INV = 12 };
#define VALID (1ul << 63)

#define DEVICES    32
#define EVENT_BITS 5
#define EVENTS     (1u << EVENT_BITS)
#define LPIS       MESSAGE_LPIS
#define ITT_ALIGN  256

static struct {
	volatile uint8_t *base;
	uint64_t typer, physical;
	uint8_t *queue;
	uint64_t head; /* where the next command goes, bytes */
	struct table {
		uint64_t *entries;
		uint64_t page, entry, count; /* bytes of a page and of an entry; entries */
		bool indirect;
	} devices;
	struct device {
		uint32_t id, events; /* events 0: a free place */
	} device[DEVICES];
	uint32_t next_lpi;
	bool has_collection[CPU_MAX];
} its;

static uint64_t target_of(unsigned cpu)
{
	volatile uint8_t *redistributor = gic3_redistributor(cpu);

	if (its.typer & TYPER_ADDRESSES)
		return (uint64_t)redistributor;
	return (mmio_read64(redistributor + 8) >> 8 & 0xffff) << 16;
}

static int command(uint64_t word0, uint64_t word1, uint64_t word2)
{
	uint64_t words[4] = {word0, word1, word2, 0};

	memcpy(its.queue + its.head, words, sizeof(words));
	paging_clean(its.queue + its.head, sizeof(words));
	its.head = (its.head + COMMAND_SIZE) % QUEUE_SIZE;
	mmio_write64(its.base + GITS_CWRITER, its.head);
	for (unsigned us = 0; us < COMMAND_US; us++) {
		if ((mmio_read64(its.base + GITS_CREADR) & 0xfffe0) == its.head)
			return 0;
		time_delay_us(1);
	}
	log_error("the ITS does not take command %lu", word0 & 0xff);
	return ERR_IO;
}

/* A table of the ITS's, one page or as many as it needs; the page size is what it accepts. */
static int make_table(unsigned n, uint64_t pages, bool indirect, struct table *table)
{
	volatile uint8_t *reg = its.base + GITS_BASER + 8 * n;
	uint64_t type = mmio_read64(reg) & (7ul << 56 | 31ul << 48), value = 0;

	for (unsigned size = 0; size < 3; size++) {
		table->page = PAGE_SIZE << 2 * size;
		value =
		    type | BASER_ATTRIBUTE | (uint64_t)size << 8 | (indirect ? BASER_INDIRECT : 0);
		mmio_write64(reg, value);
		if (BASER_PAGE(mmio_read64(reg)) == size)
			break;
	}
	table->indirect = mmio_read64(reg) & BASER_INDIRECT;
	table->entry = BASER_ENTRY(type);
	if (indirect && !table->indirect) {
		pages = TABLE_PAGES_MAX;
		value &= ~BASER_INDIRECT;
	}
	table->entries = pages_alloc(pages * table->page / PAGE_SIZE, 64ul << 10);
	if (!table->entries)
		return ERR_NO_MEMORY;
	table->count = pages * table->page / (table->indirect ? 8 : table->entry);
	paging_clean(table->entries, pages * table->page);
	mmio_write64(reg, value | BASER_VALID | (uint64_t)table->entries | (pages - 1));
	return 0;
}

static int make_tables(void)
{
	struct table collections;
	int err = ERR_UNSUPPORTED;

	for (unsigned n = 0; n < BASERS; n++) {
		switch (BASER_TYPE(mmio_read64(its.base + GITS_BASER + 8 * n))) {
		case TYPE_DEVICES:
			err = make_table(n, 1, true, &its.devices);
			break;
		case TYPE_COLLECTIONS:
			err = make_table(n, 1, false, &collections);
			break;
		default:
			continue;
		}
		if (err)
			return err;
	}
	return err;
}

int its_init(const struct host_description *host)
{
	int err;

	if (!host->its_count)
		return ERR_UNSUPPORTED;
	its.physical = host->its[0];
	its.base = mmio_map(its.physical, ITS_SIZE);
	its.typer = mmio_read64(its.base + GITS_TYPER);
	mmio_write32(its.base + GITS_CTLR, 0);
	its.queue = pages_alloc(QUEUE_SIZE / PAGE_SIZE, 64ul << 10);
	if (!its.queue)
		return ERR_NO_MEMORY;
	err = make_tables();
	if (err)
		return err;
	mmio_write64(its.base + GITS_CBASER, BASER_VALID | BASER_ATTRIBUTE | (uint64_t)its.queue);
	mmio_write64(its.base + GITS_CWRITER, 0);
	mmio_write32(its.base + GITS_CTLR, 1);
	its.next_lpi = GIC_LPI_FIRST;
	return lpi_init();
}

/* A collection is a CPU; its number is the CPU's. */
static int need_collection(unsigned cpu)
{
	int err;

	if (its.has_collection[cpu])
		return 0;
	err = lpi_start(cpu);
	if (!err)
		err = command(COMMAND_MAPC, 0, VALID | target_of(cpu) | cpu);
	its.has_collection[cpu] = !err;
	return err;
}

/* The page that holds the device's entry, where the table has two levels. */
static int need_entry(uint32_t id)
{
	struct table *table = &its.devices;
	uint64_t at = id, *page;

	if (TYPER_DEVICE_BITS(its.typer) < 32 && id >> TYPER_DEVICE_BITS(its.typer))
		return ERR_UNSUPPORTED;
	if (table->indirect)
		at = id / (table->page / table->entry);
	if (at >= table->count)
		return ERR_UNSUPPORTED;
	if (!table->indirect || table->entries[at] & VALID)
		return 0;
	page = pages_alloc(table->page / PAGE_SIZE, table->page);
	if (!page)
		return ERR_NO_MEMORY;
	paging_clean(page, table->page);
	table->entries[at] = (uint64_t)page | VALID;
	paging_clean(&table->entries[at], 8);
	return 0;
}

static int map_device(uint32_t id)
{
	uint64_t size = EVENTS * TYPER_ITT_ENTRY(its.typer);
	uint8_t *translations;
	int err = need_entry(id);

	if (err)
		return err;
	translations = pages_alloc((size + PAGE_SIZE - 1) / PAGE_SIZE, PAGE_SIZE);
	if (!translations)
		return ERR_NO_MEMORY;
	paging_clean(translations, size);
	return command(COMMAND_MAPD | (uint64_t)id << 32, EVENT_BITS - 1,
	               VALID | (uint64_t)translations);
}

/* The device with that id, known to the ITS; NULL and *err if that cannot be. */
static struct device *need_device(uint32_t id, int *err)
{
	*err = ERR_NO_MEMORY;
	for (unsigned i = 0; i < DEVICES; i++) {
		struct device *device = &its.device[i];

		if (device->events && device->id == id)
			return device;
		if (device->events)
			continue;
		*err = map_device(id);
		device->id = id;
		return *err ? NULL : device;
	}
	return NULL;
}

int its_alloc(unsigned cpu, struct irq_message *message, uint32_t *intid)
{
	int err = need_collection(cpu);
	struct device *device = err ? NULL : need_device(message->requester, &err);
	uint64_t id = message->requester;

	if (!device)
		return err;
	if (device->events == EVENTS || its.next_lpi == GIC_LPI_FIRST + LPIS)
		return ERR_NO_MEMORY;
	*intid = its.next_lpi;
	lpi_enable(*intid);
	err = command(COMMAND_MAPTI | id << 32, device->events | (uint64_t)*intid << 32, cpu);
	if (!err)
		err = command(COMMAND_INV | id << 32, device->events, 0);
	if (!err)
		err = command(COMMAND_SYNC, 0, target_of(cpu));
	if (err)
		return err;
	message->address = its.physical + GITS_TRANSLATE;
	message->data = device->events++;
	its.next_lpi++;
	return 0;
}
