/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver of the virtio clock (VIRTIO 1.4, 5.23) where Linux has none yet: reads each clock beside
 * the CPU's own counter, waits for an alarm, and begins anew to see that the alarm is still there.
 * Prints "clock: utc SECONDS" and, in its second life, "clock: N passed, N failed".
 */
#include "tests/guest/bare/bare.h"
#include "tests/guest/bare/virtio.h"

#define F_ALARM    1u
#define NS_PER_S   1000000000ull
#define ALARM_NS   20000000u
#define PATIENCE   (20 * NS_PER_S)
#define NOTIF_SIZE 16

enum { UTC, TAI, MONOTONIC, CLOCKS = 5 };
enum { REQUESTS, ALARMS };
enum { READ_CROSS = 2, CFG = 0x1000, READ_ALARM = 0x1003, SET_ALARM = 0x1004 };

static struct ring rings[2];
static uint64_t request[3]; /* le64s: the machines are little-endian */
static volatile uint64_t reply[3], notif[2];
static unsigned passed, failed;

static void check(bool good, const char *what)
{
	good ? passed++ : failed++;
	if (good)
		return;
	print("clock: ");
	print(what);
	print("\n");
}

/* Status 0 is success. */
static bool ask(uint64_t type, uint64_t a, uint64_t b)
{
	struct ring *ring = &rings[REQUESTS];

	request[0] = type;
	request[1] = a;
	request[2] = b;
	reply[0] = 0xff;
	ring_offer(ring, 1);
	while (ring->used.idx != ring->avail.idx)
		relax();
	return (reply[0] & 0xff) == 0;
}

/* The CPU's counter is read before and after. */
static uint64_t read_clock(uint64_t clock)
{
	uint64_t before = counter(), after;
	bool good = ask(READ_CROSS, clock | COUNTER << 16, 0);

	after = counter();
	check(good && reply[2] >= before && reply[2] <= after, "the counter of another moment");
	return reply[1];
}

static void read_all(void)
{
	uint64_t first[CLOCKS];

	check(ask(CFG, 0, 0) && (reply[1] & 0xffff) == CLOCKS, "number of clocks");
	for (unsigned i = 0; i < CLOCKS; i++)
		first[i] = read_clock(i);
	for (unsigned i = 0; i < CLOCKS; i++)
		check(read_clock(i) > first[i], "a clock that stands still");
	check(first[TAI] - first[UTC] >= 37 * NS_PER_S &&
	          first[TAI] - first[UTC] < 37 * NS_PER_S + PATIENCE,
	      "TAI is not 37 s ahead of UTC");
}

/* A notification of the alarm of UTC. */
static bool is_told(void)
{
	uint64_t start = read_clock(MONOTONIC);

	while (rings[ALARMS].used.idx != rings[ALARMS].avail.idx)
		if (read_clock(MONOTONIC) - start > PATIENCE)
			return false;
	return notif[0] == 0x2000 && notif[1] == UTC;
}

static void wait_for_alarm(void)
{
	uint64_t time = read_clock(UTC) + ALARM_NS;

	check(ask(SET_ALARM, time, UTC | 1 << 16), "SET_ALARM");
	ring_offer(&rings[ALARMS], 1);
	check(is_told(), "no notification");
	check(read_clock(UTC) >= time, "too early");
}

static bool start(void)
{
	struct virtio device;

	if (!virtio_find(&device, VIRTIO_RTC, F_ALARM))
		return false;
	for (uint16_t i = 0; i < 2; i++)
		virtio_ring(&device, i, &rings[i]);
	ring_describe(&rings[REQUESTS], 0, request, sizeof(request));
	rings[REQUESTS].desc[0].flags = DESC_F_NEXT;
	ring_describe(&rings[REQUESTS], 1, reply, sizeof(reply));
	rings[REQUESTS].desc[1].flags = DESC_F_WRITE;
	ring_describe(&rings[ALARMS], 0, notif, NOTIF_SIZE);
	rings[ALARMS].desc[0].flags = DESC_F_WRITE;
	return virtio_run(&device);
}

static void report(void)
{
	print("clock: ");
	print_number(passed);
	print(" passed, ");
	print_number(failed);
	print(" failed\n");
}

void bare_main(uint8_t *boot_data)
{
	(void)boot_data;
	check(start(), "no clock that runs");
	if (failed)
		idle();
	read_all();
	print("clock: utc ");
	print_number(read_clock(UTC) / NS_PER_S);
	print("\n");
	check(ask(READ_ALARM, UTC, 0), "READ_ALARM");
	if (reply[1] == 0) {
		wait_for_alarm();
		if (!failed)
			reset();
	} else {
		check(reply[2] == 1, "the alarm is not enabled any more");
		ring_offer(&rings[ALARMS], 1);
		check(is_told(), "the reset is no expiration");
	}
	report();
	idle();
}
