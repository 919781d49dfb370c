/* SPDX-License-Identifier: BSD-2-Clause */
/* The SCSI host's configuration structure (VIRTIO 1.4, 5.6.4). */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/scsi_parts.h"

enum {
	SPACE_NUM_QUEUES = 0,
	SPACE_SEG_MAX = 4,
	SPACE_MAX_SECTORS = 8,
	SPACE_CMD_PER_LUN = 12,
	SPACE_EVENT_INFO_SIZE = 16,
	SPACE_SENSE_SIZE = 20,
	SPACE_CDB_SIZE = 24,
	SPACE_MAX_CHANNEL = 28,
	SPACE_MAX_TARGET = 30,
	SPACE_MAX_LUN = 32,
};

enum { SENSE_SIZE = 96, CDB_SIZE = 32, EVENT_SIZE = 16 };

void scsi_space_init(struct virtio_scsi *scsi, unsigned queues)
{
	uint8_t *space = scsi->space;

	le32_put(space + SPACE_NUM_QUEUES, queues);
	le32_put(space + SPACE_SEG_MAX, VIRTIO_SCSI_SEG_MAX);
	le32_put(space + SPACE_MAX_SECTORS, SCSI_BLOCKS_MAX);
	le32_put(space + SPACE_CMD_PER_LUN, VIRTIO_SCSI_RING);
	le32_put(space + SPACE_EVENT_INFO_SIZE, EVENT_SIZE);
	le16_put(space + SPACE_MAX_CHANNEL, 0);
	le16_put(space + SPACE_MAX_TARGET, VIRTIO_SCSI_TARGETS - 1);
	le32_put(space + SPACE_MAX_LUN, SCSI_LUNS - 1);
	scsi_space_reset(scsi);
}

/* V14-SCSI-001 */
void scsi_space_reset(struct virtio_scsi *scsi)
{
	le32_put(scsi->space + SPACE_SENSE_SIZE, SENSE_SIZE);
	le32_put(scsi->space + SPACE_CDB_SIZE, CDB_SIZE);
	memcpy(scsi->written, scsi->space + SPACE_SENSE_SIZE, sizeof(scsi->written));
}

uint32_t scsi_sense_size(const struct virtio_scsi *scsi)
{
	return le32_get(scsi->space + SPACE_SENSE_SIZE);
}

uint32_t scsi_cdb_size(const struct virtio_scsi *scsi)
{
	return le32_get(scsi->space + SPACE_CDB_SIZE);
}

static bool valid(unsigned field, uint32_t value)
{
	if (field == SPACE_SENSE_SIZE)
		return value <= VIRTIO_SCSI_SENSE_MAX;
	return value >= CDB_SIZE && value <= VIRTIO_SCSI_CDB_MAX;
}

/* A size counts when its last byte is there; one that cannot be is ignored (SC-002). */
static void take(struct virtio_scsi *scsi, unsigned field)
{
	uint8_t *written = &scsi->written[field - SPACE_SENSE_SIZE];

	if (valid(field, le32_get(written)))
		memcpy(scsi->space + field, written, 4);
	else
		memcpy(written, scsi->space + field, 4);
}

void scsi_space_write(struct virtio_device *device, size_t offset, const void *from, size_t size)
{
	struct virtio_scsi *scsi = scsi_of_device(device);
	const uint8_t *bytes = from;

	for (size_t i = 0; i < size; i++, offset++) {
		if (offset < SPACE_SENSE_SIZE || offset >= SPACE_MAX_CHANNEL)
			continue;
		scsi->written[offset - SPACE_SENSE_SIZE] = bytes[i];
		if (offset % 4 == 3)
			take(scsi, (unsigned)offset - 3);
	}
}
