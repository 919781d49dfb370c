/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that a guest can cause: at most a few a second, all told, so that none can flood the
 * console. */
#include <stdarg.h>
#include <stdio.h>

#include <arch/lock.h>
#include <arch/log.h>
#include <arch/time.h>

#include "guest-devices/port.h"

#define LINES_A_SECOND 20

static struct lock limit_lock;
static uint64_t second;
static unsigned lines, dropped;

/* Returns whether a line may be printed now; *missed says how many were not before it. */
static bool take_line(unsigned *missed)
{
	uint64_t now = time_ns() / 1000000000;
	bool may;

	lock_take(&limit_lock);
	if (now != second) {
		second = now;
		lines = 0;
	}
	may = lines < LINES_A_SECOND;
	lines += may;
	*missed = may ? dropped : 0;
	dropped = may ? 0 : dropped + 1;
	lock_drop(&limit_lock);
	return may;
}

void port_log(const char *fmt, ...)
{
	char text[200];
	unsigned missed;
	va_list args;

	if (!take_line(&missed))
		return;
	if (missed)
		log_warn("%u messages about guests were dropped: more than %u a second", missed,
		         LINES_A_SECOND);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_warn("%s", text);
}
