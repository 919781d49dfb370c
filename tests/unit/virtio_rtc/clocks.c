/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's clocks, read through the device (VIRTIO 1.4, 5.23.6.4). */
#include <string.h>

#include <arch/vcpu.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/bytes.h"
#include "guest-devices/timer/calendar.h"
#include "hv/clock.h"
#include "tests/unit/virtio_rtc/fixture.h"

enum { CLOCK_UTC, CLOCK_TAI, CLOCK_MONOTONIC, CLOCK_SMEARED, CLOCK_SLS };

#define DAY 86400ll

static struct vm vm;
static struct clock hosts; /* the device is hosts.device */

TestSuite(virtio_rtc_clock, .init = rtc_setup, .fini = rtc_teardown, .timeout = 60);

static void run_to(uint64_t ns)
{
	hosted_time.now_ns = ns;
	fake_port_advance(ns - fake_port.now_ns);
}

/* A guest that is made `age` seconds after the host was started at wall, with two vCPUs. */
static void boot(int64_t wall, uint64_t age, struct leap_second leap)
{
	rtc_teardown();
	rig_init(&rig);
	hosted_reset();
	memset(&vm, 0, sizeof(vm));
	hosted_time.wall = wall;
	run_to(age * NS_PER_S);
	vm.mem = rig.mem.mem;
	vm.vcpus[0].vcpu = vcpu_create(NULL, 0);
	vm.vcpus[1].vcpu = vcpu_create(NULL, 1);
	clock_start(&leap);
	clock_init(&hosts, &vm, "test rtc0");
	rig_plug(&rig, &hosts.device.device);
	cr_assert(rig_start(&rig, F_ALARM));
}

static void shut_down(void)
{
	vcpu_destroy(vm.vcpus[0].vcpu);
	vcpu_destroy(vm.vcpus[1].vcpu);
}

static int64_t at(int year, int month, int day)
{
	return calendar_to_seconds(&(struct calendar){
	    .year = (unsigned)year, .month = (unsigned)month, .day = (unsigned)day});
}

/* What a clock shows, in ns since a second that is near enough for an int64_t. */
static int64_t since(uint16_t clock, int64_t second)
{
	return (int64_t)(reading_of(clock) - (uint64_t)second * NS_PER_S);
}

PROVES("V14-RTC-020", "V14-RTC-021", "V14-RTC-022", "V14-RTC-023", "V14-RTC-036", "V14-RTC-037")
Test(virtio_rtc_clock, utc_and_tai_count_from_their_epochs)
{
	/* 2026-01-01: 20454 days of 86400 s after the epoch, whatever leap seconds there were */
	const int64_t start = 20454 * DAY;

	cr_assert_eq(at(2026, 1, 1), start);
	boot(start, 1000, (struct leap_second){0});
	cr_expect_eq(since(CLOCK_UTC, start + 1000), 0);
	cr_expect_eq(since(CLOCK_SMEARED, start + 1000), 0);
	cr_expect_eq(since(CLOCK_SLS, start + 1000), 0);
	cr_expect_eq(since(CLOCK_TAI, start + 1037), 0);
	run_to(400 * DAY * NS_PER_S + 5);
	cr_expect_eq(since(CLOCK_UTC, at(2027, 2, 5)), 5);
	cr_expect_eq(since(CLOCK_TAI, at(2027, 2, 5) + 37), 5);
	shut_down();
}

PROVES("V14-RTC-040", "V14-RTC-041")
Test(virtio_rtc_clock, what_they_say_they_are)
{
	static const uint8_t want[CLOCK_COUNT][3] = {
	    {0, 0, 1}, {1, 0, 1}, {2, 0, 1}, {3, 1, 1}, {3, 2, 1}};

	boot(at(2026, 1, 1), 0, (struct leap_second){0});
	cr_expect_eq(le16_get(ask(request(CFG, 0)).bytes + 8), CLOCK_COUNT);
	for (uint16_t i = 0; i < CLOCK_COUNT; i++)
		cr_expect_arr_eq(ask(request(CLOCK_CAP, i)).bytes + 8, want[i], 3);
	shut_down();
}

PROVES("V14-RTC-038", "V14-RTC-039")
Test(virtio_rtc_clock, the_monotonic_one_never_goes_back)
{
	uint64_t before;

	boot(at(2026, 1, 1), 50, (struct leap_second){0});
	cr_expect_eq(reading_of(CLOCK_MONOTONIC), 0, "the guest is new");
	run_to(60 * NS_PER_S);
	before = reading_of(CLOCK_MONOTONIC);
	cr_expect_eq(before, 10 * NS_PER_S);
	cr_assert(rig_start(&rig, F_ALARM));
	cr_expect_eq(reading_of(CLOCK_MONOTONIC), before);
	run_to(61 * NS_PER_S + 1);
	cr_expect_eq(reading_of(CLOCK_MONOTONIC), before + NS_PER_S + 1);
	shut_down();
}

/* A host that does not know the time has clocks that run. */
PROVES("V14-RTC-043")
Test(virtio_rtc_clock, an_unknown_time)
{
	boot(-3000, 7, (struct leap_second){0});
	cr_expect_eq(since(CLOCK_UTC, 0), 7 * (int64_t)NS_PER_S);
	shut_down();
}

/* What the leap second at the end of 2028 makes of a clock at an instant, beside a clock without.
 */
static int64_t gain(uint16_t clock, int sign, int64_t from_midnight, int64_t ns)
{
	const int64_t midnight = at(2029, 1, 1), start = midnight - 2 * DAY;
	int64_t host = (midnight + from_midnight - start) * (int64_t)NS_PER_S + ns, shown;

	boot(start, 0, (struct leap_second){midnight, sign});
	run_to((uint64_t)host);
	shown = since(clock, start);
	shut_down();
	return shown - host;
}

PROVES("V14-RTC-024")
Test(virtio_rtc_clock, utc_steps_back_at_a_leap_second)
{
	cr_expect_eq(gain(CLOCK_UTC, 1, 0, -1), 0);
	cr_expect_eq(gain(CLOCK_UTC, 1, 0, 0), -(int64_t)NS_PER_S);
	cr_expect_eq(gain(CLOCK_UTC, 1, DAY, 0), -(int64_t)NS_PER_S);
	cr_expect_eq(gain(CLOCK_TAI, 1, DAY, 0), 37 * (int64_t)NS_PER_S, "that does not");
}

PROVES("V14-RTC-025")
Test(virtio_rtc_clock, utc_steps_over_a_second_that_is_left_out)
{
	cr_expect_eq(gain(CLOCK_UTC, -1, -1, -1), 0);
	cr_expect_eq(gain(CLOCK_UTC, -1, -1, 0), NS_PER_S);
	cr_expect_eq(gain(CLOCK_UTC, -1, DAY, 0), NS_PER_S);
}

/* How many ns a clock is behind or before after that many seconds at that rate. */
static void expect_near(int64_t ns, int64_t want)
{
	cr_expect(ns - want <= 12000 && want - ns <= 12000, "%lld, not %lld", (long long)ns,
	          (long long)want);
}

/* 1/86400 for 86401 s would be 12 us too much: the smear ends exactly at noon instead. */
PROVES("V14-RTC-021", "V14-RTC-026", "V14-RTC-027", "V14-RTC-028", "V14-RTC-029", "V14-RTC-030",
       "V14-RTC-031")
Test(virtio_rtc_clock, smeared_from_noon_to_noon)
{
	const int64_t noon = DAY / 2;

	for (int sign = -1; sign <= 1; sign += 2) {
		/* in seconds that pass: the day is a second longer, or shorter */
		int64_t begin = -noon, end = noon + sign;

		cr_expect_eq(gain(CLOCK_SMEARED, sign, begin, -1), 0);
		cr_expect_eq(gain(CLOCK_SMEARED, sign, begin, 0), 0);
		for (int64_t s = 0; s <= end - begin; s += 3600)
			expect_near(gain(CLOCK_SMEARED, sign, begin + s, 0),
			            -sign * s * (int64_t)NS_PER_S / 86400);
		cr_expect_lt(gain(CLOCK_SMEARED, sign, end, -1000000) * -sign, NS_PER_S);
		cr_expect_eq(gain(CLOCK_SMEARED, sign, end, 0), -sign * (int64_t)NS_PER_S);
		cr_expect_eq(gain(CLOCK_SMEARED, sign, end + DAY, 0), -sign * (int64_t)NS_PER_S);
	}
}

PROVES("V14-RTC-026", "V14-RTC-027", "V14-RTC-028", "V14-RTC-032", "V14-RTC-033", "V14-RTC-034")
Test(virtio_rtc_clock, smeared_in_the_last_1000_seconds_of_the_day)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		int64_t end = sign > 0 ? 1 : -1, begin = end - 1000; /* of the day with it */

		cr_expect_eq(gain(CLOCK_SLS, sign, begin, -1), 0);
		for (int64_t s = 0; s < 1000; s += 100)
			cr_expect_eq(gain(CLOCK_SLS, sign, begin + s, 0), -sign * s * 1000000);
		cr_expect_eq(gain(CLOCK_SLS, sign, end, -1000), -sign * ((int64_t)NS_PER_S - 1));
		cr_expect_eq(gain(CLOCK_SLS, sign, end, 0), -sign * (int64_t)NS_PER_S);
		cr_expect_eq(gain(CLOCK_SLS, sign, end + DAY, 0), -sign * (int64_t)NS_PER_S);
	}
}

/* Started after the leap second, or while it is being smeared. */
PROVES("V14-RTC-021", "V14-RTC-036")
Test(virtio_rtc_clock, a_leap_second_that_is_past)
{
	const int64_t midnight = at(2029, 1, 1);

	for (int sign = -1; sign <= 1; sign += 2) {
		boot(midnight + 3600, 0, (struct leap_second){midnight, sign});
		cr_expect_eq(since(CLOCK_UTC, midnight + 3600), 0);
		cr_expect_eq(since(CLOCK_SLS, midnight + 3600), 0);
		cr_expect_eq(since(CLOCK_TAI, midnight + 3637 + sign), 0);
		expect_near(since(CLOCK_SMEARED, midnight + 3600),
		            sign * (int64_t)NS_PER_S * 39600 / 86400);
		run_to(2 * DAY * NS_PER_S);
		cr_expect_eq(since(CLOCK_SMEARED, midnight + 3600 + 2 * DAY), 0);
		shut_down();
	}
}

/* The guest's CPUs have counters of their own; the first one's is meant. */
PROVES("V14-RTC-050", "V14-RTC-051", "V14-RTC-053")
Test(virtio_rtc_clock, the_counter_of_the_first_cpu)
{
	uint64_t last = 0;

	boot(at(2026, 1, 1), 9, (struct leap_second){0});
	vcpu_set_time_offset(vm.vcpus[0].vcpu, 0 - 9 * NS_PER_S);
	vcpu_set_time_offset(vm.vcpus[1].vcpu, 123456);
	for (unsigned i = 0; i < 20; i++) {
		struct reply reply =
		    ask(cross_request(READ_CROSS, CLOCK_TAI, (uint8_t)vcpu_counter()));

		cr_assert_eq(reply.bytes[0], OK);
		cr_expect_eq(le64_get(reply.bytes + 16), hosted_time.now_ns - 9 * NS_PER_S);
		cr_expect_geq(le64_get(reply.bytes + 16), last);
		last = le64_get(reply.bytes + 16);
		run_to(hosted_time.now_ns + 12345);
	}
	shut_down();
}

/* The instants at which a clock comes to a reading: each is the first with it. */
static unsigned crossings(const struct timescale *scale, uint64_t reading, uint64_t after)
{
	unsigned count = 0;
	uint64_t host;

	for (; count < 4; count++, after = host) {
		host = timescale_reaches(scale, reading, after);
		if (host == UINT64_MAX)
			break;
		cr_assert_gt(host, after);
		cr_assert_geq(timescale_read(scale, host), reading);
		cr_assert_lt(timescale_read(scale, host - 1), reading);
	}
	return count;
}

/* Around a leap second, 2000 s after the start: only what UTC shows twice is reached twice. */
Test(virtio_rtc_clock, when_a_clock_comes_to_a_reading)
{
	static struct timescale (*const make[])(int64_t, const struct leap_second *) = {
	    timescale_utc, timescale_smeared, timescale_sls};
	const uint64_t start = 1000000, ms = 1000000;

	for (unsigned m = 0; m < 3; m++)
		for (int sign = -1; sign <= 1; sign += 2) {
			struct leap_second leap = {(int64_t)start + 2000, sign};
			struct timescale scale = make[m]((int64_t)start, &leap);

			for (uint64_t wanted = 995000; wanted < 2003000; wanted += 200) {
				bool twice =
				    m == 0 && sign > 0 && wanted > 1999000 && wanted < 2000000;

				cr_assert_eq(
				    crossings(&scale, (start * 1000 + wanted) * ms, 990 * NS_PER_S),
				    twice ? 2 : 1, "%u %d %lu", m, sign, wanted);
			}
			cr_assert_eq(crossings(&scale, start * NS_PER_S, 990 * NS_PER_S), 0);
		}
}
