/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Some bytes of guest memory have two faces, and another vCPU swaps them: before access k for every
 * k, for good, for one access only, and before each. Whatever it does, the outcome must be that of
 * one of the two faces left alone.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tests/lib/watch.h"

#define FLIP_OUTCOME 8192

struct flip {
	/* A world as new; returns the bytes with two faces. Their page is watched. */
	uint8_t *(*setup)(void);
	void (*run)(void);             /* the code under test, and nothing else */
	void (*outcome)(uint8_t *out); /* all that can be seen of it; out is zeroed */
	void (*teardown)(void);
	const void *faces[2];
	size_t size; /* of a face */
};

struct flip_report {
	unsigned accesses; /* to the page, with the first face left alone */
	unsigned runs;
	unsigned strange; /* runs with a third outcome */
	unsigned differ;  /* 1: the two faces make a difference at all */
};

struct flip_report flip_everywhere(const struct flip *flip);
