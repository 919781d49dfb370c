/* SPDX-License-Identifier: BSD-2-Clause */
/* Days and dates of the Gregorian calendar. */
#pragma once

#include <stdint.h>

struct calendar {
	unsigned year;       /* 1 and up */
	unsigned month, day; /* from 1 */
	unsigned hour, minute, second;
	unsigned weekday; /* 0 = Sunday */
};

/* seconds: since 1970-01-01 00:00:00 UTC; before the year 1 is the year 1. */
struct calendar calendar_from_seconds(int64_t seconds);
/* The weekday is not looked at. Fields that are too large carry over; a month outside 1-12 is taken
 * as the nearest. */
int64_t calendar_to_seconds(const struct calendar *calendar);
