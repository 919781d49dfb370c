/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands do (VIRTIO 1.4, 4.3.2): one row a command. */
#include "guest-devices/virtio/virtio_ccw_commands.h"

#include <string.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/virtio_ccw.h"

enum { COMMAND_REJECT = 0x80, DATA_MAX = 32, REVISION_MAX = 2, SENSE_MAX = 32, ID_MAX = 256 };
enum { CONTROL_UNIT = 0x3832 };

#define ANY_LENGTH UINT32_MAX /* the command looks for itself */

/* Bytes of at most size that the driver wants, and the rest is residual. */
static enum ccw_result give(struct ccw_program *program, const void *bytes, uint32_t size)
{
	uint32_t count = program->command.count, part = count < size ? count : size;

	program->residual = (uint16_t)(count - part);
	if (count > size && program->command.exact)
		return CCW_LENGTH;
	return ccw_data_write(program, 0, bytes, part) ? CCW_DONE : CCW_CHECK;
}

/* --- basic commands --- */

static enum ccw_result nop(struct virtio_ccw *ccw, struct ccw_program *program, uint8_t *data)
{
	(void)ccw, (void)program, (void)data;
	return CCW_DONE;
}

static enum ccw_result sense(struct virtio_ccw *ccw, struct ccw_program *program, uint8_t *data)
{
	uint8_t bytes[SENSE_MAX] = {ccw->sense};

	(void)data;
	ccw->sense = 0;
	return give(program, bytes, sizeof(bytes));
}

static enum ccw_result sense_id(struct virtio_ccw *ccw, struct ccw_program *program, uint8_t *data)
{
	uint8_t bytes[ID_MAX] = {0xff};

	(void)data;
	be16_put(bytes + 1, CONTROL_UNIT);
	bytes[3] = (uint8_t)ccw->config.device->type;
	return give(program, bytes, sizeof(bytes));
}

/* --- virtio's --- */

static enum ccw_result set_revision(struct virtio_ccw *ccw, struct ccw_program *program,
                                    uint8_t *data)
{
	unsigned revision = be16_get(data), length = be16_get(data + 2);

	(void)program;
	if (ccw->revision >= 0 || revision > REVISION_MAX || length != 0 ||
	    (revision == 0 && !ccw->config.legacy_too))
		return CCW_REJECT;
	ccw->revision = (int)revision;
	return CCW_DONE;
}

/* Whether the driver got what it asked for: the queue runs, or it does not if that was the wish. */
static enum ccw_result queue_result(const struct virtio_ccw *ccw, uint16_t queue, bool wanted)
{
	const struct virtqueue *vq = virtio_queue(ccw->config.device, queue);

	return vq && (!wanted || vq->enabled) ? CCW_DONE : CCW_REJECT;
}

static enum ccw_result set_queue_legacy(struct virtio_ccw *ccw, const uint8_t *data)
{
	struct virtio_device *device = ccw->config.device;
	uint64_t address = be64_get(data);
	uint16_t queue = be16_get(data + 12);

	if (address != 0) {
		if (!virtio_queue_configurable(device, queue))
			return CCW_REJECT;
		virtio_set_queue_size(device, queue, be16_get(data + 14));
		virtio_legacy_set_align(device, queue, be32_get(data + 8));
		if (device->queues[queue].size != be16_get(data + 14) ||
		    device->queues[queue].align != be32_get(data + 8))
			return CCW_REJECT;
	}
	virtio_legacy_set_queue(device, queue, address);
	return queue_result(ccw, queue, address != 0);
}

static enum ccw_result set_queue_modern(struct virtio_ccw *ccw, const uint8_t *data)
{
	struct virtio_device *device = ccw->config.device;
	uint64_t address = be64_get(data);
	uint16_t queue = be16_get(data + 12), size = be16_get(data + 14);
	struct virtqueue *vq = virtio_queue(device, queue);

	if (address == 0) {
		virtio_queue_stop(device, queue);
		return queue_result(ccw, queue, false);
	}
	if (!virtio_queue_configurable(device, queue))
		return CCW_REJECT;
	virtio_set_queue_size(device, queue, size);
	if (vq->size != size)
		return CCW_REJECT;
	vq->desc = address;
	vq->driver = be64_get(data + 16);
	vq->device = be64_get(data + 24);
	return virtio_queue_enable(device, queue) ? CCW_DONE : CCW_REJECT;
}

static enum ccw_result set_queue(struct virtio_ccw *ccw, struct ccw_program *program, uint8_t *data)
{
	(void)program;
	return ccw->revision == 0 ? set_queue_legacy(ccw, data) : set_queue_modern(ccw, data);
}

static enum ccw_result queue_config(struct virtio_ccw *ccw, struct ccw_program *program,
                                    uint8_t *data)
{
	const struct virtqueue *vq = virtio_queue(ccw->config.device, be16_get(data));
	uint8_t size[2];

	be16_put(size, vq ? vq->size_max : 0);
	return ccw_data_write(program, 2, size, 2) ? CCW_DONE : CCW_CHECK;
}

static enum ccw_result read_features(struct virtio_ccw *ccw, struct ccw_program *program,
                                     uint8_t *data)
{
	uint8_t index = data[4], bytes[4];
	uint32_t features = 0;

	if (ccw->revision > 0)
		features = virtio_offered_word(ccw->config.device, index);
	else if (index == 0)
		features = virtio_legacy_offered(ccw->config.device);
	le32_put(bytes, features);
	return ccw_data_write(program, 0, bytes, 4) ? CCW_DONE : CCW_CHECK;
}

static enum ccw_result write_features(struct virtio_ccw *ccw, struct ccw_program *program,
                                      uint8_t *data)
{
	struct virtio_device *device = ccw->config.device;
	uint32_t features = le32_get(data);
	uint8_t index = data[4];

	(void)program;
	if (ccw->revision == 0) {
		if (index == 0)
			virtio_legacy_set_features(device, features);
		return index == 0 || features == 0 ? CCW_DONE : CCW_REJECT;
	}
	if (index < 2)
		virtio_set_driver_word(device, index, features);
	return (index < 2 ? virtio_driver_word(device, index) : 0) == features ? CCW_DONE
	                                                                       : CCW_REJECT;
}

static enum ccw_result read_config(struct virtio_ccw *ccw, struct ccw_program *program,
                                   uint8_t *data)
{
	struct virtio_device *device = ccw->config.device;
	uint8_t bytes[VIRTIO_CONFIG_MAX];

	(void)data;
	virtio_config_read(device, 0, bytes, device->config_size);
	return give(program, bytes, (uint32_t)device->config_size);
}

/* Drivers transmit all from the start on; what they did not change is not written. */
static void write_changes(struct virtio_device *device, const uint8_t *bytes, uint32_t size)
{
	uint8_t now[VIRTIO_CONFIG_MAX];

	virtio_config_read(device, 0, now, size);
	for (uint32_t i = 0, end; i < size; i = end + 1) {
		for (end = i; end < size && bytes[end] != now[end]; end++)
			;
		if (end > i)
			virtio_config_write(device, i, bytes + i, end - i);
	}
}

static enum ccw_result write_config(struct virtio_ccw *ccw, struct ccw_program *program,
                                    uint8_t *data)
{
	uint32_t count = program->command.count, size = (uint32_t)ccw->config.device->config_size;
	uint8_t bytes[VIRTIO_CONFIG_MAX];
	uint32_t part = count < size ? count : size;

	(void)data;
	program->residual = (uint16_t)(count - part);
	if (count > size && program->command.exact)
		return CCW_LENGTH;
	if (!ccw_data_read(program, 0, bytes, part))
		return CCW_CHECK;
	if (ccw->revision == 0 && !virtio_legacy_begin(ccw->config.device))
		return CCW_REJECT;
	write_changes(ccw->config.device, bytes, part);
	return CCW_DONE;
}

/* A reset ends when the device status is 0 (V14-CCW-018). */
static enum ccw_result reset(struct virtio_ccw *ccw, struct ccw_program *program, uint8_t *data)
{
	(void)program, (void)data;
	virtio_reset(ccw->config.device);
	ccw->waiting = ccw->config.device->resetting;
	return ccw->waiting ? CCW_WAIT : CCW_DONE;
}

static enum ccw_result write_status(struct virtio_ccw *ccw, struct ccw_program *program,
                                    uint8_t *data)
{
	if (data[0] == 0)
		return reset(ccw, program, data);
	if (ccw->revision == 0 && !virtio_legacy_begin(ccw->config.device))
		return CCW_REJECT;
	return virtio_try_status(ccw->config.device, data[0]) ? CCW_DONE : CCW_REJECT;
}

static enum ccw_result read_status(struct virtio_ccw *ccw, struct ccw_program *program,
                                   uint8_t *data)
{
	(void)data;
	data[0] = virtio_status(ccw->config.device);
	return ccw_data_write(program, 0, data, 1) ? CCW_DONE : CCW_CHECK;
}

static enum ccw_result set_indicators(struct virtio_ccw *ccw, struct ccw_program *program,
                                      uint8_t *data)
{
	return virtio_ccw_set_indicators(ccw, program->command.code, data);
}

/* --- the table --- */

enum { BASIC = -2, FIRST = -1 }; /* revisions: needs none; sets it. None yet is -1 */

static const struct row {
	uint8_t code;
	int8_t revision;            /* the least that has the command */
	uint32_t size, size_legacy; /* of the data */
	enum ccw_result (*run)(struct virtio_ccw *ccw, struct ccw_program *program, uint8_t *data);
} rows[] = {
    {CCW_NOP, BASIC, ANY_LENGTH, ANY_LENGTH, nop},
    {CCW_SENSE, BASIC, ANY_LENGTH, ANY_LENGTH, sense},
    {CCW_SENSE_ID, BASIC, ANY_LENGTH, ANY_LENGTH, sense_id},
    {CCW_SET_VIRTIO_REV, FIRST, 4, 4, set_revision},
    {CCW_SET_VQ, 0, 32, 16, set_queue},
    {CCW_VDEV_RESET, 0, ANY_LENGTH, ANY_LENGTH, reset},
    {CCW_SET_IND, 0, 8, 8, set_indicators},
    {CCW_SET_CONF_IND, 0, 8, 8, set_indicators},
    {CCW_SET_IND_ADAPTER, 0, 25, 25, set_indicators},
    {CCW_READ_FEAT, 0, 5, 5, read_features},
    {CCW_WRITE_FEAT, 0, 5, 5, write_features},
    {CCW_READ_CONF, 0, ANY_LENGTH, ANY_LENGTH, read_config},
    {CCW_WRITE_CONF, 0, ANY_LENGTH, ANY_LENGTH, write_config},
    {CCW_WRITE_STATUS, 0, 1, 1, write_status},
    {CCW_READ_STATUS, 2, 1, 1, read_status},
    {CCW_READ_VQ_CONF, 0, 4, 4, queue_config},
};

static const struct row *find(uint8_t code)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

/* A driver that begins with another command is a legacy one (V14-CCW-L02). */
static bool allowed(struct virtio_ccw *ccw, const struct row *row)
{
	if (row->revision >= 0 && ccw->revision < 0 && ccw->config.legacy_too)
		ccw->revision = 0;
	return ccw->revision >= row->revision;
}

/* Too short is never right; too long is if the driver said so (V14-CCW-002 to 004). */
static enum ccw_result check_length(struct ccw_program *program, uint32_t size)
{
	uint32_t count = program->command.count;

	if (size == ANY_LENGTH || count == size)
		return CCW_DONE;
	program->residual = (uint16_t)(count > size ? count - size : count);
	if (program->command.exact)
		return CCW_LENGTH;
	return count < size ? CCW_REJECT : CCW_DONE;
}

static enum ccw_result execute(struct virtio_ccw *ccw, struct ccw_program *program)
{
	const struct row *row = find(program->command.code);
	uint8_t data[DATA_MAX] = {0};
	enum ccw_result result;
	uint32_t size;

	if (!row || !allowed(ccw, row))
		return CCW_REJECT;
	size = ccw->revision == 0 ? row->size_legacy : row->size;
	result = check_length(program, size);
	if (result != CCW_DONE)
		return result;
	if (size != ANY_LENGTH && !ccw_data_read(program, 0, data, size))
		return CCW_CHECK;
	return row->run(ccw, program, data);
}

enum ccw_result virtio_ccw_execute(void *context, struct ccw_program *program)
{
	struct virtio_ccw *ccw = context;
	enum ccw_result result = execute(ccw, program);

	if (result == CCW_REJECT) {
		ccw->sense = COMMAND_REJECT;
		virtio_misuse(ccw->config.device);
	}
	return result;
}
