/* SPDX-License-Identifier: BSD-2-Clause */
/* The control queue: task management and asynchronous notification (VIRTIO 1.4, 5.6.6.2). */
#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/scsi_parts.h"
#include "guest-devices/virtio/work.h"

enum { T_TMF, T_AN_QUERY, T_AN_SUBSCRIBE };
enum {
	TMF_ABORT_TASK,
	TMF_ABORT_TASK_SET,
	TMF_CLEAR_ACA,
	TMF_CLEAR_TASK_SET,
	TMF_I_T_NEXUS_RESET,
	TMF_LOGICAL_UNIT_RESET,
	TMF_QUERY_TASK,
	TMF_QUERY_TASK_SET,
};
enum { /* struct virtio_scsi_ctrl_tmf and virtio_scsi_ctrl_an */
       CTRL_TYPE = 0,
       TMF_SUBTYPE = 4,
       TMF_LUN = 8,
       TMF_ID = 16,
       TMF_SIZE = 24,
       AN_LUN = 4,
       AN_SIZE = 16,
       AN_RESPONSE = 4,
};

static void finish(struct virtio_scsi *scsi, uint32_t offset, uint8_t response)
{
	uint8_t answer[AN_RESPONSE + 1] = {0};

	answer[offset] = response;
	vq_write(&scsi->control, 0, answer, offset + 1);
	vq_push(&scsi->rings[SCSI_CONTROL_RING], &scsi->control, offset + 1);
}

/* Is it what the function is about? */
static bool concerns(const struct virtio_scsi_slot *slot, uint32_t subtype,
                     struct virtio_scsi_address address, uint64_t tag)
{
	if (!slot->queue || slot->address.target != address.target)
		return false;
	if (subtype != TMF_I_T_NEXUS_RESET && slot->address.lun != address.lun)
		return false;
	return (subtype != TMF_ABORT_TASK && subtype != TMF_QUERY_TASK) || slot->tag == tag;
}

static uint8_t verdict_of(uint32_t subtype)
{
	return subtype == TMF_I_T_NEXUS_RESET || subtype == TMF_LOGICAL_UNIT_RESET
	           ? VIRTIO_SCSI_S_RESET
	           : VIRTIO_SCSI_S_ABORTED;
}

/* The initiator is told that a reset lies behind it, once for each logical unit. */
static void set_attention(struct virtio_scsi *scsi, uint32_t subtype,
                          struct virtio_scsi_address address)
{
	bool nexus = subtype == TMF_I_T_NEXUS_RESET;

	if (verdict_of(subtype) != VIRTIO_SCSI_S_RESET)
		return;
	for (unsigned i = 0; i < SCSI_LUNS; i++)
		if (nexus || i == address.lun)
			scsi->disks[address.target][i].attention =
			    nexus ? SCSI_NEXUS_LOSS : SCSI_DEVICE_RESET;
}

/* No back-end gives back what it has begun: the function waits for it (V14-SCSI-S15 to S17). */
static void cancel(struct virtio_scsi *scsi, uint32_t subtype, struct virtio_scsi_address address,
                   uint64_t tag)
{
	scsi->control_subtype = (uint8_t)subtype;
	scsi->control_address = address;
	scsi->awaited = 0;
	for (unsigned i = 0; i < VIRTIO_SCSI_SLOTS; i++) {
		struct virtio_scsi_slot *slot = &scsi->slots[i];

		if (!concerns(slot, subtype, address, tag))
			continue;
		slot->verdict = verdict_of(subtype);
		slot->task.cancelled = slot->awaited = true;
		scsi->awaited++;
	}
	set_attention(scsi, subtype, address);
	scsi->controlling = scsi->awaited > 0;
	if (!scsi->controlling)
		finish(scsi, 0, VIRTIO_SCSI_S_OK);
}

static void query(struct virtio_scsi *scsi, uint32_t subtype, struct virtio_scsi_address address,
                  uint64_t tag)
{
	bool any = false;

	for (unsigned i = 0; i < VIRTIO_SCSI_SLOTS; i++)
		any |= concerns(&scsi->slots[i], subtype, address, tag);
	finish(scsi, 0, any ? VIRTIO_SCSI_S_FUNCTION_SUCCEEDED : VIRTIO_SCSI_S_OK);
}

static bool has_unit(const struct virtio_scsi *scsi, uint32_t subtype,
                     struct virtio_scsi_address address)
{
	return subtype == TMF_I_T_NEXUS_RESET ||
	       (address.lun < SCSI_LUNS && scsi->targets[address.target].luns[address.lun]);
}

static void manage(struct virtio_scsi *scsi, const uint8_t *request)
{
	uint32_t subtype = le32_get(request + TMF_SUBTYPE);
	uint64_t tag = le64_get(request + TMF_ID);
	struct virtio_scsi_address address;

	if (subtype > TMF_QUERY_TASK_SET || subtype == TMF_CLEAR_ACA) {
		finish(scsi, 0, VIRTIO_SCSI_S_FUNCTION_REJECTED);
		return;
	}
	if (!scsi_decode(scsi, request + TMF_LUN, &address)) {
		finish(scsi, 0, VIRTIO_SCSI_S_BAD_TARGET);
		return;
	}
	if (!has_unit(scsi, subtype, address)) {
		finish(scsi, 0, VIRTIO_SCSI_S_INCORRECT_LUN);
		return;
	}
	scsi_serve_all(scsi); /* what the driver sent before is in the slots then, or done */
	if (subtype >= TMF_QUERY_TASK)
		query(scsi, subtype, address, tag);
	else
		cancel(scsi, subtype, address, tag);
}

/* There is nothing that a disk would notify of. */
static void notification(struct virtio_scsi *scsi, const uint8_t *request)
{
	struct virtio_scsi_address address;

	finish(scsi, AN_RESPONSE,
	       scsi_decode(scsi, request + AN_LUN, &address) ? VIRTIO_SCSI_S_OK
	                                                     : VIRTIO_SCSI_S_BAD_TARGET);
}

static void serve(struct virtio_scsi *scsi)
{
	uint8_t request[TMF_SIZE] = {0};
	size_t size = vq_read(&scsi->control, 0, request, sizeof(request));
	uint32_t room = scsi->control.write_size, type = le32_get(request + CTRL_TYPE);
	bool known = type <= T_AN_SUBSCRIBE;

	if (size < 4 || room < 1 || (type == T_TMF && size < TMF_SIZE) ||
	    (known && type != T_TMF && (size < AN_SIZE || room <= AN_RESPONSE)))
		vq_push(&scsi->rings[SCSI_CONTROL_RING], &scsi->control, 0);
	else if (!known)
		finish(scsi, 0, VIRTIO_SCSI_S_FAILURE);
	else if (type == T_TMF)
		manage(scsi, request);
	else
		notification(scsi, request);
}

void scsi_serve_control(struct virtio_scsi *scsi)
{
	struct work work = work_begin(&scsi->rings[SCSI_CONTROL_RING], &scsi->control_later);

	/* goes on when the one at work is done */
	while (!scsi->controlling && work_next(&work, &scsi->control))
		serve(scsi);
	virtio_notify_queue(&scsi->device, SCSI_CONTROL_RING);
}

void scsi_control_released(struct virtio_scsi *scsi)
{
	if (--scsi->awaited > 0 || !scsi->controlling)
		return;
	scsi->controlling = false;
	finish(scsi, 0, VIRTIO_SCSI_S_OK);
	virtio_notify_queue(&scsi->device, SCSI_CONTROL_RING);
	scsi_serve_control(scsi);
}

bool scsi_resetting(const struct virtio_scsi *scsi, struct virtio_scsi_address address)
{
	bool unit = scsi->control_subtype == TMF_LOGICAL_UNIT_RESET &&
	            scsi->control_address.lun == address.lun;

	return scsi->controlling && scsi->control_address.target == address.target &&
	       (unit || scsi->control_subtype == TMF_I_T_NEXUS_RESET);
}
