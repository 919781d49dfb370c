/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest PCI: configuration, BARs, MSI-X and lines; hostile rows by id. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/err.h"
#include "tests/lib/fake_pci.h"
#include "tests/lib/fake_port.h"
#include "tests/lib/proves.h"

enum { SLOT = 3, OTHER = 4, BAR_SIZE = 0x8000, MEMORY = 2, MASTER = 4, INTX_OFF = 0x400 };
enum { MSIX = 0x40 /* its capability */, TABLE = 0x4000, PBA = TABLE + PCI_MSIX_PBA };

struct card {
	struct pci_function function;
	struct bus_access last;
	unsigned accesses;
};

static struct fake_pci pci;
static struct card card, other;

static void card_access(void *context, struct bus_access *access)
{
	struct card *card = context;

	card->last = *access;
	card->accesses++;
	if (access->address >= TABLE) {
		access->address -= TABLE;
		pci_msix_access(&card->function, access);
	} else if (!access->write) {
		access->value = 0x11;
	}
}

static void plug(struct card *card, unsigned slot, bool is_64)
{
	pci_function_init(&card->function, 0x1af4, 0x1042, 0x010000, 0x1af4, 0x42);
	pci_bar_init(&card->function, 0, BAR_SIZE, is_64, card_access, card, "card");
	pci_msix_init(&card->function, 4, 0, TABLE);
	cr_assert_eq(pci_host_add(&pci.host, &card->function, slot), 0);
}

static void setup(void)
{
	fake_port_reset();
	fake_pci_init(&pci);
	plug(&card, SLOT, true);
}

static void teardown(void)
{
	fake_pci_free(&pci);
}

TestSuite(pci, .init = setup, .fini = teardown);

static uint64_t where(void)
{
	return (fake_pci_get(&pci, SLOT, 0x10, 4) & ~0xfu) |
	       (uint64_t)fake_pci_get(&pci, SLOT, 0x14, 4) << 32;
}

static void move(uint64_t address)
{
	fake_pci_set(&pci, SLOT, 0x10, 4, (uint32_t)address);
	fake_pci_set(&pci, SLOT, 0x14, 4, (uint32_t)(address >> 32));
}

static bool answers(uint64_t address)
{
	unsigned before = card.accesses;

	fake_pci_read(&pci, address, 4);
	return card.accesses == before + 1;
}

PROVES("V14-PCI-001")
Test(pci, header)
{
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10421af4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x2c, 4), 0x00421af4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x0b, 1), 0x01);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 6, 2) & 0x10, 0x10, "has capabilities");
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x34, 1), MSIX);
	cr_assert_eq(fake_pci_get(&pci, 0, 0x0a, 2), 0x0600, "a host bridge");
	fake_pci_set(&pci, SLOT, 0, 4, 0);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10421af4);
}

Test(pci, ports_and_ecam_are_the_same)
{
	fake_pci_out(&pci, 0xcf8, 4, 0x80000000 | SLOT << 11 | 0x3c);
	cr_assert_eq(fake_pci_in(&pci, 0xcf8, 4), 0x80000000 | SLOT << 11 | 0x3c);
	fake_pci_out(&pci, 0xcfc, 1, 0x5a);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x3c, 1), 0x5a);
	cr_assert_eq(fake_pci_in(&pci, 0xcfd, 1), 1, "pin A");
	fake_pci_out(&pci, 0xcf8, 4, SLOT << 11);
	cr_assert_eq(fake_pci_in(&pci, 0xcfc, 4), 0xffffffff, "not enabled");
}

/* Bytes and words at CF8 are other devices' (reset control is CF9). */
Test(pci, only_a_whole_word_is_the_address)
{
	fake_pci_out(&pci, 0xcf9, 1, 6);
	fake_pci_out(&pci, 0xcf8, 2, 0x8000);
	cr_assert_eq(fake_pci_in(&pci, 0xcf8, 4), 0);
	cr_assert_eq(fake_pci_in(&pci, 0xcf9, 1), 0xff);
}

Test(pci, nobody_there_is_all_ones)
{
	cr_assert_eq(fake_pci_get(&pci, OTHER, 0, 4), 0xffffffff);
	cr_assert_eq(fake_pci_read(&pci, FAKE_ECAM + (SLOT << 15) + (1 << 12), 4), 0xffffffff);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x100, 4), 0xffffffff, "no extended space");
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x01, 2), 0xffff, "not aligned");
	cr_assert_eq(fake_pci_read(&pci, FAKE_ECAM + (SLOT << 15), 8), UINT64_MAX);
}

Test(pci, TP_008_last_register_of_the_last_function)
{
	fake_pci_out(&pci, 0xcf8, 4, 0xffffffff);
	cr_assert_eq(fake_pci_in(&pci, 0xcfc, 4), 0xffffffff);
	cr_assert_eq(fake_pci_in(&pci, 0xcff, 1), 0xff);
	fake_pci_out(&pci, 0xcfc, 4, 0);
	cr_assert_eq(fake_pci_read(&pci, FAKE_ECAM + 0xfffff, 1), 0xff);
}

Test(pci, firmware_gave_an_address)
{
	cr_assert_eq(where(), FAKE_WINDOW);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 4, 2), MEMORY);
	cr_assert(answers(FAKE_WINDOW));
	cr_assert(answers(FAKE_WINDOW + BAR_SIZE - 4));
	plug(&other, OTHER, false);
	cr_assert_eq(fake_pci_get(&pci, OTHER, 0x10, 4), FAKE_WINDOW + BAR_SIZE);
}

Test(pci, the_window_fills_up)
{
	static struct pci_function huge;

	pci_function_init(&huge, 1, 2, 0, 0, 0);
	pci_bar_init(&huge, 0, 4 << 20, true, card_access, &card, "huge");
	cr_assert_eq(pci_host_add(&pci.host, &huge, 9), GD_FULL);
	cr_assert_eq(pci_host_add(&pci.host, &huge, SLOT), GD_INVALID);
	cr_assert_eq(pci_host_add(&pci.host, &huge, 32), GD_INVALID);
	cr_assert_eq(fake_pci_get(&pci, 9, 0, 4), 0xffffffff);
}

PROVES("V14-PCI-001")
Test(pci, size_of_a_bar)
{
	fake_pci_set(&pci, SLOT, 4, 2, 0);
	move(UINT64_MAX);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x10, 4), ~(BAR_SIZE - 1u) | 4);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 0x14, 4), 0xffffffff);
	move(FAKE_WINDOW);
	fake_pci_set(&pci, SLOT, 4, 2, MEMORY);
	cr_assert(answers(FAKE_WINDOW));
}

Test(pci, a_bar_moves)
{
	uint64_t to = FAKE_WINDOW + 0x10000;

	move(to);
	cr_assert_eq(where(), to);
	cr_assert(answers(to + 8));
	cr_assert_eq(card.last.address, 8);
	cr_assert_not(answers(FAKE_WINDOW));
}

Test(pci, TP_001_bar_over_ram)
{
	const uint64_t places[] = {FAKE_LOW, FAKE_HIGH, FAKE_SEAM, FAKE_HIGH_END - BAR_SIZE,
	                           FAKE_ROM};

	for (unsigned i = 0; i < 5; i++) {
		fake_port_reset();
		move(places[i]);
		cr_assert_not(answers(places[i]));
		cr_assert_geq(fake_port.log_lines, 1);
		cr_assert_null(bus_find(&pci.mem.bus, places[i]), "RAM wins");
		/* and for DMA it is still RAM */
		cr_assert_eq(guest_mem_check(&pci.mem.mem, places[i], 4, false), 0);
	}
	move(FAKE_WINDOW);
	cr_assert(answers(FAKE_WINDOW));
}

Test(pci, TP_002_bar_over_registers)
{
	const uint64_t places[] = {FAKE_ECAM,  FAKE_REGISTERS,  0xfee00000,
	                           0xfec00000, FAKE_WINDOW_END, FAKE_WINDOW - BAR_SIZE};

	for (unsigned i = 0; i < 6; i++) {
		move(places[i]);
		cr_assert_not(answers(places[i]), "place %u", i);
		cr_assert_not(answers(FAKE_WINDOW), "registers and decode agree");
		cr_assert_eq(fake_pci_get(&pci, SLOT, 0, 4), 0x10421af4, "ECAM works");
	}
	move(FAKE_WINDOW);
	cr_assert(answers(FAKE_WINDOW));
}

Test(pci, TP_002_bar_over_another_bar)
{
	uint64_t place = FAKE_WINDOW + BAR_SIZE;

	plug(&other, OTHER, true);
	move(place);
	cr_assert_not(answers(place));
	cr_assert_eq(other.accesses, 1, "who was there stays");
	fake_pci_set(&pci, OTHER, 0x10, 4, FAKE_WINDOW + 4 * BAR_SIZE);
	cr_assert(answers(place), "the other one left");
	fake_pci_read(&pci, FAKE_WINDOW + 4 * BAR_SIZE, 4);
	cr_assert_eq(other.accesses, 2);
}

Test(pci, TP_005_only_one_half_of_a_64_bit_bar)
{
	fake_pci_set(&pci, SLOT, 0x14, 4, 1);
	cr_assert_not(answers(FAKE_WINDOW));
	cr_assert_not(answers(FAKE_WINDOW + (1ull << 32)), "outside the window");
	fake_pci_set(&pci, SLOT, 0x10, 4, FAKE_HIGH);
	cr_assert_not(answers(FAKE_HIGH));
	fake_pci_set(&pci, SLOT, 0x14, 4, 0);
	cr_assert_not(answers(FAKE_HIGH), "over RAM");
	fake_pci_set(&pci, SLOT, 0x10, 4, FAKE_WINDOW + BAR_SIZE);
	cr_assert(answers(FAKE_WINDOW + BAR_SIZE));
}

Test(pci, TP_006_memory_decode_off)
{
	fake_pci_set(&pci, SLOT, 4, 2, 0);
	cr_assert_eq(fake_pci_read(&pci, FAKE_WINDOW, 4), 0xffffffff);
	cr_assert_eq(card.accesses, 0);
	fake_pci_set(&pci, SLOT, 4, 2, MEMORY);
	cr_assert(answers(FAKE_WINDOW));
}

PROVES("V14-PCI-001")
Test(pci, TP_009_capabilities_are_read_only)
{
	uint8_t before[256];

	memcpy(before, card.function.config, 256);
	for (unsigned offset = 0x40; offset < 0x100; offset += 4)
		fake_pci_set(&pci, SLOT, offset, 4, 0xffffffff);
	fake_pci_set(&pci, SLOT, 0x34, 1, 0);
	before[MSIX + 3] |= 0xc0; /* enable and function mask are the driver's */
	cr_assert_eq(memcmp(before, card.function.config, 256), 0);
}

/* --- MSI-X --- */

static void entry(unsigned i, uint64_t address, uint32_t data, uint32_t control)
{
	uint64_t at = FAKE_WINDOW + TABLE + 16 * i;

	fake_pci_write(&pci, at, 4, (uint32_t)address);
	fake_pci_write(&pci, at + 4, 4, address >> 32);
	fake_pci_write(&pci, at + 8, 4, data);
	fake_pci_write(&pci, at + 12, 4, control);
}

static void msix_on(uint16_t control)
{
	fake_pci_set(&pci, SLOT, 4, 2, MEMORY | MASTER);
	fake_pci_set(&pci, SLOT, MSIX + 2, 2, control);
}

static uint64_t pending(void)
{
	return fake_pci_read(&pci, FAKE_WINDOW + PBA, 4);
}

Test(pci, a_message_is_sent)
{
	cr_assert_eq(fake_pci_get(&pci, SLOT, MSIX + 2, 2), 3, "table size - 1");
	msix_on(0x8000);
	entry(2, 0x1fee01000, 0x4041, 0);
	pci_msix_raise(&card.function, 2);
	cr_assert_eq(pci.messages, 1);
	cr_assert_eq(pci.message_address, 0x1fee01000);
	cr_assert_eq(pci.message_data, 0x4041);
	pci_msix_raise(&card.function, 4);
	pci_msix_raise(&card.function, 0xffff);
	cr_assert_eq(pci.messages, 1, "no such vector");
}

Test(pci, masked_by_the_entry)
{
	msix_on(0x8000);
	entry(1, 0xfee00000, 0x41, 1);
	pci_msix_raise(&card.function, 1);
	pci_msix_raise(&card.function, 1);
	cr_assert_eq(pci.messages, 0);
	cr_assert_eq(pending(), 2);
	entry(1, 0xfee00000, 0x42, 0);
	cr_assert_eq(pci.messages, 1, "once");
	cr_assert_eq(pci.message_data, 0x42);
	cr_assert_eq(pending(), 0);
}

Test(pci, masked_by_the_function)
{
	msix_on(0xc000);
	entry(0, 0xfee00000, 0x41, 0);
	pci_msix_raise(&card.function, 0);
	cr_assert_eq(pci.messages, 0);
	cr_assert_eq(pending(), 1);
	fake_pci_set(&pci, SLOT, MSIX + 3, 1, 0x80);
	cr_assert_eq(pci.messages, 1);
}

Test(pci, TP_006_no_message_while_bus_mastering_is_off)
{
	msix_on(0x8000);
	entry(0, 0xfee00000, 0x41, 0);
	fake_pci_set(&pci, SLOT, 4, 2, MEMORY);
	pci_msix_raise(&card.function, 0);
	cr_assert_eq(pci.messages, 0);
	fake_pci_set(&pci, SLOT, 4, 2, MEMORY | MASTER);
	cr_assert_eq(pci.messages, 1);
}

/* The function hands any address to the target, which alone decides; it never writes memory. */
Test(pci, TP_017_message_address_in_ram)
{
	msix_on(0x8000);
	entry(0, FAKE_HIGH, 0x12345678, 0);
	pci_msix_raise(&card.function, 0);
	cr_assert_eq(*(uint32_t *)fake_mem_at(&pci.mem, FAKE_HIGH, 4), 0);
	cr_assert_eq(pci.message_address, FAKE_HIGH);
}

Test(pci, TP_020_table_with_wrong_widths)
{
	uint64_t table = FAKE_WINDOW + TABLE;

	entry(0, 0xfee00000, 0x41, 1);
	fake_pci_write(&pci, table, 1, 0xff);
	fake_pci_write(&pci, table, 2, 0xffff);
	fake_pci_write(&pci, table, 8, UINT64_MAX);
	fake_pci_write(&pci, table + 2, 4, UINT32_MAX);
	fake_pci_write(&pci, table + 4 * 16, 4, UINT32_MAX);
	fake_pci_write(&pci, FAKE_WINDOW + PBA, 4, UINT32_MAX);
	cr_assert_eq(card.function.msix[0].address, 0xfee00000);
	cr_assert_eq(card.function.msix[0].data, 0x41);
	cr_assert_eq(pending(), 0, "read-only");
	cr_assert_eq(fake_pci_read(&pci, table, 1), 0);
	cr_assert_eq(fake_pci_read(&pci, table, 8), 0);
	cr_assert_eq(fake_pci_read(&pci, table + 2, 4), 0);
	cr_assert_eq(fake_pci_read(&pci, table + 4 * 16, 4), 0);
	cr_assert_eq(fake_pci_read(&pci, FAKE_WINDOW + PBA + 8, 4), 0);
}

Test(pci, TP_022_msix_off_while_pending)
{
	msix_on(0x8000);
	entry(0, 0xfee00000, 0x41, 1);
	pci_msix_raise(&card.function, 0);
	fake_pci_set(&pci, SLOT, MSIX + 2, 2, 0);
	cr_assert_eq(pending(), 0);
	fake_pci_set(&pci, SLOT, MSIX + 2, 2, 0x8000);
	entry(0, 0xfee00000, 0x41, 0);
	cr_assert_eq(pci.messages, 0);
}

/* --- lines --- */

Test(pci, a_line_is_shared)
{
	plug(&other, SLOT + 4, true); /* the same line */
	pci_intx_set(&card.function, true);
	pci_intx_set(&other.function, true);
	cr_assert_eq(pci.lines, 1u << (SLOT & 3));
	cr_assert_eq(fake_pci_get(&pci, SLOT, 6, 2) & 8, 8);
	pci_intx_set(&card.function, false);
	cr_assert_eq(pci.lines, 1u << (SLOT & 3));
	pci_intx_set(&other.function, false);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(pci.line_changes, 2);
}

PROVES("V14-PCI-001", "V14-PCI-040")
Test(pci, interrupt_disable)
{
	pci_intx_set(&card.function, true);
	fake_pci_set(&pci, SLOT, 4, 2, INTX_OFF);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 6, 2) & 8, 8, "status tells all the same");
	fake_pci_set(&pci, SLOT, 4, 2, 0);
	cr_assert_eq(pci.lines, 1u << (SLOT & 3));
}

Test(pci, reset_of_the_machine)
{
	plug(&other, OTHER, true);
	msix_on(0x8000);
	entry(0, 0xfee00000, 0x41, 0);
	pci_intx_set(&card.function, true);
	/* the two swap places, through a third */
	move(FAKE_WINDOW + 0x40000);
	fake_pci_set(&pci, OTHER, 0x10, 4, FAKE_WINDOW);
	move(FAKE_WINDOW + BAR_SIZE);
	cr_assert(answers(FAKE_WINDOW + BAR_SIZE));
	fake_port_reset();

	pci_host_reset(&pci.host);
	cr_assert_eq(where(), FAKE_WINDOW);
	cr_assert(answers(FAKE_WINDOW));
	fake_pci_read(&pci, FAKE_WINDOW + BAR_SIZE, 4);
	cr_assert_eq(other.accesses, 1);
	cr_assert_eq(fake_pci_get(&pci, SLOT, 4, 2), MEMORY);
	cr_assert_eq(fake_pci_get(&pci, SLOT, MSIX + 2, 2), 3);
	cr_assert_eq(card.function.msix[0].control, 1);
	cr_assert_eq(pci.lines, 0);
	cr_assert_eq(fake_port.log_lines, 0);
}

static void ports(void *context, struct bus_access *access)
{
	(void)context;
	access->value = 0x5a;
}

/* The smallest BAR of ports there is, between others. */
Test(pci, a_bar_of_four_ports)
{
	static struct pci_function function;

	pci_function_init(&function, 0x1af4, 0x1042, 0, 0, 0);
	pci_ports_bar_init(&function, 1, 4, ports, NULL, "ports");
	cr_assert_eq(pci_host_add(&pci.host, &function, PCI_SLOTS), GD_INVALID);
	cr_assert_eq(pci_host_add(&pci.host, &function, OTHER + 1), 0);
	fake_pci_set(&pci, OTHER + 1, PCI_BAR0 + 4, 4, FAKE_PORTS + 0x24);
	cr_assert_eq(fake_pci_get(&pci, OTHER + 1, PCI_BAR0 + 4, 4), FAKE_PORTS + 0x25);
	cr_assert_eq(fake_pci_in(&pci, FAKE_PORTS + 0x24, 1), 0x5a);
	cr_assert_eq(fake_pci_in(&pci, FAKE_PORTS + 0x28, 1), 0xff);
	cr_assert_eq(fake_pci_in(&pci, FAKE_PORTS + 0x20, 1), 0xff);
	fake_pci_set(&pci, OTHER + 1, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_assert_eq(fake_pci_in(&pci, FAKE_PORTS + 0x24, 1), 0xff, "ports are off");
}

Test(pci, a_bar_of_ports_stays_in_its_window)
{
	static struct pci_function function;
	const uint32_t outside[] = {FAKE_PORTS - 0x20, FAKE_PORTS + 0x1000, 0x60};

	pci_function_init(&function, 0x1af4, 0x1042, 0, 0, 0);
	pci_ports_bar_init(&function, 0, 0x20, ports, NULL, "ports");
	cr_assert_eq(pci_host_add(&pci.host, &function, OTHER), 0);
	for (unsigned i = 0; i < 3; i++) {
		fake_pci_set(&pci, OTHER, PCI_BAR0, 4, outside[i]);
		cr_assert_eq(fake_pci_in(&pci, (uint16_t)outside[i], 1), 0xff, "%x", outside[i]);
	}
	fake_pci_set(&pci, OTHER, PCI_BAR0, 4, FAKE_PORTS + 0xfe0);
	cr_assert_eq(fake_pci_in(&pci, FAKE_PORTS + 0xfff, 1), 0x5a);
}

/* A window need not end where a BAR of this size could. */
Test(pci, a_bar_does_not_reach_over_the_windows_end)
{
	uint64_t place = FAKE_WINDOW + 4 * BAR_SIZE;

	pci.host.window32_end = place + BAR_SIZE / 2;
	move(place);
	cr_assert_not(answers(place));
	pci.host.window32_end = place + BAR_SIZE;
	move(place + BAR_SIZE);
	cr_assert_not(answers(place + BAR_SIZE));
	move(place);
	cr_assert(answers(place));
}

Test(pci, a_bar_of_32_bits_has_a_neighbour)
{
	static struct pci_function function;

	pci_function_init(&function, 0x1af4, 0x1042, 0, 0, 0);
	pci_bar_init(&function, 0, BAR_SIZE, false, card_access, &card, "low");
	pci_bar_init(&function, 1, BAR_SIZE, false, card_access, &card, "high");
	cr_assert_eq(pci_host_add(&pci.host, &function, OTHER), 0);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t at = fake_pci_get(&pci, OTHER, PCI_BAR0 + 4 * i, 4);

		cr_assert_eq(at & 0xf, 0);
		cr_assert(answers(at));
	}
}

/* The log says that a BAR is not decoded when the driver put it there, and only then. */
Test(pci, a_refused_bar_is_told_once)
{
	plug(&other, OTHER, true);
	move(FAKE_WINDOW + 4 * BAR_SIZE);
	cr_assert_eq(fake_port.log_lines, 0, "%s", fake_port.log);
	fake_pci_set(&pci, OTHER, 0x10, 4, FAKE_HIGH);
	cr_assert_eq(fake_port.log_lines, 1);
	fake_pci_set(&pci, OTHER, 0x3c, 1, 5); /* above and below BARs and command */
	fake_pci_set(&pci, OTHER, 0x00, 4, 0);
	move(FAKE_WINDOW);
	cr_assert_eq(fake_port.log_lines, 1, "%s", fake_port.log);
}

/* Firmware asks with decoding on, one half after the other. */
Test(pci, a_bar_whose_size_is_asked_is_not_told)
{
	fake_pci_set(&pci, SLOT, 0x10, 4, 0xffffffff);
	fake_pci_set(&pci, SLOT, 0x10, 4, FAKE_WINDOW);
	cr_assert(answers(FAKE_WINDOW));
	fake_pci_set(&pci, SLOT, 0x14, 4, 0xffffffff);
	fake_pci_set(&pci, SLOT, 0x14, 4, 0);
	cr_assert(answers(FAKE_WINDOW));
	cr_assert_eq(fake_port.log_lines, 0, "%s", fake_port.log);
}

Test(pci, a_function_before_it_is_plugged)
{
	static struct pci_function function;
	struct bus_access access = {PCI_COMMAND, MEMORY | MASTER, 2, true};

	pci_function_init(&function, 0x1af4, 0xffff, 0, 0, 0);
	pci_bar_init(&function, 0, BAR_SIZE, false, card_access, &card, "card");
	pci_config_access(&function, &access);
	cr_assert_eq(pci_config_get16(&function, PCI_COMMAND), MEMORY | MASTER);
	cr_assert_not(pci_msix_enabled(&function), "its ID is no MSI-X control");
}

Test(pci, only_bus_0_is_there)
{
	for (uint32_t bus = 1; bus < 256; bus++) {
		fake_pci_out(&pci, 0xcf8, 4, 0x80000000u | bus << 16);
		cr_assert_eq(fake_pci_in(&pci, 0xcfc, 4), 0xffffffff, "bus %u", bus);
	}
}

Test(pci, no_ports_in_memory_unless_they_are_asked_for)
{
	cr_assert_null(bus_find(&pci.mem.bus, 0));
	cr_assert_eq(pci.mem.bus.count, 3, "ECAM, the card, the registers of fake_mem");
}

Test(pci, vectors_beyond_the_table)
{
	fake_pci_set(&pci, SLOT, MSIX + 2, 2, 0x8000);
	for (unsigned vector = 4; vector < 40; vector++)
		pci_msix_raise(&card.function, vector);
	cr_assert_eq(fake_pci_read(&pci, FAKE_WINDOW + PBA, 4), 0);
	pci_msix_raise(&card.function, 3);
	cr_assert_eq(fake_pci_read(&pci, FAKE_WINDOW + PBA, 4), 8, "bus mastering is off");
	cr_assert_eq(fake_pci_read(&pci, FAKE_WINDOW + PBA + 4, 4), 0);
	cr_assert_eq(fake_pci_read(&pci, FAKE_WINDOW + TABLE + 4 * 16, 4), 0);
}
