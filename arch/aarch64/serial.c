/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first serial port, a PL011, polled: for the time before its driver runs, and for panics. What
 * is written before firmware's tables have told where it is is kept.
 */
#include "arch/aarch64/serial.h"

#include <arch/log.h>

#include "arch/aarch64/description.h"

#define UART_DATA      0x00
#define UART_FLAGS     0x18
#define FLAG_TX_FULL   (1u << 5)
#define POLLS_MAX      100000 /* a port that never empties does not stop us */
#define EARLY_TEXT_MAX 2048

static volatile uint8_t *port;
static char early_text[EARLY_TEXT_MAX];
static unsigned long early_length;

struct host_serial host_serial(void)
{
	return host_description.serial;
}

static void put(char c)
{
	unsigned polls = 0;

	while (mmio_read32(port + UART_FLAGS) & FLAG_TX_FULL && ++polls < POLLS_MAX)
		;
	mmio_write32(port + UART_DATA, (uint8_t)c);
}

void early_serial_write(const char *text, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		if (port)
			put(text[i]);
		else if (early_length < EARLY_TEXT_MAX)
			early_text[early_length++] = text[i];
}

void serial_found(const struct host_serial *serial)
{
	if (serial->kind != HOST_SERIAL_PL011)
		return;
	port = (volatile uint8_t *)serial->base;
	early_serial_write(early_text, early_length);
	early_length = 0;
}
