/* SPDX-License-Identifier: BSD-2-Clause */
/* A SCSI host in the rig, with two disks at target 0 (LUN 0 and 3) and one at target 2. */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/virtio/scsi.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

#define BLOCKS    4096u
#define DISK_SIZE (BLOCKS * 512)
#define QUEUES    4

#define F_INOUT   1ull
#define F_HOTPLUG 2ull
#define F_CHANGE  4ull

enum { CONTROL, EVENTS, REQUESTS };
enum { CDB_SIZE = 32, SENSE_SIZE = 96, HEADER = 19 + CDB_SIZE, RESPONSE = 12 + SENSE_SIZE };
enum { NONE = 0xee };

struct test_disk {
	struct blk_backend backend;
	uint8_t data[DISK_SIZE];
	bool slow;
	enum blk_result result;
	struct blk_request *held[300];
	unsigned held_count, submits, flushes, unmaps;
};

extern struct rig rig;
extern struct virtio_scsi *scsi;
extern struct test_disk disks[3];

void scsi_setup(void); /* runs, with all features; power-on is told already */
void scsi_setup_with(uint64_t features);
void scsi_teardown(void);
void disk_finish(struct test_disk *disk); /* all that it holds */

struct reply {
	bool used;
	uint32_t written, sense_len, residual;
	uint8_t status, response, sense[SENSE_SIZE];
	uint64_t data; /* where data to the initiator is */
};

/* Where commands of the tests go, unless they say otherwise. */
extern uint8_t lun[8];
extern uint64_t tag; /* of the next one; counts */

/* cdb as hexadecimal digits, blanks are skipped; out: data to the device. */
struct reply run(const char *cdb, const void *out, uint32_t out_size, uint32_t in_size);
struct reply run_in(const char *cdb, uint32_t in_size);
struct reply run_plain(const char *cdb);
/* The same without looking for the answer; where it will be. */
uint64_t start(unsigned queue, const char *cdb, uint32_t out_size, uint32_t in_size);
uint8_t response_at(uint64_t reply); /* NONE: not there yet */
bool good(struct reply reply);
/* CHECK CONDITION with this key, code and qualifier: 0x52000 is 5/20/00. */
bool check(struct reply reply, uint32_t sense);
uint8_t *bytes_of(struct reply reply, uint32_t size);
void set_lun(uint8_t target, uint16_t number);

/* One chain to the control queue: NONE if it is not answered. */
uint8_t manage(uint32_t subtype, uint64_t id);
