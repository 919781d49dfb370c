/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SCSI host over both rings: requests, task management and events, with disks that answer when
 * the input says so, come, go, change their size and have trouble.
 * Planted: guest-devices/scsi/transfer.c: "range->blocks <= blocks - range->block"
 * becomes "range->blocks <= blocks"
 */
#include "guest-devices/virtio/scsi.h"

#include <stdlib.h>
#include <string.h>

#include "guest-devices/bytes.h"
#include "tests/fuzz/disk.h"
#include "tests/fuzz/fuzz.h"

enum { DISKS = 3, CONTROL = 0, FIRST_REQUEST = 2 };
/* Where the driver puts a request of its own making, and its answer. */
enum { REQUEST = 0x80000, PARAMETERS = 0x81000, ANSWER = 0x82000, DATA = 0x83000 };
enum { REQ_LUN = 0, REQ_TAG = 8, REQ_CDB = 19, TMF_SIZE = 24 };

static struct virtio_scsi scsi;
static struct fuzz_disk disks[DISKS];
static const struct virtio_scsi_address places[DISKS] = {{0, 0}, {0, 3}, {2, 0}};

static bool attached(unsigned i)
{
	return scsi.targets[places[i].target].luns[places[i].lun];
}

static void create(struct fuzz *fuzz)
{
	uint8_t how = fuzz_u8(fuzz);

	virtio_scsi_init(&scsi, &(struct virtio_scsi_config){
	                            .name = "scsi",
	                            .mem = &fuzz->mem.mem,
	                            .queues = how & 1 ? VIRTIO_SCSI_QUEUES : 1,
	                            .timer_scope = fuzz,
	                        });
	for (unsigned i = 0; i < DISKS; i++) {
		fuzz_disk_init(&disks[i], how & 4 ? 0 : 1u << BLK_DISCARD | 1u << BLK_WRITE_ZEROES);
		disks[i].at_once = how & 8;
		virtio_scsi_attach(&scsi, places[i], &disks[i].backend, 100 + i);
	}
	disks[1].backend.read_only = how & 2;
	virtio_offer(&scsi.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &scsi.device;
}

/* ---- requests with a meaning ---- */

static void put(struct fuzz *fuzz, uint64_t at, const void *bytes, size_t size)
{
	guest_mem_write(&fuzz->mem.mem, at, bytes, size);
}

static void choose_lun(struct fuzz *fuzz, uint8_t lun[8])
{
	static const uint8_t all[][4] = {{1, 0, 0, 0}, {1, 0, 0x40, 3}, {1, 2, 0, 0},
	                                 {1, 0, 0, 3}, {0xc1, 1},       {1, 0, 0, 5},
	                                 {1, 5, 0, 0}, {1, 2, 0xc1, 1}};
	uint8_t choice = fuzz_u8(fuzz);

	memset(lun, 0, 8);
	memcpy(lun, all[choice & 7], 4);
	if (choice == 0xff)
		fuzz_bytes(fuzz, lun, 8);
}

static void manage_tasks(struct fuzz *fuzz)
{
	uint8_t request[TMF_SIZE] = {0}, kind = fuzz_u8(fuzz);
	struct raw_piece pieces[] = {{REQUEST, TMF_SIZE, 0}, {ANSWER, 5, RAW_WRITE}};

	request[0] = kind >> 6; /* task management, or a query, or a subscription */
	request[4] = kind & 15;
	choose_lun(fuzz, request + (request[0] ? 4 : 8));
	request[16] = fuzz_u8(fuzz);
	put(fuzz, REQUEST, request, sizeof(request));
	fuzz_offer(fuzz, CONTROL, pieces, 2);
	fuzz_kick(fuzz, CONTROL);
}

static uint8_t choose_opcode(uint8_t choice)
{
	static const uint8_t all[] = {0x00, 0x03, 0x08, 0x0a, 0x12, 0x1a, 0x1b, 0x1d,
	                              0x1e, 0x25, 0x28, 0x2a, 0x2f, 0x35, 0x41, 0x42,
	                              0x4d, 0x5a, 0x88, 0x8a, 0x8f, 0x91, 0x93, 0x9e,
	                              0xa0, 0xa3, 0xa8, 0xaa, 0xaf, 0x5f, 0xff, 0x7f};

	return all[choice % sizeof(all)];
}

/* The header, of the size that the device's configuration says. */
static uint32_t make_request(struct fuzz *fuzz, uint8_t opcode)
{
	uint8_t header[REQ_CDB + VIRTIO_SCSI_CDB_MAX] = {0};
	uint32_t size = REQ_CDB + le32_get(scsi.space + 24);

	choose_lun(fuzz, header + REQ_LUN);
	header[REQ_TAG] = fuzz_u8(fuzz);
	header[REQ_CDB] = choose_opcode(opcode);
	fuzz_bytes(fuzz, header + REQ_CDB + 1, SCSI_CDB_MAX - 1);
	put(fuzz, REQUEST, header, size);
	return size;
}

/* Half of the numbers in parameters are small then. */
static uint32_t make_parameters(struct fuzz *fuzz)
{
	uint8_t bytes[256];
	uint32_t shape = fuzz_u8(fuzz), size = 4 * (shape & 63);

	memset(bytes, 0, sizeof(bytes));
	fuzz_bytes(fuzz, bytes, shape & 0x40 ? size : size / 4);
	put(fuzz, PARAMETERS, bytes, size);
	return shape & 0x80 ? fuzz_u16(fuzz) : size;
}

static void request(struct fuzz *fuzz)
{
	uint8_t opcode = fuzz_u8(fuzz);
	unsigned queue = FIRST_REQUEST;
	uint32_t header, out, in, room = VIRTIO_SCSI_RESPONSE + le32_get(scsi.space + 20);
	struct raw_piece pieces[4];
	unsigned count = 0;

	if (opcode >= 0xf0) {
		manage_tasks(fuzz);
		return;
	}
	queue += (opcode >> 5) % (scsi.device.queue_count - FIRST_REQUEST);
	header = make_request(fuzz, opcode);
	out = make_parameters(fuzz);
	in = fuzz_u16(fuzz) % 0xa000;
	pieces[count++] = (struct raw_piece){REQUEST, header, 0};
	if (out > 0)
		pieces[count++] = (struct raw_piece){PARAMETERS, out, 0};
	pieces[count++] = (struct raw_piece){ANSWER, room, RAW_WRITE};
	if (in > 0)
		pieces[count++] = (struct raw_piece){DATA, in, RAW_WRITE};
	fuzz_offer(fuzz, queue, pieces, count);
	fuzz_kick(fuzz, queue);
}

/* ---- outside ---- */

static void plug(unsigned i)
{
	if (attached(i))
		virtio_scsi_detach(&scsi, places[i]);
	else if (!virtio_scsi_busy(&scsi, places[i]))
		virtio_scsi_attach(&scsi, places[i], &disks[i].backend, 100 + i);
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	static const enum virtio_scsi_response troubles[] = {
	    VIRTIO_SCSI_S_OK, VIRTIO_SCSI_S_TRANSPORT_FAILURE, VIRTIO_SCSI_S_TARGET_FAILURE,
	    VIRTIO_SCSI_S_NEXUS_FAILURE};
	unsigned i = (what >> 2) % DISKS;

	switch (what & 3) {
	case 0:
		plug(i);
		break;
	case 1:
		/* a disk never shrinks below what its requests were checked against */
		disks[i].backend.capacity += 512;
		if (attached(i))
			virtio_scsi_resized(&scsi, places[i]);
		break;
	case 2:
		if (attached(i))
			virtio_scsi_trouble(&scsi, places[i], troubles[what >> 6]);
		break;
	default:
		fuzz_disk_event(&disks[i], fuzz_u8(fuzz));
	}
}

/* All requests are back then: there is a slot for each. */
static void settle(struct fuzz *fuzz)
{
	unsigned free = 0;

	(void)fuzz;
	for (unsigned i = 0; i < DISKS; i++)
		fuzz_disk_settle(&disks[i]);
	for (const struct virtio_scsi_slot *slot = scsi.free_slots; slot; slot = slot->next_free)
		free++;
	if (free != VIRTIO_SCSI_SLOTS)
		abort();
}

const struct fuzz_target fuzz_target = {
    .create = create, .event = event, .settle = settle, .own = request};
