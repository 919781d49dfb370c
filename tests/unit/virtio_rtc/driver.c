/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The project's own driver side against the clock device, over PCI and MMIO, with both rings: from
 * finding the device to an interrupt for an alarm. It stands for the driver that Linux has since
 * 6.16.
 */
#include <criterion/criterion.h>

#include <arch/err.h>

#include "guest-devices/bytes.h"
#include "guest-devices/virtio/rtc.h"
#include "hv/timescale.h"
#include "tests/lib/driver_fixture.h"
#include "tests/lib/fake_port.h"

#define NS_PER_S 1000000000ull
#define F_ALARM  1ull
#define START    1700000000ll

static struct driver_fixture f;
static struct virtio_rtc rtc;
static struct timescale scale;

static bool read_clock(struct clock_backend *backend, unsigned clock, struct clock_moment *now)
{
	(void)backend;
	(void)clock;
	now->at = port_time_ns();
	now->reading = timescale_read(&scale, now->at);
	now->cycles = 2 * now->at;
	now->has_cycles = true;
	return true;
}

static uint64_t reaches(struct clock_backend *backend, unsigned clock, uint64_t reading,
                        uint64_t after)
{
	(void)backend;
	(void)clock;
	return timescale_reaches(&scale, reading, after);
}

static void set_up(void)
{
	static const struct clock_kind utc = {VIRTIO_RTC_CLOCK_UTC, 0, true};
	static struct clock_backend backend = {&utc, 1, VIRTIO_RTC_COUNTER_ARM_VCT, read_clock,
	                                       reaches};

	fake_port_reset();
	scale = timescale_utc(START, &(struct leap_second){0});
	driver_fixture_init(&f);
	virtio_rtc_init(&rtc, &(struct virtio_rtc_config){
	                          .name = "test rtc0", .mem = &f.mem, .backend = &backend});
	virtio_offer(&rtc.device, VIRTIO_F_RING_PACKED);
}

static void tear_down(void)
{
	driver_fixture_free(&f);
}

TestSuite(virtio_rtc_driver, .init = set_up, .fini = tear_down, .timeout = 60);

/* Returns the reply, which is good. */
static uint8_t *ask(uint16_t type, uint8_t counter, uint32_t reply_size)
{
	uint8_t *bytes = driver_fixture_alloc(&f, 16), *reply = driver_fixture_alloc(&f, 24);
	struct blk_span spans[2] = {{bytes, type == 0x1000 ? 8 : 16}, {reply, reply_size}};
	uint32_t written = 0;

	le16_put(bytes, type);
	bytes[10] = counter;
	cr_assert_eq(driver_fixture_call(&f, RTC_REQUESTS, spans, 1, 1, &written), 0);
	cr_assert_eq(written, reply_size);
	cr_assert_eq(reply[0], 0);
	return reply;
}

static void set_alarm(uint64_t time)
{
	uint8_t *bytes = driver_fixture_alloc(&f, 24), *reply = driver_fixture_alloc(&f, 8);
	struct blk_span spans[2] = {{bytes, 24}, {reply, 8}};

	le16_put(bytes, 0x1004);
	le64_put(bytes + 8, time);
	bytes[18] = 1;
	cr_assert_eq(driver_fixture_call(&f, RTC_REQUESTS, spans, 1, 1, NULL), 0);
	cr_assert_eq(reply[0], 0);
}

/* As a driver does: what clocks are there, one reading with the counter, then an alarm. */
static void use_clock(uint64_t features)
{
	struct ring *alarms = &f.rings[RTC_ALARMS];
	struct blk_span notif;
	unsigned interrupts;
	uint32_t written;
	uint8_t *reply;

	cr_assert_eq(driver_fixture_start(&f, RING_FEATURES | F_ALARM | features), 0);
	cr_assert_eq(f.queues, RTC_QUEUES);
	cr_assert_eq(f.port.port.features & features, features);
	notif = (struct blk_span){driver_fixture_alloc(&f, 16), 16};
	cr_expect_eq(le16_get(ask(0x1000, 0, 16) + 8), 1);
	cr_expect_eq(ask(0x1001, 0, 16)[10], 1, "its clock has an alarm");
	cr_expect_eq(ask(0x1002, VIRTIO_RTC_COUNTER_ARM_VCT, 16)[8], 1);
	cr_expect_eq(ask(0x1002, VIRTIO_RTC_COUNTER_X86_TSC, 16)[8], 0);
	fake_port_advance(123456);
	reply = ask(2, VIRTIO_RTC_COUNTER_ARM_VCT, 24);
	cr_expect_eq(le64_get(reply + 8), START * NS_PER_S + 123456);
	cr_expect_eq(le64_get(reply + 16), 246912);
	cr_expect_eq(driver_fixture_call(&f, RTC_ALARMS, &notif, 0, 1, NULL), ERR_BUSY);
	set_alarm((START + 5) * NS_PER_S);
	interrupts = f.queue_interrupts;
	fake_port_advance(4 * NS_PER_S);
	cr_expect_null(ring_reap(alarms, &written));
	fake_port_advance(NS_PER_S);
	cr_expect_eq(f.queue_interrupts, interrupts + 1);
	cr_expect_not_null(ring_reap(alarms, &written));
	cr_expect_eq(written, 16);
	cr_expect_eq(le16_get(notif.data), 0x2000);
}

Test(virtio_rtc_driver, over_pci)
{
	driver_fixture_plug(&f, &rtc.device);
	use_clock(0);
}

Test(virtio_rtc_driver, over_pci_with_a_packed_ring)
{
	driver_fixture_plug(&f, &rtc.device);
	use_clock(VIRTIO_F_RING_PACKED);
}

Test(virtio_rtc_driver, over_mmio)
{
	driver_fixture_plug_mmio(&f, &rtc.device);
	use_clock(0);
}

Test(virtio_rtc_driver, over_mmio_with_a_packed_ring)
{
	driver_fixture_plug_mmio(&f, &rtc.device);
	use_clock(VIRTIO_F_RING_PACKED);
}
