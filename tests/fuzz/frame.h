/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet frames that mean something: IPv4 and IPv6, TCP and UDP, tags, options, fragments, trains
 * for segmentation, and all of it a little wrong now and then. */
#pragma once

#include "guest-devices/backend.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_FRAME_MAX 70000

struct fuzz_frame {
	uint8_t bytes[FUZZ_FRAME_MAX];
	size_t size;
	struct net_offload offload; /* as who sends it would say */
};

void fuzz_frame_make(struct fuzz *fuzz, struct fuzz_frame *frame);
