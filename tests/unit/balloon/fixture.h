/* SPDX-License-Identifier: BSD-2-Clause */
/* A balloon in the rig, in front of somebody who writes down what is released and restored. */
#pragma once

#include <criterion/criterion.h>

#include "guest-devices/virtio/balloon.h"
#include "tests/lib/device_rig.h"
#include "tests/lib/proves.h"

#define F_MUST_TELL_HOST 1ull
#define F_STATS_VQ       2ull
#define F_DEFLATE_ON_OOM 4ull
#define F_HINT           8ull
#define F_POISON         16ull
#define F_REPORTING      32ull
#define F_ALL            63ull

enum { SPACE_NUM_PAGES, SPACE_ACTUAL = 4, SPACE_CMD_ID = 8, SPACE_POISON = 12 };
enum { CMD_STOP, CMD_DONE };

struct keeper {
	struct balloon_backend backend;
	uint8_t away[0x1000];        /* by page number */
	unsigned released, restored; /* calls' pages in all */
	bool busy, empty;            /* release, restore: not now */
	unsigned most;               /* pages in one call */
	bool reused;                 /* somebody else has a released page at once */
};

extern struct rig rig;
extern struct virtio_balloon balloon;
extern struct keeper keeper;

void balloon_setup(void); /* runs, with all features */
void balloon_setup_with(uint64_t features);
void balloon_teardown(void);

/* Hand over one chain; was it used? */
bool call(unsigned queue, const struct rig_buffer *buffers, unsigned count);
/* The same of little-endian words that the device reads. */
bool call_words(unsigned queue, const uint32_t *words, unsigned count);
uint32_t space(unsigned offset);
void set_space(unsigned offset, uint32_t value);
