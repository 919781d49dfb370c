/* SPDX-License-Identifier: BSD-2-Clause */
/* What a chip says about itself: JESD68.01, tables 1 to 4; Intel's own table behind them. */
#include "guest-devices/flash/cfi_flash.h"

#define CHIPS 2u

enum {
	DEVICE_SIZE = 0x27, /* as powers of two */
	BLOCKS = 0x2d,      /* less one, of this erase region */
};

/* By word; those of one figure begin with the low byte. */
static const uint8_t query[] = {
    [0x10] = 'Q',
    [0x11] = 'R',
    [0x12] = 'Y',
    [0x13] = 1,    /* command set: Intel's */
    [0x15] = 0x31, /* where its table is */
    [0x1b] = 0x27, /* supply, at least 2.7 V */
    [0x1c] = 0x36, /* at most */
    [0x1f] = 1,    /* a word takes 2^n us */
    [0x20] = 1,    /* the buffer */
    [0x21] = 1,    /* a block's erasure 2^n ms */
    [0x23] = 1,    /* and the same three at most 2^n times as long */
    [0x24] = 1,
    [0x25] = 1,
    [0x28] = 1, /* 16 bits wide, and nothing else */
    [0x2a] = 6, /* this chip's part of the buffer has 2^n bytes */
    [0x2c] = 1, /* all blocks are alike; so large: */
    [0x2f] = CFI_FLASH_SECTOR / CHIPS / 256 & 0xff,
    [0x30] = CFI_FLASH_SECTOR / CHIPS / 256 >> 8,
    [0x31] = 'P',
    [0x32] = 'R',
    [0x33] = 'I',
    [0x34] = '1', /* version 1.0, with nothing of what is optional */
    [0x35] = '0',
};

_Static_assert(1u << 6 == CFI_FLASH_BUFFER / CHIPS, "as the query says");

uint8_t cfi_flash_query(unsigned word, uint64_t chip_size)
{
	uint64_t blocks = chip_size / (CFI_FLASH_SECTOR / CHIPS) - 1;

	if (word == DEVICE_SIZE)
		return (uint8_t)__builtin_ctzll(chip_size);
	if (word == BLOCKS || word == BLOCKS + 1)
		return (uint8_t)(blocks >> 8 * (word - BLOCKS));
	return word < sizeof(query) ? query[word] : 0;
}
