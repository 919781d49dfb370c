/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest RAM: from an address to bytes, or a refusal with a reason. */
#include "guest-devices/guest_mem.h"

#include "guest-devices/bus.h"
#include "guest-devices/err.h"

static uint8_t *page_of(const struct guest_mem *mem, const struct guest_mem_slot *slot,
                        uint64_t page)
{
	if (!slot->pages[page] && mem->pager)
		mem->pager->bring(mem->pager, slot->address + page * GUEST_PAGE);
	return slot->pages[page];
}

uint8_t *guest_mem_paged(const struct guest_mem *mem, const struct guest_mem_slot *slot,
                         uint64_t offset, uint64_t want, uint64_t *run)
{
	uint64_t page = offset / GUEST_PAGE, pages = slot->size / GUEST_PAGE;
	uint8_t *first = page_of(mem, slot, page), *end = first;

	if (!first)
		return NULL;
	want += offset % GUEST_PAGE;
	do
		end += GUEST_PAGE;
	while ((uint64_t)(end - first) < want && ++page < pages && page_of(mem, slot, page) == end);
	*run = (uint64_t)(end - first) - offset % GUEST_PAGE;
	return first + offset % GUEST_PAGE;
}

/* What could not be reached: what can be read was to be written. */
static int refusal(const struct guest_mem *mem, uint64_t address)
{
	uint64_t run;

	return guest_mem_run(mem, address, false, &run) ? GD_READ_ONLY : GD_FAULT;
}

int guest_mem_check(const struct guest_mem *mem, uint64_t address, uint64_t size, bool write)
{
	uint64_t run, start = address;

	while (size > 0) {
		if (!guest_mem_reach(mem, address, write, size, &run)) {
			if (address == start && mem->devices && bus_find(mem->devices, address))
				return GD_NOT_RAM;
			return refusal(mem, address);
		}
		if (run >= size)
			break;
		size -= run;
		address += run; /* no wrap to 0: slots do not wrap, and 0 ends the walk */
		if (address == 0)
			return GD_FAULT;
	}
	return 0;
}

/* The range was checked; slots do not change. */
static void copy(const struct guest_mem *mem, uint64_t address, uint8_t *buffer, size_t size,
                 bool write)
{
	while (size > 0) {
		uint64_t run = 0;
		uint8_t *host = guest_mem_reach(mem, address, write, size, &run);
		size_t part = run < size ? (size_t)run : size;

		guest_copy(write ? host : buffer, write ? buffer : host, part);
		address += part;
		buffer += part;
		size -= part;
	}
}

static int transfer(const struct guest_mem *mem, uint64_t address, void *buffer, size_t size,
                    bool write)
{
	int error = guest_mem_check(mem, address, size, write);

	if (!error)
		copy(mem, address, buffer, size, write);
	return error;
}

int guest_mem_read(const struct guest_mem *mem, uint64_t address, void *to, size_t size)
{
	return transfer(mem, address, to, size, false);
}

int guest_mem_write(const struct guest_mem *mem, uint64_t address, const void *from, size_t size)
{
	return transfer(mem, address, (void *)(uintptr_t)from, size, true);
}

void *guest_mem_payload(const struct guest_mem *mem, uint64_t address, uint64_t size)
{
	uint64_t run = 0;
	uint8_t *host = guest_mem_reach(mem, address, true, size, &run);

	return size <= run ? host : NULL;
}

/* An aligned scalar never crosses slots: they start and end on pages. No RAM: no run. */
static int scalar16(const struct guest_mem *mem, uint64_t address, bool write, uint8_t **host)
{
	uint64_t run = 0;

	*host = guest_mem_run(mem, address, write, &run);
	return run >= 2 && address % 2 == 0 ? 0 : GD_FAULT;
}

int guest_mem_read16(const struct guest_mem *mem, uint64_t address, uint16_t *value)
{
	uint8_t *host;
	int error = scalar16(mem, address, false, &host);

	if (!error)
		*value = guest_load16(host);
	return error;
}

int guest_mem_write16(const struct guest_mem *mem, uint64_t address, uint16_t value)
{
	uint8_t *host;
	int error = scalar16(mem, address, true, &host);

	if (!error)
		guest_store16(host, value);
	return error;
}
