/* SPDX-License-Identifier: BSD-2-Clause */
/* One request: parse, hand to the target, answer (VIRTIO 1.4, 5.6.6.1). */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/scsi_parts.h"

enum { REQ_LUN = 0, REQ_ID = 8, REQ_CDB = 19 }; /* struct virtio_scsi_req_cmd */
enum { RESP_SENSE_LEN = 0, RESP_RESIDUAL = 4, RESP_STATUS = 10, RESP_RESPONSE = 11 };

static bool target_exists(const struct scsi_target *target)
{
	for (unsigned i = 0; i < SCSI_LUNS; i++)
		if (target->luns[i])
			return true;
	return false;
}

/* The whole device's REPORT LUNS unit speaks for the first target. */
static bool first_target(const struct virtio_scsi *scsi, struct virtio_scsi_address *address)
{
	for (unsigned i = 0; i < VIRTIO_SCSI_TARGETS; i++) {
		*address = (struct virtio_scsi_address){i, SCSI_LUN_REPORT};
		if (target_exists(&scsi->targets[i]))
			return true;
	}
	return false;
}

/* Single level: peripheral device addressing of bus 0, flat space, or a well-known unit. */
static bool single_level(uint16_t field, unsigned *lun)
{
	*lun = field & 0x3fff;
	if (field == SCSI_LUN_REPORT)
		*lun = field;
	return field == SCSI_LUN_REPORT || field < 0x100 || field >> 14 == 1;
}

bool scsi_decode(const struct virtio_scsi *scsi, const uint8_t *bytes,
                 struct virtio_scsi_address *address)
{
	static const uint8_t report[8] = {0xc1, 1};

	if (memcmp(bytes, report, sizeof(report)) == 0)
		return first_target(scsi, address);
	address->target = bytes[1];
	return bytes[0] == 1 && be32_get(bytes + 4) == 0 &&
	       single_level(be16_get(bytes + 2), &address->lun) &&
	       address->target < VIRTIO_SCSI_TARGETS &&
	       target_exists(&scsi->targets[address->target]);
}

void scsi_encode(struct virtio_scsi_address address, uint8_t *bytes)
{
	memset(bytes, 0, 8);
	bytes[0] = 1;
	bytes[1] = (uint8_t)address.target;
	/* peripheral addressing, as REPORT LUNS says it: Linux knows no flat address in an event */
	bytes[3] = (uint8_t)address.lun;
}

/* Sense data ends where the driver's room for it does. */
static uint32_t put_sense(const struct virtio_scsi_slot *slot)
{
	uint8_t sense[VIRTIO_SCSI_SENSE_MAX] = {0};
	uint32_t room = slot->chain.write_size - VIRTIO_SCSI_RESPONSE, size = slot->sense_size;

	memcpy(sense, slot->task.sense, slot->task.sense_size);
	if (size > room)
		size = room;
	vq_write(&slot->chain, VIRTIO_SCSI_RESPONSE, sense, size);
	return slot->task.sense_size < size ? slot->task.sense_size : size;
}

static void respond(struct virtio_scsi_slot *slot, uint8_t response)
{
	const struct scsi_task *task = &slot->task;
	uint32_t before = VIRTIO_SCSI_RESPONSE + slot->sense_size;
	uint8_t bytes[VIRTIO_SCSI_RESPONSE] = {0};

	if (response == VIRTIO_SCSI_S_OK) {
		le32_put(bytes + RESP_SENSE_LEN, put_sense(slot));
		le32_put(bytes + RESP_RESIDUAL,
		         task->out_size - task->out_done + task->in_size - task->in_done);
		bytes[RESP_STATUS] = (uint8_t)task->status;
	} else {
		slot->task.sense_size = 0;
		put_sense(slot);
	}
	bytes[RESP_RESPONSE] = response;
	vq_write(&slot->chain, 0, bytes, sizeof(bytes));
	scsi_slot_done(slot, before + (response == VIRTIO_SCSI_S_OK ? task->in_done : 0));
}

static void task_done(struct scsi_task *task)
{
	struct virtio_scsi_slot *slot =
	    (void *)((char *)task - offsetof(struct virtio_scsi_slot, task));
	struct virtqueue *ring = &slot->queue->owner->rings[slot->queue->ring];

	if (slot->chain.epoch != ring->epoch)
		scsi_slot_done(slot, 0); /* nobody waits for it any more */
	else if (slot->verdict)
		respond(slot, slot->verdict);
	else
		respond(slot, task->overrun ? VIRTIO_SCSI_S_OVERRUN : VIRTIO_SCSI_S_OK);
}

/* Why it is not even begun; OK: it is. */
static uint8_t refusal(struct virtio_scsi *scsi, struct virtio_scsi_slot *slot,
                       const uint8_t *header)
{
	const struct scsi_task *task = &slot->task;
	const struct virtio_scsi_address *address = &slot->address;

	if (task->out_size > 0 && task->in_size > 0 && !virtio_has(&scsi->device, SCSI_F_INOUT))
		return VIRTIO_SCSI_S_FAILURE;
	if (!scsi_decode(scsi, header + REQ_LUN, &slot->address))
		return VIRTIO_SCSI_S_BAD_TARGET;
	if (scsi_resetting(scsi, *address))
		return VIRTIO_SCSI_S_BUSY;
	return address->lun < SCSI_LUNS ? scsi->trouble[address->target][address->lun]
	                                : VIRTIO_SCSI_S_OK;
}

static void set_data(struct virtio_scsi_slot *slot)
{
	struct scsi_task *task = &slot->task;
	uint32_t before = VIRTIO_SCSI_RESPONSE + slot->sense_size;

	task->spans = slot->spans;
	task->out_size = slot->chain.read_size - slot->header;
	task->in_size = slot->chain.write_size > before ? slot->chain.write_size - before : 0;
	task->out_count = task->in_count = 0;
	if (task->out_size > 0)
		task->out_count = vq_read_spans(&slot->chain, slot->header, task->out_size,
		                                slot->spans, VQ_CHAIN_MAX);
	if (task->in_size > 0)
		task->in_count =
		    vq_write_spans(&slot->chain, before, task->in_size,
		                   slot->spans + task->out_count, VQ_CHAIN_MAX - task->out_count);
}

void scsi_serve(struct virtio_scsi_slot *slot)
{
	struct virtio_scsi *scsi = slot->queue->owner;
	uint8_t header[REQ_CDB + SCSI_CDB_MAX], response;

	slot->header = REQ_CDB + scsi_cdb_size(scsi);
	slot->sense_size = scsi_sense_size(scsi);
	slot->address = (struct virtio_scsi_address){VIRTIO_SCSI_TARGETS, 0};
	slot->verdict = 0;
	slot->awaited = false;
	slot->task.sense_size = 0;
	if (slot->chain.read_size < slot->header || slot->chain.write_size < VIRTIO_SCSI_RESPONSE) {
		scsi_slot_done(slot, 0);
		return;
	}
	vq_read(&slot->chain, 0, header, sizeof(header));
	slot->tag = le64_get(header + REQ_ID);
	memcpy(slot->task.cdb, header + REQ_CDB, SCSI_CDB_MAX);
	slot->task.done = task_done;
	set_data(slot);
	response = refusal(scsi, slot, header);
	if (response != VIRTIO_SCSI_S_OK)
		respond(slot, response);
	else
		scsi_execute(&slot->task, &scsi->targets[slot->address.target], slot->address.lun);
}
