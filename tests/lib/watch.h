/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that is always faster: pages whose every single access by the code under test is caught,
 * counted, and preceded by a change of the test's choice. Needs a test host with x86-64's trap
 * flag.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct watch {
	uint8_t *start; /* whole pages */
	size_t size;
	unsigned accesses;
	/* Called before each access, the pages open; offset: of the access. May be NULL. */
	void (*before)(struct watch *watch, size_t offset);
	void *context;
};

/* One at a time. Nothing but single instructions of the code under test may touch the pages. */
void watch_start(struct watch *watch);
void watch_stop(void);
