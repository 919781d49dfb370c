/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/firmware/fw_cfg.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/err.h"

enum { SELECTOR, DATA, PORTS }; /* a 16-bit write selects, each byte read is the next one */

/* An entry of the directory, all of it in network order. */
enum { ENTRY_SIZE = 0, ENTRY_KEY = 4, ENTRY_NAME = 8, ENTRY_BYTES = ENTRY_NAME + FW_CFG_NAME };
enum { COUNT_BYTES = 4 };

static const uint8_t signature[] = {'Q', 'E', 'M', 'U'};
static const uint8_t id[] = {1, 0, 0, 0}; /* the ports, and no DMA */

static const struct fw_cfg_item *find(const struct fw_cfg *cfg, uint16_t key)
{
	for (unsigned i = 0; i < cfg->item_count; i++)
		if (cfg->items[i].key == key)
			return &cfg->items[i];
	return NULL;
}

/* Behind an item's end, and where there is none, are zeros. */
static uint8_t next_byte(struct fw_cfg *cfg)
{
	const struct fw_cfg_item *item = find(cfg, cfg->selected);

	return item && cfg->offset < item->size ? item->data[cfg->offset++] : 0;
}

static void access_ports(void *context, struct bus_access *access)
{
	struct fw_cfg *cfg = context;

	if (access->write && access->address == SELECTOR && access->size == 2) {
		cfg->selected = (uint16_t)access->value;
		cfg->offset = 0;
	} else if (!access->write) {
		access->value =
		    access->address == DATA && access->size == 1 ? next_byte(cfg) : UINT64_MAX;
	}
}

void fw_cfg_reset(struct fw_cfg *cfg)
{
	cfg->selected = FW_CFG_SIGNATURE;
	cfg->offset = 0;
}

int fw_cfg_add(struct fw_cfg *cfg, uint16_t key, const void *data, uint32_t size)
{
	if (cfg->item_count == FW_CFG_ITEMS)
		return GD_FULL;
	if (find(cfg, key))
		return GD_INVALID;
	cfg->items[cfg->item_count++] = (struct fw_cfg_item){key, size, data};
	return 0;
}

int fw_cfg_add_file(struct fw_cfg *cfg, const char *name, const void *data, uint32_t size)
{
	uint8_t *entry = cfg->directory + COUNT_BYTES + cfg->file_count * ENTRY_BYTES;
	uint16_t key = (uint16_t)(FW_CFG_FIRST_FILE + cfg->file_count);
	int error = strlen(name) < FW_CFG_NAME ? fw_cfg_add(cfg, key, data, size) : GD_INVALID;

	if (error)
		return error;
	be32_put(entry + ENTRY_SIZE, size);
	be16_put(entry + ENTRY_KEY, key);
	memcpy(entry + ENTRY_NAME, name, strlen(name));
	be32_put(cfg->directory, ++cfg->file_count);
	return 0;
}

void fw_cfg_init(struct fw_cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->region = (struct bus_region){FW_CFG_PORT, PORTS, access_ports, cfg, "fw_cfg"};
	fw_cfg_add(cfg, FW_CFG_SIGNATURE, signature, sizeof(signature));
	fw_cfg_add(cfg, FW_CFG_ID, id, sizeof(id));
	fw_cfg_add(cfg, FW_CFG_DIRECTORY, cfg->directory, sizeof(cfg->directory));
	fw_cfg_reset(cfg);
}
