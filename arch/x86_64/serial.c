/* SPDX-License-Identifier: BSD-2-Clause */
/* The first serial port, polled: for the time before its driver runs, and for panics. */
#include <arch/io.h>
#include <arch/log.h>

#define COM1      0x3f8
#define COM1_LINE 4
#define LSR       (COM1 + 5)
#define LSR_THRE  0x20
#define POLLS_MAX 100000 /* a port that never empties does not stop us */

struct host_serial host_serial(void)
{
	return (struct host_serial){HOST_SERIAL_16550, COM1, COM1_LINE};
}

void early_serial_write(const char *text, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++) {
		unsigned polls = 0;

		while (!(io_in8(LSR) & LSR_THRE) && ++polls < POLLS_MAX)
			;
		io_out8(COM1, (uint8_t)text[i]);
	}
}
