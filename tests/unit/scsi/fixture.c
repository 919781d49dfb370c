/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/scsi/fixture.h"

#include <stdlib.h>
#include <string.h>

struct rig rig;
struct virtio_scsi *scsi;
struct test_disk disks[3];
uint8_t lun[8];
uint64_t tag;

static void perform(struct test_disk *disk, struct blk_request *request)
{
	uint8_t *at = disk->data + request->offset;

	disk->flushes += request->op == BLK_FLUSH;
	disk->unmaps += request->unmap;
	if (disk->result == BLK_OK && request->op >= BLK_DISCARD)
		memset(at, 0, request->size);
	for (unsigned i = 0; disk->result == BLK_OK && i < request->span_count; i++) {
		struct blk_span *span = &request->spans[i];

		memcpy(request->op == BLK_READ ? span->data : at,
		       request->op == BLK_READ ? at : span->data, span->size);
		at += span->size;
	}
	request->done(request, disk->result);
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	struct test_disk *disk = (void *)((char *)backend - offsetof(struct test_disk, backend));

	cr_assert_leq(request->offset + request->size, disk->backend.capacity);
	disk->submits++;
	if (disk->slow)
		disk->held[disk->held_count++] = request;
	else
		perform(disk, request);
}

void disk_finish(struct test_disk *disk)
{
	unsigned count = disk->held_count;

	disk->held_count = 0;
	for (unsigned i = 0; i < count; i++)
		perform(disk, disk->held[i]);
}

static void init_disk(unsigned n)
{
	struct test_disk *disk = &disks[n];

	memset(disk, 0, sizeof(*disk));
	for (unsigned i = 0; i < DISK_SIZE; i++)
		disk->data[i] = (uint8_t)(i * 7 + i / 512 + n);
	disk->backend =
	    (struct blk_backend){.submit = submit,
	                         .capacity = DISK_SIZE,
	                         .operations = 1u << BLK_DISCARD | 1u << BLK_WRITE_ZEROES,
	                         .unmaps = true,
	                         .id = "serial-0"};
	disk->backend.id[7] = (char)('0' + n);
}

void set_lun(uint8_t target, uint16_t number)
{
	uint8_t bytes[8] = {1, target, (uint8_t)(0x40 | number >> 8), (uint8_t)number};

	memcpy(lun, bytes, sizeof(lun));
}

void scsi_setup_with(uint64_t features)
{
	rig_init(&rig);
	scsi = calloc(1, sizeof(*scsi));
	virtio_scsi_init(scsi, &(struct virtio_scsi_config){
	                           .name = "test scsi0", .mem = &rig.mem.mem, .queues = QUEUES});
	for (unsigned i = 0; i < 3; i++)
		init_disk(i);
	virtio_scsi_attach(scsi, (struct virtio_scsi_address){0, 0}, &disks[0].backend, 100);
	virtio_scsi_attach(scsi, (struct virtio_scsi_address){0, 3}, &disks[1].backend, 101);
	virtio_scsi_attach(scsi, (struct virtio_scsi_address){2, 0}, &disks[2].backend, 102);
	rig_plug(&rig, &scsi->device);
	cr_assert(rig_start(&rig, features));
	for (unsigned i = 0; i < 3; i++) {
		set_lun(i == 2 ? 2 : 0, i == 1 ? 3 : 0);
		cr_assert(check(run_plain("00"), 0x62901));
	}
	set_lun(0, 0);
}

void scsi_setup(void)
{
	scsi_setup_with(F_INOUT | F_HOTPLUG | F_CHANGE);
}

void scsi_teardown(void)
{
	for (unsigned i = 0; i < 3; i++)
		disk_finish(&disks[i]);
	rig_free(&rig);
	free(scsi);
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void parse(const char *text, uint8_t *cdb)
{
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		*cdb++ = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
		text++;
	}
}

static uint64_t header_at(const char *cdb)
{
	uint64_t address = rig_alloc(&rig, HEADER);
	uint8_t *header = rig_at(&rig, address, HEADER);

	memcpy(header, lun, 8);
	memcpy(header + 8, &tag, 8);
	tag++;
	parse(cdb, header + 19);
	return address;
}

uint64_t start(unsigned queue, const char *cdb, uint32_t out_size, uint32_t in_size)
{
	uint64_t reply = rig_alloc(&rig, RESPONSE + in_size);
	struct rig_buffer buffers[3] = {{header_at(cdb), HEADER, false}};
	unsigned count = 1;

	memset(rig_at(&rig, reply, RESPONSE), NONE, RESPONSE);
	if (out_size > 0)
		buffers[count++] = (struct rig_buffer){FAKE_SEAM - out_size, out_size, false};
	buffers[count++] = (struct rig_buffer){reply, RESPONSE + in_size, true};
	rig_offer(&rig, queue, buffers, count);
	rig_kick(&rig, queue);
	return reply;
}

uint8_t response_at(uint64_t reply)
{
	return *(uint8_t *)rig_at(&rig, reply + 11, 1);
}

struct reply run(const char *cdb, const void *out, uint32_t out_size, uint32_t in_size)
{
	struct reply reply = {0};
	uint64_t at;
	uint16_t head;

	rig.heap = RIG_HEAP; /* each request has it for itself */
	if (out)
		memcpy(rig_at(&rig, FAKE_SEAM - out_size, out_size), out, out_size);
	at = start(REQUESTS, cdb, out_size, in_size);
	reply.used = rig_used(&rig, REQUESTS, &head, &reply.written);
	memcpy(&reply.sense_len, rig_at(&rig, at, 4), 4);
	memcpy(&reply.residual, rig_at(&rig, at + 4, 4), 4);
	reply.status = *(uint8_t *)rig_at(&rig, at + 10, 1);
	reply.response = response_at(at);
	memcpy(reply.sense, rig_at(&rig, at + 12, SENSE_SIZE), SENSE_SIZE);
	reply.data = at + RESPONSE;
	return reply;
}

struct reply run_in(const char *cdb, uint32_t in_size)
{
	return run(cdb, NULL, 0, in_size);
}

struct reply run_plain(const char *cdb)
{
	return run(cdb, NULL, 0, 0);
}

bool good(struct reply reply)
{
	return reply.used && reply.response == VIRTIO_SCSI_S_OK && reply.status == SCSI_GOOD &&
	       reply.sense_len == 0;
}

bool check(struct reply reply, uint32_t sense)
{
	return reply.used && reply.response == VIRTIO_SCSI_S_OK &&
	       reply.status == SCSI_CHECK_CONDITION && reply.sense_len == 18 &&
	       reply.sense[0] == 0x70 && reply.sense[2] == sense >> 16 && reply.sense[7] == 10 &&
	       reply.sense[12] == (sense >> 8 & 0xff) && reply.sense[13] == (sense & 0xff);
}

uint8_t *bytes_of(struct reply reply, uint32_t size)
{
	return rig_at(&rig, reply.data, size);
}

uint8_t manage(uint32_t subtype, uint64_t id)
{
	uint64_t at = rig_alloc(&rig, 32);
	uint8_t *request = rig_at(&rig, at, 32);
	uint16_t head;
	uint32_t written;

	memcpy(request + 4, &subtype, 4);
	memcpy(request + 8, lun, 8);
	memcpy(request + 16, &id, 8);
	request[24] = NONE;
	rig_offer(&rig, CONTROL, (struct rig_buffer[]){{at, 24, false}, {at + 24, 1, true}}, 2);
	rig_kick(&rig, CONTROL);
	if (rig_used(&rig, CONTROL, &head, &written))
		cr_assert_eq(written, 1);
	return request[24];
}
