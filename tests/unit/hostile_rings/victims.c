/* SPDX-License-Identifier: BSD-2-Clause */
/* The devices, each with the smallest world outside that it needs. */
#include "tests/unit/hostile_rings/ways.h"

#include <string.h>

#include "guest-devices/virtio/balloon.h"
#include "guest-devices/virtio/blk.h"
#include "guest-devices/virtio/console.h"
#include "guest-devices/virtio/net.h"
#include "guest-devices/virtio/rng.h"
#include "guest-devices/virtio/rtc.h"
#include "guest-devices/virtio/scsi.h"
#include "guest-devices/virtio/vsock.h"

enum { CAPACITY = 1 << 20, CID = 5, MULTIPORT = 2 };

static void submit(struct blk_backend *backend, struct blk_request *request)
{
	(void)backend;
	request->done(request, BLK_OK);
}

static struct blk_backend disk = {.submit = submit, .capacity = CAPACITY, .id = "disk"};

static struct virtio_device *create_blk(const struct guest_mem *mem)
{
	static struct virtio_blk blk;

	virtio_blk_init(&blk,
	                &(struct virtio_blk_config){.name = "blk", .mem = mem, .backend = &disk});
	return &blk.device;
}

static struct virtio_device *create_scsi(const struct guest_mem *mem)
{
	static struct virtio_scsi scsi;

	virtio_scsi_init(&scsi, &(struct virtio_scsi_config){.name = "scsi", .mem = mem});
	virtio_scsi_attach(&scsi, (struct virtio_scsi_address){0, 0}, &disk, 1);
	return &scsi.device;
}

static struct virtio_device *create_net(const struct guest_mem *mem)
{
	static struct virtio_net net;

	virtio_net_init(&net, &(struct virtio_net_config){
	                          .name = "net", .mem = mem, .mac = {0x52, 0x56, 0, 0, 0, 2}});
	return &net.device;
}

static struct virtio_device *create_console(const struct guest_mem *mem)
{
	static struct virtio_console console;

	virtio_console_init(
	    &console, &(struct virtio_console_config){.name = "console", .mem = mem, .ports = 2});
	return &console.device;
}

static size_t random_bytes(struct rng_backend *backend, void *to, size_t size)
{
	(void)backend;
	memset(to, 0x77, size);
	return size;
}

static struct virtio_device *create_rng(const struct guest_mem *mem)
{
	static struct rng_backend source = {random_bytes};
	static struct virtio_rng rng;

	virtio_rng_init(&rng,
	                &(struct virtio_rng_config){.name = "rng", .mem = mem, .backend = &source});
	return &rng.device;
}

static bool no_pages(struct balloon_backend *backend, const uint64_t *pages, size_t count)
{
	(void)backend, (void)pages, (void)count;
	return true;
}

static struct virtio_device *create_balloon(const struct guest_mem *mem)
{
	static struct balloon_backend keeper = {no_pages, no_pages};
	static struct virtio_balloon balloon;

	virtio_balloon_init(&balloon, &(struct virtio_balloon_config){
	                                  .name = "balloon", .mem = mem, .backend = &keeper});
	return &balloon.device;
}

static bool no_clock(struct clock_backend *backend, unsigned clock, struct clock_moment *now)
{
	(void)backend, (void)clock, (void)now;
	return false;
}

static uint64_t never(struct clock_backend *backend, unsigned clock, uint64_t reading,
                      uint64_t after)
{
	(void)backend, (void)clock, (void)reading, (void)after;
	return UINT64_MAX;
}

static struct virtio_device *create_rtc(const struct guest_mem *mem)
{
	static const struct clock_kind kinds[] = {{VIRTIO_RTC_CLOCK_UTC, 0, true}};
	static struct clock_backend clock = {kinds, 1, VIRTIO_RTC_COUNTER_X86_TSC, no_clock, never};
	static struct virtio_rtc rtc;

	virtio_rtc_init(&rtc,
	                &(struct virtio_rtc_config){.name = "rtc", .mem = mem, .backend = &clock});
	return &rtc.device;
}

static enum vsock_sent nobody(struct vsock_backend *backend, const struct vsock_packet *packet,
                              const struct blk_span *spans, unsigned count)
{
	(void)backend, (void)packet, (void)spans, (void)count;
	return VSOCK_NOBODY;
}

static void told(struct vsock_backend *backend, bool now)
{
	(void)backend, (void)now;
}

static void is_ready(struct vsock_backend *backend)
{
	(void)backend;
}

static void give_up(struct vsock_backend *backend, uint32_t cid)
{
	(void)backend, (void)cid;
}

static struct virtio_device *create_vsock(const struct guest_mem *mem)
{
	static struct vsock_backend peers = {nobody, told, is_ready, give_up};
	static struct virtio_vsock vsock;

	virtio_vsock_init(&vsock, &(struct virtio_vsock_config){
	                              .name = "vsock", .mem = mem, .backend = &peers, .cid = CID});
	return &vsock.device;
}

const struct victim victims[] = {
    {"blk", create_blk, 0, 0},
    {"scsi", create_scsi, 2, 0},
    {"scsi's control queue", create_scsi, 0, 0},
    {"net", create_net, 1, 0},
    {"console", create_console, 1, 0},
    {"console's control queue", create_console, 3, MULTIPORT},
    {"rng", create_rng, 0, 0},
    {"balloon", create_balloon, 0, 0},
    {"rtc", create_rtc, 0, 0},
    {"vsock", create_vsock, 1, 0},
};
const unsigned victim_count = sizeof(victims) / sizeof(victims[0]);
