/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a guest's firmware learns what its machine is made of: numbered items, and a directory of
 * files with names, read byte by byte (QEMU, docs/specs/fw_cfg). Two ports; without DMA, so nothing
 * of it can be written.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guest-devices/bus.h"

#define FW_CFG_PORT  0x510
#define FW_CFG_ITEMS 16
#define FW_CFG_NAME  56 /* with its NUL */

/* Items that firmware knows by number; a file gets a number of its own. */
enum fw_cfg_key {
	FW_CFG_SIGNATURE = 0x00,
	FW_CFG_ID = 0x01,
	FW_CFG_CPUS = 0x05, /* that run, 16 bits */
	FW_CFG_CPUS_MAX = 0x0f,
	FW_CFG_DIRECTORY = 0x19,
	FW_CFG_FIRST_FILE = 0x20,
};

struct fw_cfg {
	struct bus_region region; /* for the port bus */
	struct fw_cfg_item {
		uint16_t key;
		uint32_t size;
		const uint8_t *data;
	} items[FW_CFG_ITEMS];
	unsigned item_count, file_count;
	uint16_t selected;
	uint32_t offset; /* of the byte that is read next, at most the item's size */
	uint8_t directory[4 + FW_CFG_ITEMS * 64];
};

void fw_cfg_init(struct fw_cfg *cfg);
void fw_cfg_reset(struct fw_cfg *cfg); /* what is read next; items stay */

/* The bytes stay the caller's, unchanged while the device lives. GD_FULL; GD_INVALID: the name is
 * too long, or the item is there already. */
int fw_cfg_add(struct fw_cfg *cfg, uint16_t key, const void *data, uint32_t size);
int fw_cfg_add_file(struct fw_cfg *cfg, const char *name, const void *data, uint32_t size);
