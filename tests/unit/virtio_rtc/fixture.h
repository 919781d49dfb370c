/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock device in the rig, in front of clocks that do what a test says. */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/virtio/rtc.h"
#include "hv/timescale.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

#define F_ALARM  1ull
#define NS_PER_S 1000000000ull

/* The clocks of the fixture; TAI has no alarm. */
enum { UTC, TAI, MONOTONIC, SMEARED, CLOCKS };
#define UTC_START 1700000000ll /* seconds, at time 0 */

enum { OK, EOPNOTSUPP = 2, ENODEV, EINVAL, EIO };
enum { READ = 1, READ_CROSS, CFG = 0x1000, CLOCK_CAP, CROSS_CAP, READ_ALARM, SET_ALARM };
enum { SET_ALARM_ENABLED = 0x1005, NOTIF_ALARM = 0x2000 };
enum { ENABLED = 1 };

struct clocks {
	struct clock_backend backend;
	struct timescale scales[CLOCKS];
	uint64_t drift; /* ns that each reading adds, to tell them apart */
	bool broken, no_cycles;
	unsigned reads;
	void (*on_read)(void); /* what another vCPU does meanwhile; may be NULL */
};

struct message {
	uint8_t bytes[32];
	uint32_t size;
};

/* What came back: 0xee where the device wrote nothing. */
struct reply {
	uint8_t bytes[40];
	uint32_t written;
};

extern struct rig rig;
extern struct virtio_rtc rtc;
extern struct clocks clocks;

void rtc_setup(void); /* runs, with alarms */
void rtc_setup_with(uint64_t features);
void rtc_teardown(void);

/* Requests as the specification writes them; fields that a type does not have are ignored. */
struct message request(uint16_t type, uint16_t clock);
struct message cross_request(uint16_t type, uint16_t clock, uint8_t counter);
struct message set_alarm(uint16_t clock, uint64_t time, uint8_t flags);
struct message set_enabled(uint16_t clock, uint8_t flags);

/* Hand it over with room for a reply, and take that back. */
struct reply ask_with_room(struct message message, uint32_t room);
struct reply ask(struct message message); /* with all the room there is */
uint8_t status_of(struct message message);
uint64_t reading_of(uint16_t clock);

/* Buffers for notifications; which clocks were told of since the last call, as bits. */
void give_buffers(unsigned count, uint32_t size);
unsigned told(void);
