/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/clock.h"

#include <arch/time.h>
#include <arch/vcpu.h>

#define NS_PER_S 1000000000ull

static struct leap_second leap_second;

void clock_start(const struct leap_second *leap)
{
	leap_second = *leap;
}

static const struct clock_kind kinds[CLOCK_COUNT] = {
    {.type = VIRTIO_RTC_CLOCK_UTC, .alarm = true},
    {.type = VIRTIO_RTC_CLOCK_TAI, .alarm = true},
    {.type = VIRTIO_RTC_CLOCK_MONOTONIC, .alarm = true},
    {.type = VIRTIO_RTC_CLOCK_UTC_SMEARED, .smearing = VIRTIO_RTC_SMEAR_NOON_LINEAR, .alarm = true},
    {.type = VIRTIO_RTC_CLOCK_UTC_SMEARED, .smearing = VIRTIO_RTC_SMEAR_UTC_SLS, .alarm = true},
};

static struct clock *of_backend(struct clock_backend *backend)
{
	return (void *)((char *)backend - offsetof(struct clock, backend));
}

/* All from one reading of the host's counter. Guests' CPUs enumerate vCPU 0 first. */
static bool read(struct clock_backend *backend, unsigned clock, struct clock_moment *now)
{
	const struct clock *own = of_backend(backend);
	uint64_t cycles = time_cycles();

	now->at = time_ns_at(cycles);
	now->reading = timescale_read(&own->scales[clock], now->at);
	now->cycles = vcpu_counter_at(own->vm->vcpus[0].vcpu, cycles);
	now->has_cycles = true;
	return true;
}

static uint64_t reaches(struct clock_backend *backend, unsigned clock, uint64_t reading,
                        uint64_t after)
{
	return timescale_reaches(&of_backend(backend)->scales[clock], reading, after);
}

/* Seconds since 1970 UTC at host time 0. Both clocks tick together; not between the two reads. */
static int64_t utc_at_start(void)
{
	uint64_t seconds;
	int64_t wall;

	do {
		seconds = time_ns() / NS_PER_S;
		wall = time_wall();
	} while (time_ns() / NS_PER_S != seconds);
	return wall > 0 ? wall - (int64_t)seconds : 0;
}

void clock_init(struct clock *clock, struct vm *vm, const char *name)
{
	int64_t utc = utc_at_start();

	clock->vm = vm;
	clock->scales[0] = timescale_utc(utc, &leap_second);
	clock->scales[1] = timescale_tai(utc, &leap_second);
	clock->scales[2] = timescale_since(time_ns());
	clock->scales[3] = timescale_smeared(utc, &leap_second);
	clock->scales[4] = timescale_sls(utc, &leap_second);
	clock->backend = (struct clock_backend){
	    .clocks = kinds,
	    .count = CLOCK_COUNT,
	    .counter = (uint8_t)vcpu_counter(),
	    .read = read,
	    .reaches = reaches,
	};
	virtio_rtc_init(&clock->device, &(struct virtio_rtc_config){
	                                    .name = name,
	                                    .mem = &vm->mem,
	                                    .backend = &clock->backend,
	                                    .timer_scope = &vm->vcpus[0],
	                                });
}
