/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/guest/bare/aarch64/hostile/hostile.h"

/* Translation table descriptors, Arm ARM D8.3 */
#define BLOCK    0x401ul /* valid, access flag, attribute 0 */
#define NORMAL   0x704ul /* inner shareable, attribute 1 */
#define TABLE    3ul
#define AP_EL0   0x40ul
#define NO_AF    0x400ul
#define SPARE    8 /* a block of the table that nobody needs: addresses from 8 GiB */
#define SPARE_VA ((uint64_t)SPARE << 30)
#define FLAGS    0x18 /* UARTFR: reading changes nothing, writing neither */

/* Accesses to a device register that hardware does not describe in the syndrome: X0 is the address.
 */
static const uint32_t undescribed[] = {
    0x29400c02, /* ldp w2, w3, [x0] */
    0x29000c02, /* stp w2, w3, [x0] */
    0xa9400c02, /* ldp x2, x3, [x0] */
    0x3dc00000, /* ldr q0, [x0] */
    0x3d800000, /* str q0, [x0] */
    0x4c407800, /* ld1 {v0.4s}, [x0] */
    0xb8404402, /* ldr w2, [x0], #4 */
    0xb8404c02, /* ldr w2, [x0, #4]! */
    0xb8004402, /* str w2, [x0], #4 */
    0x885f7c02, /* ldxr w2, [x0] */
    0x88037c02, /* stxr w3, w2, [x0] */
    0x88dffc02, /* ldar w2, [x0] */
    0x889ffc02, /* stlr w2, [x0] */
    0xb8220003, /* ldadd w2, w3, [x0] */
    0x88a27c03, /* cas w2, w3, [x0] */
    0xd50b7420, /* dc zva, x0 */
    0xb8400802, /* ldtr w2, [x0] */
    0x28400c02, /* ldnp w2, w3, [x0] */
    0xf9800000, /* prfm pldl1keep, [x0] */
};

void a6_006(void)
{
	static const uint64_t places[] = {UART + FLAGS, UART + 0x20, GICD + 0x8, VIRTIO};

	for (unsigned place = 0; place < sizeof(places) / sizeof(places[0]); place++)
		for (unsigned i = 0; i < sizeof(undescribed) / sizeof(undescribed[0]); i++) {
			uint64_t esr = attempt_one(undescribed[i], places[place], 0);

			expect(!esr || IS(esr, EC_DATA) || UNDEFINED(esr), "undescribed access",
			       esr);
			expect(!esr || !IS(esr, EC_DATA) || fault_address - places[place] < 16,
			       "the fault's address", fault_address);
		}
	expect(!attempt_load(UART + FLAGS, 4), "the UART is gone", 0);
}

static void map_spare(uint64_t descriptor)
{
	table[SPARE] = descriptor;
	written_table();
}

static uint64_t jump_to(uint64_t address)
{
	uint64_t x[4] = {0};

	return attempt((const void *)address, x);
}

/* Tables of the first stage that lie in a device, and nowhere. */
static void walk_through(uint64_t address, const char *what)
{
	uint64_t esr;

	map_spare((address & ~0xffful) | TABLE);
	esr = attempt_load(SPARE_VA + (address & 0xff8) * 0x40000, 8);
	expect(IS(esr, EC_DATA), what, esr);
	esr = jump_to(SPARE_VA + (address & 0xff8) * 0x40000);
	expect(IS(esr, EC_FETCH), what, esr);
}

void a6_007(void)
{
	uint64_t esr;

	walk_through(UART, "a table in the UART");
	walk_through(GICD, "a table in the distributor");
	walk_through(RAM_END, "a table beyond RAM");
	map_spare(RAM | (BLOCK & ~NO_AF));
	expect(IS(attempt_load(SPARE_VA, 4), EC_DATA), "no access flag", 0);
	map_spare((1ul << 44) | BLOCK);
	expect(IS(attempt_load(SPARE_VA, 4), EC_DATA), "address size", 0);
	map_spare(BLOCK | NORMAL);
	expect(IS(jump_to(SPARE_VA + UART), EC_FETCH), "instructions in a device", 0);
	expect(IS(jump_to(SPARE_VA + NO_SMMU), EC_FETCH), "instructions nowhere", 0);
	expect(IS(jump_to(RAM_END), EC_FETCH), "instructions beyond RAM", 0);
	esr = attempt_load(UART + FLAGS + 1, 4);
	expect(!esr || IS(esr, EC_DATA), "alignment", esr);
	esr = attempt_load(SPARE_VA + UART + FLAGS + 1, 4); /* as if it were memory */
	expect(!esr || IS(esr, EC_DATA), "an unaligned access to a device", esr);
	map_spare(0);
}

void tm_014(void)
{
	for (uint64_t window = 0; window < 8; window++)
		walk_through(VIRTIO + window * 0x200, "a table in a virtio device");
	map_spare(0);
}

/* Nothing is there: the abort, for reads, writes and instructions. */
static void expect_nothing(uint64_t address)
{
	uint64_t esr = attempt_load(address, 4);

	expect(IS(esr, EC_DATA), "a read of nothing", address);
	esr = attempt_store(address, 4, 0x12345678);
	expect(IS(esr, EC_DATA), "a write to nothing", address);
	esr = jump_to(address);
	expect(IS(esr, EC_FETCH), "instructions in nothing", address);
}

#define PLACES 5000

void mm_001(void)
{
	uint64_t state = 1;

	for (unsigned i = 0; i < PLACES; i++) {
		uint64_t address;

		state = state * 6364136223846793005u + 1442695040888963407u;
		address = (state >> 20 & 0x7ffffffffful) & ~0xffful;
		if (i & 1) /* half of them in the first 4 GiB, where things are */
			address &= 0xfffff000;
		if (address < DEVICES || address >= RAM_END)
			expect_nothing(address);
		else if (address < RAM)
			attempt_load(address, 4);
	}
}

void mm_002(void)
{
	uint64_t tcr = read_sysreg("tcr_el1");

	write_sysreg("tcr_el1", tcr | 5ul << 32); /* as many bits as there are, up to 48 */
	for (unsigned bit = 39; bit < 48; bit++) {
		map_spare(1ul << bit | RAM | BLOCK);
		expect(IS(attempt_load(SPARE_VA, 4), EC_DATA), "above the width", bit);
		expect(IS(attempt_store(SPARE_VA, 4, 0), EC_DATA), "above the width", bit);
		map_spare(1ul << bit | BLOCK);
		expect(IS(attempt_load(SPARE_VA + UART, 4), EC_DATA), "above the width", bit);
	}
	write_sysreg("tcr_el1", tcr);
	map_spare(0);
}

/* Where the host has its memory and its devices, this guest has nothing. */
void mm_003(void)
{
	for (uint64_t address = RAM_END; address < 0x100000000; address += 0x400000)
		expect_nothing(address);
	for (uint64_t address = 0; address < DEVICES; address += 0x400000)
		expect_nothing(address);
	expect_nothing(0x4010000000);
	expect_nothing(0x8000000000 - 4096);
}

/* A BAR moves: the device is at the new place, and nothing of it at the old one. */
void mm_004(void)
{
	uint32_t slot = 0, bar, old;

	while ((pci_read(slot, 0) & 0xffff) != 0x1af4)
		if (++slot == 32)
			return;
	for (bar = 0x10; bar < 0x28; bar += 4)
		if (pci_read(slot, bar) & ~0xfu)
			break;
	if (bar == 0x28)
		bar = 0x10;
	old = pci_read(slot, bar);
	pci_write(slot, 4, 2);
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t at = 0x10000000u + (i % 64) * 0x100000;

		pci_write(slot, bar, at);
		attempt_load(at, 4);
		expect(i % 64 < 2 || attempt_load(at - 0x100000, 4) || last == 0xffffffff,
		       "still at the old place", at);
	}
	pci_write(slot, bar, 0xfffff000);
	pci_write(slot, bar, RAM);
	attempt_store(RAM + 0x1000, 8, 0x5a5a);
	attempt_load(RAM + 0x1000, 8);
	expect(last == 0x5a5a, "RAM below a BAR", last);
	pci_write(slot, bar, old);
}
