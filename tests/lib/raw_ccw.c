/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/raw_ccw.h"

#include <string.h>

#include "guest-devices/bytes.h"

void raw_ccw_io_interrupt(void *context)
{
	((struct raw_ccw *)context)->interrupts++;
}

void raw_ccw_adapter_interrupt(void *context, uint8_t isc)
{
	struct raw_ccw *raw = context;

	raw->adapter_interrupts++;
	raw->isc = isc;
}

void raw_ccw_put(struct raw_ccw *raw, unsigned n, uint8_t code, uint8_t flags, uint16_t count,
                 uint32_t address)
{
	uint8_t *at = fake_mem_at(raw->mem, RAW_CCW_PROGRAM + 8ull * n, 8);

	at[0] = code;
	at[1] = flags;
	be16_put(at + 2, count);
	be32_put(at + 4, address);
}

int raw_ccw_go(struct raw_ccw *raw)
{
	int code = virtio_ccw_start(raw->ccw, &(struct ccw_request){RAW_CCW_PROGRAM, true, true});

	memset(&raw->status, 0, sizeof(raw->status));
	if (code == CCW_CC_DONE)
		virtio_ccw_test(raw->ccw, &raw->status);
	return code;
}

void raw_ccw_command(struct raw_ccw *raw, uint8_t code, void *data, uint16_t count, uint8_t flags)
{
	void *at = fake_mem_at(raw->mem, RAW_CCW_DATA, 4096);

	memcpy(at, data, count);
	raw_ccw_put(raw, 0, code, flags, count, RAW_CCW_DATA);
	raw_ccw_go(raw);
	memcpy(data, at, count);
}

bool raw_ccw_ok(const struct raw_ccw *raw)
{
	return raw->status.function == CCW_START && raw->status.channel == 0 &&
	       raw->status.device == (CCW_CHANNEL_END | CCW_DEVICE_END);
}

bool raw_ccw_rejected(const struct raw_ccw *raw)
{
	return (raw->status.device & CCW_UNIT_CHECK) && raw->status.channel == 0 &&
	       raw->ccw->sense == 0x80;
}

static bool command(struct raw_ccw *raw, uint8_t code, void *data, uint16_t count)
{
	raw_ccw_command(raw, code, data, count, 0);
	return raw_ccw_ok(raw);
}

bool raw_ccw_revision(struct raw_ccw *raw, uint16_t revision)
{
	uint8_t data[4] = {0};

	be16_put(data, revision);
	return command(raw, CCW_SET_VIRTIO_REV, data, 4);
}

bool raw_ccw_set_status(struct raw_ccw *raw, uint8_t status)
{
	return command(raw, CCW_WRITE_STATUS, &status, 1);
}

uint8_t raw_ccw_get_status(struct raw_ccw *raw)
{
	uint8_t status = 0xee;

	command(raw, CCW_READ_STATUS, &status, 1);
	return status;
}

uint32_t raw_ccw_features(struct raw_ccw *raw, uint8_t index)
{
	uint8_t data[5] = {[4] = index};

	command(raw, CCW_READ_FEAT, data, 5);
	return le32_get(data);
}

bool raw_ccw_set_features(struct raw_ccw *raw, uint8_t index, uint32_t features)
{
	uint8_t data[5] = {[4] = index};

	le32_put(data, features);
	return command(raw, CCW_WRITE_FEAT, data, 5);
}

bool raw_ccw_indicator(struct raw_ccw *raw, uint8_t code, uint64_t address)
{
	uint8_t data[8];

	be64_put(data, address);
	return command(raw, code, data, 8);
}

bool raw_ccw_adapter(struct raw_ccw *raw, uint64_t summary, uint64_t area, uint64_t bit,
                     uint8_t isc)
{
	uint8_t data[25];

	be64_put(data, summary);
	be64_put(data + 8, area);
	be64_put(data + 16, bit);
	data[24] = isc;
	return command(raw, CCW_SET_IND_ADAPTER, data, 25);
}

bool raw_ccw_queue(struct raw_ccw *raw, uint16_t queue, uint16_t size, uint64_t desc,
                   uint64_t driver, uint64_t device)
{
	uint8_t data[32];

	be64_put(data, desc);
	be32_put(data + 8, 0xffffffff); /* res0 is ignored */
	be16_put(data + 12, queue);
	be16_put(data + 14, size);
	be64_put(data + 16, driver);
	be64_put(data + 24, device);
	return command(raw, CCW_SET_VQ, data, 32);
}

bool raw_ccw_queue_legacy(struct raw_ccw *raw, uint16_t queue, uint16_t size, uint64_t address,
                          uint32_t align)
{
	uint8_t data[16];

	be64_put(data, address);
	be32_put(data + 8, align);
	be16_put(data + 12, queue);
	be16_put(data + 14, size);
	return command(raw, CCW_SET_VQ, data, 16);
}
