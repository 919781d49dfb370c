/* SPDX-License-Identifier: BSD-2-Clause */
/* A PL011 in memory, Arm DDI 0183; also SBSA's subset of it. Its speed is left as firmware set it.
 */
#include <arch/io.h>

#include "hv/drivers/serial_port.h"

#define FIFO 16 /* some have 32 */

enum {
	REG_DATA = 0x00,
	REG_FLAGS = 0x18,
	REG_LINE = 0x2c,
	REG_CONTROL = 0x30,
	REG_LEVELS = 0x34,
	REG_MASK = 0x38,
	REG_RAISED = 0x3c,
	REG_CLEAR = 0x44,
	REG_ID = 0xfe0, /* two registers: the part number's low byte, and its high digit */
};

#define FLAG_BUSY     (1u << 3)
#define FLAG_RX_EMPTY (1u << 4)
#define FLAG_TX_FULL  (1u << 5)
#define FLAG_TX_EMPTY (1u << 7)
#define LINE_8_FIFO   (3u << 5 | 1u << 4)
#define CONTROL_ON    (1u << 9 | 1u << 8 | 1u) /* receive, transmit, on */
#define INT_RX        (1u << 4)
#define INT_TX        (1u << 5)
#define INT_TIMEOUT   (1u << 6) /* fewer bytes than the level have waited long enough */
#define INT_ALL       0x7ffu

static volatile uint8_t *base;

static uint32_t in(unsigned reg)
{
	return mmio_read32(base + reg);
}

static void out(unsigned reg, uint32_t value)
{
	mmio_write32(base + reg, value);
}

static bool probe(uint64_t at)
{
	base = mmio_map(at, 4096);
	return (in(REG_ID)&0xff) == 0x11 && (in(REG_ID + 4) & 0x0f) == 0;
}

static void listen(bool on, bool room)
{
	out(REG_MASK, on ? INT_RX | INT_TIMEOUT | (room ? INT_TX : 0) : 0);
}

static void start(void)
{
	out(REG_CONTROL, 0);
	out(REG_CLEAR, INT_ALL);
	out(REG_LEVELS, 0); /* transmit: nearly empty, receive: an eighth */
	out(REG_LINE, LINE_8_FIFO);
	out(REG_CONTROL, CONTROL_ON);
	listen(true, false);
}

static bool asks(void)
{
	uint32_t reasons = in(REG_RAISED) & (INT_RX | INT_TIMEOUT | INT_TX);

	out(REG_CLEAR, reasons);
	return reasons;
}

static unsigned room(void)
{
	uint32_t flags = in(REG_FLAGS);

	return flags & FLAG_TX_EMPTY ? FIFO : !(flags & FLAG_TX_FULL);
}

static void put(uint8_t byte)
{
	out(REG_DATA, byte);
}

static bool get(uint8_t *byte)
{
	if (in(REG_FLAGS)&FLAG_RX_EMPTY)
		return false;
	*byte = (uint8_t)in(REG_DATA);
	return true;
}

static bool empty(void)
{
	return !(in(REG_FLAGS)&FLAG_BUSY);
}

const struct serial_driver serial_pl011 = {
    .name = "PL011",
    .probe = probe,
    .start = start,
    .asks = asks,
    .room = room,
    .put = put,
    .get = get,
    .empty = empty,
    .listen = listen,
};
