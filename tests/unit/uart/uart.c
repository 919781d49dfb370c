/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/serial/uart16550.h"
#include "tests/lib/region.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static struct uart16550 uart;
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

static void put(unsigned port, uint8_t value)
{
	region_write(&uart.region, port, 1, value);
}

static uint8_t get(unsigned port)
{
	return (uint8_t)region_read(&uart.region, port, 1);
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
	uart16550_init(&uart, UART16550_COM1, (struct irq_line){set_irq, NULL, 4});
	char_join(&uart.end, &far);
	put(IIR, 0x01); /* FIFOs on */
	put(MCR, 0x0b);
}

TestSuite(uart, .init = set_up);

Test(uart, linux_finds_a_16550a)
{
	put(IER, 0x0f);
	cr_assert_eq(get(IER), 0x0f);
	put(IER, 0);
	cr_assert_eq(get(IIR) & 0xc0, 0xc0);
	put(SCR, 0x5a);
	cr_assert_eq(get(SCR), 0x5a);
	put(MCR, 0x1a); /* loopback with RTS and OUT2 */
	cr_assert_eq(get(MSR) & 0xf0, 0x90);
	put(LCR, 0x80);
	put(DATA, 0x34);
	put(IER, 0x12);
	cr_assert_eq(uart.divisor, 0x1234);
	put(LCR, 0x03);
	cr_assert_eq(get(IER), 0);
	put(IIR, 0);
	cr_assert_eq(get(IIR), 0x01, "no FIFO, nothing pending");
}

Test(uart, transmits)
{
	for (const char *c = "hello"; *c; c++) {
		cr_assert(get(LSR) & 0x20);
		put(DATA, (uint8_t)*c);
	}
	cr_assert_str_eq(sent, "hello");
}

Test(uart, transmitter_interrupt)
{
	put(IER, 0x02);
	cr_assert(irq, "empty when switched on");
	cr_assert_eq(get(IIR), 0xc2);
	cr_assert_not(irq, "looking at it is enough");
	put(DATA, 'x');
	cr_assert(irq);
	put(MCR, 0x03);
	cr_assert_not(irq, "OUT2 is the wire");
}

Test(uart, receives)
{
	put(IIR, 0x41); /* trigger at 4 */
	put(IER, 0x01);
	cr_assert_eq(type("abc"), 3);
	cr_assert(irq);
	cr_assert_eq(get(IIR), 0xcc, "timeout");
	cr_assert_eq(type("d"), 1);
	cr_assert_eq(get(IIR), 0xc4);
	cr_assert_eq(get(DATA), 'a');
	cr_assert_eq(get(DATA), 'b');
	cr_assert_eq(get(DATA), 'c');
	cr_assert(get(LSR) & 1);
	cr_assert_eq(get(DATA), 'd');
	cr_assert_not(irq);
	cr_assert_not(get(LSR) & 1);
	cr_assert_eq(get(DATA), 0);
}

Test(uart, far_end_waits_for_room)
{
	cr_assert_eq(type("0123456789abcdefXYZ"), 16);
	cr_assert_eq(type("X"), 0);
	cr_assert_eq(far_ready, 0);
	get(DATA);
	cr_assert_eq(far_ready, 1);
	get(DATA);
	cr_assert_eq(far_ready, 1, "told once");
	cr_assert_eq(type("XYZ"), 2);
}

Test(uart, transmitter_waits_for_the_far_end)
{
	far_room = 2;
	for (unsigned i = 0; i < 40; i++)
		put(DATA, (uint8_t)('a' + i % 26));
	cr_assert_eq(sent_size, 2);
	cr_assert_not(get(LSR) & 0x60);
	put(IER, 0x02);
	cr_assert_not(irq);
	far_room = SIZE_MAX;
	char_ready(&far);
	cr_assert_str_eq(sent, "abcdefghijklmnopqr", "16 of them waited in the FIFO");
	cr_assert_eq(get(LSR) & 0x60, 0x60);
	cr_assert(irq);
}

Test(uart, loopback_keeps_bytes_inside)
{
	put(IIR, 0x07);
	put(MCR, 0x10);
	for (unsigned i = 0; i < 17; i++)
		put(DATA, (uint8_t)i);
	cr_assert_eq(sent_size, 0);
	cr_assert_eq(type("x"), 0, "the line is cut");
	cr_assert(get(LSR) & 0x02, "overrun");
	cr_assert_not(get(LSR) & 0x02, "told once");
	for (unsigned i = 0; i < 16; i++)
		cr_assert_eq(get(DATA), i);
	put(MCR, 0);
	cr_assert_eq(far_ready, 1);
}

/* An overrun interrupts before everything else, once. */
Test(uart, overrun_interrupts)
{
	put(MCR, 0x1b); /* loopback */
	put(IER, 0x05);
	for (unsigned i = 0; i < 17; i++)
		put(DATA, (uint8_t)i);
	cr_assert_eq(get(IIR) & 0x0f, 0x06);
	cr_assert(get(LSR) & 0x02);
	cr_assert_neq(get(IIR) & 0x0f, 0x06);
	cr_assert_neq(get(IIR) & 0x0f, 0x01, "there is data");
}

/* In loopback the modem's outputs are its inputs: a change interrupts until it is read. */
Test(uart, modem_status_interrupts)
{
	put(MCR, 0x10);
	get(MSR);
	put(IER, 0x08);
	cr_assert_eq(get(IIR) & 0x0f, 0x01);
	put(MCR, 0x12); /* RTS, which is CTS here */
	cr_assert_eq(get(IIR) & 0x0f, 0x00);
	cr_assert_eq(get(MSR) & 0x11, 0x11);
	cr_assert_eq(get(IIR) & 0x0f, 0x01);
}

/* Without FIFOs there is room for one byte, whatever trigger level is set. */
Test(uart, without_fifos)
{
	put(IIR, 0xc0);
	put(IER, 0x01);
	cr_assert_eq(type("ab"), 1);
	cr_assert(irq);
	cr_assert_eq(get(IIR) & 0x0f, 0x04, "data, not a timeout");
	cr_assert_eq(get(DATA), 'a');
	cr_assert_not(irq);
	cr_assert_eq(far_ready, 1);
}

Test(uart, reset_empties_and_frees)
{
	put(IER, 0x01);
	type("0123456789abcdefX");
	cr_assert(irq);
	uart16550_reset(&uart);
	cr_assert_not(irq);
	cr_assert_eq(far_ready, 1);
	cr_assert_not(get(LSR) & 1);
}

Test(uart, every_port_value_and_width)
{
	for (unsigned value = 0; value < 256; value++) {
		for (unsigned port = 0; port < 8; port++) {
			for (uint8_t size = 1; size <= 8; size *= 2) {
				region_write(&uart.region, port, size,
				             value * 0x0101010101010101ull);
				region_read(&uart.region, port, size);
			}
		}
		type("noise");
	}
	cr_assert_leq(uart.rx.count, UART16550_FIFO);
	cr_assert_leq(uart.tx.count, UART16550_FIFO);
}
