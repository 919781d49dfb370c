/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/virtio/blk.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

#define DISK_SIZE (1u << 20)

enum {
	T_IN = 0,
	T_OUT = 1,
	T_FLUSH = 4,
	T_FLUSH_OUT = 5,
	T_GET_ID = 8,
	T_DISCARD = 11,
	T_WRITE_ZEROES = 13,
	T_SECURE_ERASE = 14
};
enum { S_OK, S_IOERR, S_UNSUPP, S_NONE = 0xee };
#define F_RO           (1ull << 5)
#define F_FLUSH        (1ull << 9)
#define F_CONFIG_WCE   (1ull << 11)
#define F_MQ           (1ull << 12)
#define F_DISCARD      (1ull << 13)
#define F_WRITE_ZEROES (1ull << 14)
#define F_SECURE_ERASE (1ull << 16)
#define F_ZONED        (1ull << 17)
#define F_RANGES       (F_DISCARD | F_WRITE_ZEROES | F_SECURE_ERASE)

enum { QUEUES = 4 }; /* of blk_setup_full */

/* A disk that completes at once, or when the test says so (slow). */
struct test_disk {
	struct blk_backend backend;
	uint8_t data[DISK_SIZE];
	bool slow;
	enum blk_result result; /* what every request ends with */
	struct blk_request *held[128];
	unsigned held_count, submits, flushes, unmaps;
	void (*submitted)(void); /* called in each submit; may be NULL */
};

extern struct rig rig;
extern struct virtio_blk blk;
extern struct test_disk disk;

void blk_setup(void); /* a running device, FLUSH negotiated */
void blk_setup_on(bool read_only, uint64_t features);
/* A disk that does all operations, under QUEUES queues. */
void blk_setup_full(uint64_t features);
void blk_teardown(void);
void disk_finish(unsigned i); /* the slow disk does held request i */

/* What became of a request. */
struct outcome {
	bool used;
	uint32_t written;
	uint8_t status;
};

/* A request of the usual form: header, data, status; waits for nothing. */
struct outcome request(uint32_t type, uint64_t sector, uint64_t data, uint32_t size);
/* Any chain; status: where the status byte is looked for, 0: nowhere. */
struct outcome run_chain(const struct rig_buffer *buffers, unsigned count, uint64_t status);
struct outcome run_chain_on(unsigned queue, const struct rig_buffer *buffers, unsigned count,
                            uint64_t status);
uint64_t header_at(uint32_t type, uint64_t sector); /* a header in guest memory */
uint64_t status_at(void);                           /* a status byte, S_NONE */
