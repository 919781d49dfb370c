/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/serial/pl011.h"
#include "tests/lib/region.h"

enum {
	DR = 0x000,
	RSR = 0x004,
	FR = 0x018,
	ILPR = 0x020,
	IBRD = 0x024,
	FBRD = 0x028,
	LCR_H = 0x02c,
	CR = 0x030,
	IFLS = 0x034,
	IMSC = 0x038,
	RIS = 0x03c,
	MIS = 0x040,
	ICR = 0x044,
	DMACR = 0x048,
};
enum { RX = 0x10, TX = 0x20, RT = 0x40, OE = 0x400 };
enum { FR_BUSY = 0x08, FR_RXFE = 0x10, FR_TXFF = 0x20, FR_RXFF = 0x40, FR_TXFE = 0x80 };

static struct pl011 uart;
static struct char_end far;
static bool irq;
static char sent[256];
static size_t sent_size, far_room, far_ready;

static void set_irq(void *context, unsigned number, bool level)
{
	(void)context;
	(void)number;
	irq = level;
}

static size_t far_receive(struct char_end *end, const uint8_t *data, size_t size)
{
	(void)end;
	if (size > far_room)
		size = far_room;
	far_room -= size;
	for (size_t i = 0; i < size; i++)
		sent[sent_size++ % sizeof(sent)] = (char)data[i];
	return size;
}

static void far_peer_ready(struct char_end *end)
{
	(void)end;
	far_ready++;
}

static void put(unsigned offset, uint16_t value)
{
	region_write(&uart.region, offset, 4, value);
}

static uint16_t get(unsigned offset)
{
	return (uint16_t)region_read(&uart.region, offset, 4);
}

static size_t type(const char *text)
{
	return char_send(&far, (const uint8_t *)text, strlen(text));
}

static void set_up(void)
{
	far = (struct char_end){.receive = far_receive, .peer_ready = far_peer_ready};
	memset(sent, 0, sizeof(sent));
	sent_size = far_ready = 0;
	far_room = SIZE_MAX;
	irq = false;
	pl011_init(&uart, 0x9000000, (struct irq_line){set_irq, NULL, 1});
	char_join(&uart.end, &far);
	put(LCR_H, 0x70); /* FIFOs on */
}

TestSuite(pl011, .init = set_up);

Test(pl011, drivers_find_it_by_its_ids)
{
	uint32_t id = 0, cell = 0;

	for (unsigned i = 0; i < 4; i++) {
		id |= (uint32_t)get(0xfe0 + 4 * i) << 8 * i;
		cell |= (uint32_t)get(0xff0 + 4 * i) << 8 * i;
	}
	cr_assert_eq(id & 0xfffff, 0x41011, "part and designer");
	cr_assert_lt(id >> 20, 3, "a revision with FIFOs of 16");
	cr_assert_eq(cell, 0xb105f00d);
}

Test(pl011, registers_keep_the_bits_that_they_have)
{
	static const struct {
		unsigned offset;
		uint16_t bits;
	} kept[] = {{ILPR, 0xff}, {IBRD, 0xffff}, {FBRD, 0x3f},  {LCR_H, 0xff},
	            {CR, 0xff87}, {IFLS, 0x3f},   {IMSC, 0x7ff}, {DMACR, 0x07}};

	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		put(kept[i].offset, 0xffff);
		cr_assert_eq(get(kept[i].offset), kept[i].bits, "%#x", kept[i].offset);
		put(kept[i].offset, 0);
		cr_assert_eq(get(kept[i].offset), 0, "%#x", kept[i].offset);
	}
	pl011_reset(&uart);
	cr_assert_eq(get(IFLS), 0x12);
	cr_assert_eq(get(FR) & 0x1ff, 0x97, "empty; a partner is there");
}

Test(pl011, an_early_console_writes_without_setting_up)
{
	pl011_reset(&uart);
	for (const char *c = "hello"; *c; c++) {
		cr_assert_not(get(FR) & FR_TXFF);
		region_write(&uart.region, DR, 1, (uint8_t)*c);
	}
	cr_assert_str_eq(sent, "hello");
	cr_assert_not(get(FR) & FR_BUSY);
}

Test(pl011, transmitter_interrupt_tells_of_bytes_that_left)
{
	put(IMSC, TX);
	cr_assert_not(irq, "nothing left yet");
	put(DR, 'x');
	cr_assert(irq);
	cr_assert_eq(get(MIS), TX);
	put(ICR, TX);
	cr_assert_not(irq);
	put(DR, 'y');
	cr_assert(irq);
	put(IMSC, 0);
	cr_assert_not(irq);
	cr_assert_eq(get(RIS), TX, "raw, whatever the mask");
	cr_assert_eq(get(MIS), 0);
}

Test(pl011, receives)
{
	put(IFLS, 1 << 3); /* interrupt at 4 */
	put(IMSC, RX | RT);
	cr_assert_eq(type("abc"), 3);
	cr_assert(irq);
	cr_assert_eq(get(MIS), RT, "timeout");
	cr_assert_eq(type("d"), 1);
	cr_assert_eq(get(MIS), RX | RT);
	cr_assert_eq(get(DR), 'a');
	cr_assert_eq(get(MIS), RT);
	cr_assert_eq(get(DR), 'b');
	cr_assert_eq(get(DR), 'c');
	put(ICR, RT);
	cr_assert_not(irq);
	cr_assert_not(get(FR) & FR_RXFE);
	cr_assert_eq(get(DR), 'd');
	cr_assert_not(irq);
	cr_assert(get(FR) & FR_RXFE);
	cr_assert_eq(get(DR), 0);
}

Test(pl011, without_fifos_one_byte_waits)
{
	put(LCR_H, 0x60);
	put(IMSC, RX);
	cr_assert_eq(type("ab"), 1);
	cr_assert(irq, "one is enough");
	cr_assert(get(FR) & FR_RXFF);
	cr_assert_eq(get(DR), 'a');
	cr_assert_not(irq);
	cr_assert_eq(far_ready, 1);
	far_room = 0;
	put(DR, 'x');
	cr_assert_eq(get(FR) & (FR_TXFF | FR_TXFE | FR_BUSY), FR_TXFF | FR_BUSY);
}

Test(pl011, far_end_waits_for_room)
{
	cr_assert_eq(type("0123456789abcdefXYZ"), 16);
	cr_assert_eq(type("X"), 0);
	cr_assert_eq(far_ready, 0);
	get(DR);
	cr_assert_eq(far_ready, 1);
	get(DR);
	cr_assert_eq(far_ready, 1, "told once");
	cr_assert_eq(type("XYZ"), 2);
	cr_assert_eq(get(RIS) & OE, 0, "nothing was lost");
}

Test(pl011, transmitter_waits_for_the_far_end)
{
	put(IMSC, TX);
	far_room = 2;
	for (unsigned i = 0; i < 40; i++)
		put(DR, (uint8_t)('a' + i % 26));
	cr_assert_eq(sent_size, 2);
	cr_assert_eq(get(FR) & (FR_TXFF | FR_TXFE | FR_BUSY), FR_TXFF | FR_BUSY);
	cr_assert_not(irq, "the FIFO filled beyond its trigger level");
	far_room = SIZE_MAX;
	char_ready(&far);
	cr_assert_str_eq(sent, "abcdefghijklmnopqr", "16 of them waited in the FIFO");
	cr_assert_eq(get(FR) & (FR_TXFF | FR_TXFE | FR_BUSY), FR_TXFE);
	cr_assert(irq);
}

Test(pl011, switched_off_it_neither_sends_nor_listens)
{
	put(CR, 0x300);
	put(DR, 'x');
	cr_assert_eq(sent_size, 0);
	cr_assert(get(FR) & FR_BUSY);
	cr_assert_eq(type("a"), 0);
	put(CR, 0x301);
	cr_assert_str_eq(sent, "x");
	cr_assert_eq(far_ready, 1);
	cr_assert_eq(type("a"), 1);
}

Test(pl011, loopback_keeps_bytes_inside)
{
	put(CR, 0x381);
	for (unsigned i = 0; i < 17; i++)
		put(DR, (uint16_t)i);
	cr_assert_eq(sent_size, 0);
	cr_assert_eq(type("x"), 0, "the line is cut");
	cr_assert(get(RSR) & 0x08, "overrun");
	cr_assert(get(RIS) & OE);
	put(RSR, 0);
	cr_assert_eq(get(RSR), 0);
	cr_assert_eq(get(DR), 0x0800, "the first byte read tells of the lost one");
	for (unsigned i = 1; i < 16; i++)
		cr_assert_eq(get(DR), i);
	put(CR, 0x301);
	cr_assert_eq(far_ready, 1);
}

Test(pl011, loopback_shows_the_modem_outputs)
{
	put(CR, 0x381);
	cr_assert_eq(get(FR) & 0x107, 0);
	put(ICR, 0x7ff);
	put(CR, 0x3f81 & ~0x3c00);
	cr_assert_eq(get(RIS) & 0xf, 0, "nothing changed");
	put(CR, 0x0781);
	cr_assert_eq(get(FR) & 0x107, 0x002, "DTR is DSR");
	cr_assert_eq(get(RIS) & 0xf, 0x8);
	put(CR, 0x3f81);
	cr_assert_eq(get(FR) & 0x107, 0x107);
	cr_assert_eq(get(RIS) & 0xf, 0xf);
}

Test(pl011, reset_empties_and_frees)
{
	put(IMSC, RX);
	type("0123456789abcdefX");
	cr_assert(irq);
	pl011_reset(&uart);
	cr_assert_not(irq);
	cr_assert_eq(far_ready, 1);
	cr_assert(get(FR) & FR_RXFE);
}

Test(pl011, unaligned_offsets_hold_nothing)
{
	type("a");
	for (unsigned offset = 1; offset < 4; offset++) {
		region_write(&uart.region, offset, 1, 'x');
		cr_assert_eq(region_read(&uart.region, offset, 1), 0);
	}
	cr_assert_eq(sent_size, 0);
	cr_assert_eq(get(DR), 'a', "still there");
}

Test(pl011, every_offset_value_and_width)
{
	for (unsigned value = 0; value < 256; value += 5) {
		for (unsigned offset = 0; offset < PL011_SIZE; offset++) {
			for (uint8_t size = 1; size <= 8; size *= 2) {
				region_write(&uart.region, offset, size,
				             value * 0x0101010101010101ull);
				region_read(&uart.region, offset, size);
			}
		}
		type("noise");
		far_room = value;
		char_ready(&far);
		cr_assert_leq(uart.rx.count, PL011_FIFO);
		cr_assert_leq(uart.tx.count, PL011_FIFO);
	}
}
