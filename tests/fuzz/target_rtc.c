/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock device over both rings: three clocks, of which one has no alarm; now and then they
 * cannot be read.
 * Planted: guest-devices/virtio/rtc_request.c: "request->clock >= rtc->backend->count"
 * becomes "request->clock > rtc->backend->count"
 */
#include "guest-devices/virtio/rtc.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define CLOCKS 3

static struct virtio_rtc rtc;
static uint8_t trouble;

static const struct clock_kind kinds[CLOCKS] = {
    {VIRTIO_RTC_CLOCK_UTC, 0, true},
    {VIRTIO_RTC_CLOCK_UTC_SMEARED, VIRTIO_RTC_SMEAR_NOON_LINEAR, false},
    {VIRTIO_RTC_CLOCK_MONOTONIC, 0, true},
};
static const uint64_t starts[CLOCKS] = {1u << 24, 1u << 24, 0};

static bool read_clock(struct clock_backend *backend, unsigned clock, struct clock_moment *now)
{
	(void)backend;
	now->at = port_time_ns();
	now->reading = starts[clock] + now->at;
	now->cycles = now->at;
	now->has_cycles = !(trouble & 2);
	return !(trouble & 1);
}

static uint64_t reaches(struct clock_backend *backend, unsigned clock, uint64_t reading,
                        uint64_t after)
{
	(void)backend;
	return reading > starts[clock] + after ? reading - starts[clock] : UINT64_MAX;
}

static struct clock_backend backend = {kinds, CLOCKS, VIRTIO_RTC_COUNTER_X86_TSC, read_clock,
                                       reaches};

static void create(struct fuzz *fuzz)
{
	memset(&rtc, 0, sizeof(rtc));
	trouble = 0;
	virtio_rtc_init(&rtc, &(struct virtio_rtc_config){
	                          .name = "rtc",
	                          .mem = &fuzz->mem.mem,
	                          .backend = &backend,
	                          .timer_scope = fuzz,
	                      });
	virtio_offer(&rtc.device, VIRTIO_F_RING_PACKED);
	fuzz->device = &rtc.device;
}

static void event(struct fuzz *fuzz, uint8_t what)
{
	(void)fuzz;
	trouble = what;
}

const struct fuzz_target fuzz_target = {.create = create, .event = event};
