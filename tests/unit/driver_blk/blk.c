/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's disk driver against the project's own disk. */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/err.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/blk.h"
#include "hv/blk/ram_disk.h"
#include "hv/drivers/virtio_blk.h"
#include "tests/lib/driver_fixture.h"

#define DISK_SIZE (1u << 20)

static struct driver_fixture f;
static struct virtio_blk device;
static struct ram_disk disk;
static uint8_t content[DISK_SIZE];
static struct host_blk blk;

static unsigned done_count;
static enum blk_result last_result;

static void on_done(struct blk_request *request, enum blk_result result)
{
	(void)request;
	done_count++;
	last_result = result;
}

static void plug(bool read_only)
{
	static struct virtio_blk_config config = {
	    .name = "test blk", .mem = &f.mem, .backend = &disk.backend};

	driver_fixture_init(&f);
	driver_fixture_share_all(&f);
	for (unsigned i = 0; i < DISK_SIZE; i++)
		content[i] = (uint8_t)(i / 512);
	ram_disk_init(&disk, content, DISK_SIZE, read_only, "testdisk");
	virtio_blk_init(&device, &config);
	driver_fixture_plug(&f, &device.device);
}

static void set_up(void)
{
	plug(false);
	cr_assert_eq(host_blk_start(&blk, &f.pci), 0);
}

static void tear_down(void)
{
	driver_fixture_free(&f);
}

TestSuite(driver_blk, .init = set_up, .fini = tear_down);
TestSuite(driver_blk_start, .fini = tear_down);

static void run(enum blk_op op, uint64_t offset, struct blk_span *spans, unsigned count)
{
	static struct blk_request request;

	request = (struct blk_request){
	    .op = op, .offset = offset, .spans = spans, .span_count = count, .done = on_done};
	for (unsigned i = 0; i < count; i++)
		request.size += spans[i].size;
	done_count = 0;
	blk.backend.submit(&blk.backend, &request);
	host_blk_poll(&blk);
	cr_assert_eq(done_count, 1);
}

Test(driver_blk, capacity)
{
	cr_assert_eq(blk.backend.capacity, DISK_SIZE);
	cr_assert_not(blk.backend.read_only);
	cr_assert(hosted_log_has("virtio-blk 00:03.0: 1 MiB"));
}

Test(driver_blk, writes_and_reads_back)
{
	static uint8_t out[8192], in[8192];
	struct blk_span write[2] = {{out, 512}, {out + 512, 7680}};
	struct blk_span read[3] = {{in, 100}, {in + 100, 4000}, {in + 4100, 4092}};

	memset(out, 0xa5, sizeof(out));
	run(BLK_WRITE, 4096, write, 2);
	cr_assert_eq(last_result, BLK_OK);
	run(BLK_FLUSH, 0, NULL, 0);
	cr_assert_eq(last_result, BLK_OK);
	run(BLK_READ, 4096, read, 3);
	cr_assert_eq(last_result, BLK_OK);
	cr_assert_arr_eq(in, out, sizeof(in));
	cr_assert_arr_eq(content + 4096, out, sizeof(out));
}

Test(driver_blk, refuses_what_is_outside)
{
	static uint8_t sector[1024];
	struct blk_span span = {sector, 512};

	run(BLK_READ, DISK_SIZE, &span, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
	run(BLK_READ, UINT64_MAX - 511, &span, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
	run(BLK_READ, 100, &span, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
	span.size = 100;
	run(BLK_READ, 0, &span, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
	run(BLK_DISCARD, 0, &span, 1);
	cr_assert_eq(last_result, BLK_NOT_SUPPORTED);
}

#define MANY 500

Test(driver_blk, more_requests_than_room)
{
	static struct blk_request requests[MANY];
	static struct blk_span spans[MANY];
	static uint8_t sectors[MANY][512];

	done_count = 0;
	for (unsigned i = 0; i < MANY; i++) {
		spans[i] = (struct blk_span){sectors[i], 512};
		requests[i] = (struct blk_request){.op = BLK_READ,
		                                   .offset = 512ull * i,
		                                   .size = 512,
		                                   .spans = &spans[i],
		                                   .span_count = 1,
		                                   .done = on_done};
		blk.backend.submit(&blk.backend, &requests[i]);
	}
	for (unsigned i = 0; i < 20 && done_count < MANY; i++)
		host_blk_poll(&blk);
	cr_assert_eq(done_count, MANY);
	for (unsigned i = 0; i < MANY; i++)
		cr_assert_eq(sectors[i][511], (uint8_t)i);
}

/* ---- a device that lies or fails ---- */

static struct blk_request stuck;
static struct blk_span stuck_span;
static uint8_t stuck_sector[512];

/* A request whose answer the test writes itself: the device has been told to do nothing. */
static void submit_stuck(void)
{
	device.device.status |= VIRTIO_NEEDS_RESET;
	stuck_span = (struct blk_span){stuck_sector, 512};
	stuck = (struct blk_request){
	    .op = BLK_READ, .size = 512, .spans = &stuck_span, .span_count = 1, .done = on_done};
	done_count = 0;
	blk.backend.submit(&blk.backend, &stuck);
	cr_assert_eq(done_count, 0);
}

static void answer(uint32_t id, uint32_t len)
{
	uint8_t *used = (uint8_t *)(uintptr_t)blk.ring.used;
	uint16_t idx = (uint16_t)(blk.ring.used_seen + 1);

	memcpy(used + 4 + 8u * (blk.ring.used_seen % blk.ring.size), &id, 4);
	memcpy(used + 8 + 8u * (blk.ring.used_seen % blk.ring.size), &len, 4);
	memcpy(used + 2, &idx, 2);
}

Test(driver_blk, DK_005_completion_for_an_unknown_id)
{
	submit_stuck();
	answer(77, 513);
	host_blk_poll(&blk);
	cr_assert(blk.offline);
	cr_assert_eq(done_count, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
	host_blk_poll(&blk);
	cr_assert_eq(done_count, 1);
}

Test(driver_blk, DK_005_duplicate_completion)
{
	uint16_t head;

	submit_stuck();
	head = (uint16_t)(blk.ring.avail[2 + ((blk.ring.avail_next - 1) % blk.ring.size)]);
	blk.slots[0].status = 0;
	answer(head, 513);
	host_blk_poll(&blk);
	cr_assert_eq(done_count, 1);
	cr_assert_eq(last_result, BLK_OK);
	answer(head, 513);
	host_blk_poll(&blk);
	cr_assert_eq(done_count, 1);
	cr_assert(blk.offline);
}

Test(driver_blk, short_answer_is_an_error)
{
	submit_stuck();
	blk.slots[0].status = 0;
	answer(blk.ring.avail[2 + ((blk.ring.avail_next - 1) % blk.ring.size)], 1);
	host_blk_poll(&blk);
	cr_assert_eq(last_result, BLK_IO_ERROR);
}

Test(driver_blk, DK_008_device_wants_a_reset)
{
	static struct blk_request late;

	submit_stuck();
	blk.config_pending = true;
	host_blk_poll(&blk);
	cr_assert_eq(done_count, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
	late = stuck;
	blk.backend.submit(&blk.backend, &late);
	cr_assert_eq(done_count, 2);
	cr_assert_eq(last_result, BLK_IO_ERROR);
}

Test(driver_blk, DK_007_gone)
{
	submit_stuck();
	f.gone = true;
	blk.config_pending = true;
	host_blk_poll(&blk);
	cr_assert_eq(done_count, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
}

Test(driver_blk_start, read_only)
{
	static uint8_t sector[512];
	struct blk_span span = {sector, 512};

	plug(true);
	cr_assert_eq(host_blk_start(&blk, &f.pci), 0);
	cr_assert(blk.backend.read_only);
	run(BLK_WRITE, 0, &span, 1);
	cr_assert_eq(last_result, BLK_IO_ERROR);
}

Test(driver_blk_start, DK_010_absurd_capacity)
{
	plug(false);
	memset(device.space, 0xff, 8);
	cr_assert_eq(host_blk_start(&blk, &f.pci), ERR_IO);
	cr_assert(hosted_log_has("capacity is absurd"));
}

Test(driver_blk_start, DK_010_no_segments)
{
	plug(false);
	memset(device.space + 8, 0, 8);
	cr_assert_eq(host_blk_start(&blk, &f.pci), ERR_IO);
	cr_assert(hosted_log_has("no room for a sector"));
}
