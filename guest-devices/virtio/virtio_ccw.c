/* SPDX-License-Identifier: BSD-2-Clause */
/* The subchannel: I/O instructions, and the status they leave (VIRTIO 1.4, 4.3.1). */
#include "guest-devices/virtio/virtio_ccw.h"

#include <string.h>

enum { NO_REVISION = -1, NOT_THERE = -22 };

static void set_pending(struct virtio_ccw *ccw, uint8_t function)
{
	const struct ccw_program *program = &ccw->program;
	bool start = function == CCW_START;

	ccw->busy = ccw->waiting = false;
	ccw->pending = true;
	ccw->status = (struct ccw_status){
	    .function = function,
	    .device = start ? program->device_status : 0,
	    .channel = start ? program->channel_status : 0,
	    .residual = start ? program->residual : 0,
	    .next = start ? program->next : 0,
	};
	ccw->config.io_interrupt(ccw->config.context);
}

void virtio_ccw_unsolicited(struct virtio_ccw *ccw)
{
	if (!ccw->pending && !ccw->busy && ccw->enabled)
		set_pending(ccw, 0);
}

static void run(struct virtio_ccw *ccw)
{
	if (ccw_program_run(&ccw->program, virtio_ccw_execute, ccw))
		set_pending(ccw, CCW_START);
}

int virtio_ccw_start(struct virtio_ccw *ccw, const struct ccw_request *request)
{
	if (!ccw->enabled)
		return CCW_CC_NOT_OPERATIONAL;
	if (ccw->pending)
		return CCW_CC_STATUS_PENDING;
	if (ccw->busy)
		return CCW_CC_BUSY;
	ccw->busy = true;
	ccw->program = (struct ccw_program){
	    .mem = ccw->config.mem,
	    .next = request->program,
	    .format1 = request->format1,
	    .indirect8 = request->indirect8,
	};
	run(ccw);
	return CCW_CC_DONE;
}

int virtio_ccw_test(struct virtio_ccw *ccw, struct ccw_status *status)
{
	memset(status, 0, sizeof(*status));
	if (!ccw->enabled)
		return CCW_CC_NOT_OPERATIONAL;
	if (!ccw->pending)
		return CCW_CC_STATUS_PENDING; /* 1: nothing was pending */
	*status = ccw->status;
	ccw->pending = false;
	return CCW_CC_DONE;
}

int virtio_ccw_halt(struct virtio_ccw *ccw)
{
	if (!ccw->enabled)
		return CCW_CC_NOT_OPERATIONAL;
	if (ccw->pending)
		return CCW_CC_STATUS_PENDING;
	set_pending(ccw, CCW_HALT);
	return CCW_CC_DONE;
}

int virtio_ccw_clear(struct virtio_ccw *ccw)
{
	if (!ccw->enabled)
		return CCW_CC_NOT_OPERATIONAL;
	ccw->sense = 0;
	set_pending(ccw, CCW_CLEAR);
	return CCW_CC_DONE;
}

int virtio_ccw_enable(struct virtio_ccw *ccw, bool enabled)
{
	if (ccw->pending)
		return CCW_CC_STATUS_PENDING;
	if (ccw->busy)
		return CCW_CC_BUSY;
	ccw->enabled = enabled;
	ccw->revision = NO_REVISION;
	return CCW_CC_DONE;
}

static void device_reset(void *context)
{
	struct virtio_ccw *ccw = context;

	ccw->indicators = (struct ccw_indicators){0};
}

/* The command that resets ends only now (4.3.3.3). */
static void reset_done(void *context)
{
	struct virtio_ccw *ccw = context;

	if (!ccw->waiting)
		return;
	ccw->waiting = false;
	run(ccw);
}

static struct virtio_ccw *find(struct virtio_ccw *const *all, unsigned count, uint32_t subchannel,
                               uint64_t cookie)
{
	if (cookie < count && all[cookie]->config.subchannel == subchannel)
		return all[cookie];
	for (unsigned i = 0; i < count; i++)
		if (all[i]->config.subchannel == subchannel)
			return all[i];
	return NULL;
}

int64_t virtio_ccw_diagnose(struct virtio_ccw *const *all, unsigned count, const uint64_t gprs[4])
{
	struct virtio_ccw *ccw = find(all, count, (uint32_t)gprs[1], gprs[3]);
	struct virtio_device *device;

	if (gprs[0] != CCW_DIAGNOSE_NOTIFY || !ccw || !ccw->enabled || gprs[2] > UINT32_MAX)
		return NOT_THERE;
	device = ccw->config.device;
	if (!virtio_queue(device, virtio_kicked(device, (uint32_t)gprs[2]))) {
		virtio_misuse(device);
		return NOT_THERE;
	}
	if (ccw->revision == 0)
		virtio_legacy_kick(device, (uint32_t)gprs[2]);
	else
		virtio_kick_word(device, (uint32_t)gprs[2]);
	for (unsigned i = 0; i < count; i++)
		if (all[i] == ccw)
			return i;
	return NOT_THERE;
}

void virtio_ccw_init(struct virtio_ccw *ccw, const struct virtio_ccw_config *config)
{
	const struct virtio_wires wires = {
	    .queue_interrupt = virtio_ccw_queue_interrupt,
	    .config_interrupt = virtio_ccw_config_interrupt,
	    .reset = device_reset,
	    .reset_done = reset_done,
	    .context = ccw,
	    .cannot = VIRTIO_F_RING_RESET | VIRTIO_F_NOTIF_CONFIG_DATA, /* 4.3.4, 6 */
	};

	*ccw = (struct virtio_ccw){.config = *config, .revision = NO_REVISION};
	virtio_connect(config->device, &wires);
}
