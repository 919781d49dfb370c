/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of a guest's devices. */
#include <string.h>

#include "guest-devices/backend.h"
#include "hv/config_parse.h"

/* " ro" at the end is cut off. */
static bool cut_read_only(char *value)
{
	size_t size = strlen(value);

	if (size < 3 || value[size - 3] != ' ' || strcmp(value + size - 2, "ro") != 0)
		return false;
	for (size -= 2; size > 0 && value[size - 1] == ' '; size--)
		value[size - 1] = '\0';
	return true;
}

static const char *disk_source(struct disk_config *disk, const char *value)
{
	const char *wrong;

	if (strncmp(value, "image:", 6) == 0) {
		disk->kind = DISK_IMAGE;
		return value_path(value + 6, disk->file);
	}
	if (strncmp(value, "ram:", 4) != 0)
		return "is neither ram:SIZE nor image:FILE";
	wrong = value_size(value + 4, &disk->size);
	if (wrong)
		return wrong;
	return disk->size == 0 || disk->size % 512 ? "is not a multiple of 512 bytes" : NULL;
}

static const char *add_disk(struct config_parser *parser, const char *value,
                            struct disk_config *disks, unsigned *count)
{
	struct disk_config disk = {.kind = DISK_RAM, .line = parser->line};
	char source[CONFIG_PATH + 16];
	const char *wrong;

	if (*count == CONFIG_DISKS)
		return "is one disk too many";
	if (strlen(value) >= sizeof(source))
		return "is too long";
	memcpy(source, value, strlen(value) + 1);
	disk.read_only = cut_read_only(source);
	wrong = disk_source(&disk, source);
	if (!wrong)
		disks[(*count)++] = disk;
	return wrong;
}

static const char *read_disk(struct config_parser *parser, const char *value)
{
	return add_disk(parser, value, parser->vm->disks, &parser->vm->disk_count);
}

static const char *read_scsi(struct config_parser *parser, const char *value)
{
	return add_disk(parser, value, parser->vm->scsi, &parser->vm->scsi_count);
}

static const char *read_queues(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, CONFIG_QUEUES, &number);

	parser->vm->queues = wrong || !number ? 1 : (unsigned)number;
	return wrong || number > 0 ? wrong : "is none";
}

static const char *read_port(struct config_parser *parser, const char *value)
{
	struct vm_config *vm = parser->vm;

	if (vm->port_count == CONFIG_PORTS)
		return "is one port too many";
	if (!value_name(value))
		return "is no name for a port";
	for (unsigned i = 0; i < vm->port_count; i++)
		if (strcmp(vm->ports[i], value) == 0)
			return "is there already";
	config_join(vm->ports[vm->port_count++], CONFIG_NAME, value, NULL);
	return NULL;
}

/* A device without further questions: a bool in struct vm_config. */
#define YES_NO(key)                                                                                \
	static const char *read_##key(struct config_parser *parser, const char *value)             \
	{                                                                                          \
		return value_yes_no(value, &parser->vm->key);                                      \
	}
YES_NO(rng)
YES_NO(balloon)
YES_NO(clock)
YES_NO(example)

/* Each CID is one guest's; 0 to 2 and the last one are reserved (VIRTIO 1.4, 5.10.4). */
static const char *read_vsock(struct config_parser *parser, const char *value)
{
	char line[CONFIG_DIGITS];
	uint64_t number = 0;
	const char *wrong = value_number(value, UINT32_MAX, &number);

	if (!wrong && !vsock_cid_usable(number))
		wrong = "is a reserved CID";
	for (unsigned i = 0; i < parser->config->vm_count && !wrong; i++) {
		const struct vm_config *vm = &parser->config->vms[i];

		if (vm == parser->vm || vm->vsock != number)
			continue;
		config_join(parser->wrong, sizeof(parser->wrong), "is the CID of [vm ", vm->name,
		            "], which begins on line ", config_decimal(vm->line, line), NULL);
		wrong = parser->wrong;
	}
	parser->vm->vsock = wrong ? 0 : (uint32_t)number;
	return wrong;
}

static const char *read_vsock_peers(struct config_parser *parser, const char *value)
{
	parser->vm->vsock_peers_line = parser->line;
	if (strlen(value) >= CONFIG_PEERS)
		return "is longer than 511 characters";
	memcpy(parser->vm->vsock_peers, value, strlen(value) + 1);
	return NULL;
}

static const char *read_ring(struct config_parser *parser, const char *value)
{
	bool packed = strcmp(value, "packed") == 0;

	parser->vm->ring = packed ? RING_PACKED : RING_SPLIT;
	return packed || strcmp(value, "split") == 0 ? NULL : "is neither split nor packed";
}

static const char *const virtio_names[] = {
    [VIRTIO_OVER_PCI] = "pci",
    [VIRTIO_OVER_PCI_TRANSITIONAL] = "pci-transitional",
    [VIRTIO_OVER_PCI_LEGACY] = "pci-legacy",
    [VIRTIO_OVER_MMIO] = "mmio",
    [VIRTIO_OVER_MMIO_LEGACY] = "mmio-legacy",
};

const char *config_virtio_name(enum virtio_kind kind)
{
	return virtio_names[kind];
}

static const char *read_virtio(struct config_parser *parser, const char *value)
{
	for (unsigned i = 0; i < sizeof(virtio_names) / sizeof(virtio_names[0]); i++) {
		if (strcmp(value, virtio_names[i]) == 0) {
			parser->vm->virtio = (enum virtio_kind)i;
			return NULL;
		}
	}
	return "is no transport";
}

#define DISK_RIGHT "write for example ram:64M or image:disk.img, up to 8 times"

const struct config_key config_device_keys[] = {
    {"disk", read_disk, true, DISK_RIGHT},
    {"scsi", read_scsi, true, DISK_RIGHT},
    {"queues", read_queues, false, "write 1 to 8"},
    {"port", read_port, true,
     "write 1 to 31 letters, digits, - and _, each time others, up to 3 times"},
    {"rng", read_rng, false, "write yes or no"},
    {"balloon", read_balloon, false, "write yes or no"},
    {"clock", read_clock, false, "write yes or no"},
    {"vsock", read_vsock, false, "write the guest's CID, 3 to 4294967294"},
    {"vsock-peers", read_vsock_peers, false,
     "write the names of the guests that it may connect to, with blanks between them, or all"},
    {"example", read_example, false, "write yes or no"},
    {"ring", read_ring, false, "write split or packed"},
    {"virtio", read_virtio, false, "write pci, pci-transitional, pci-legacy, mmio or mmio-legacy"},
    {0},
};
