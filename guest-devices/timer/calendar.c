/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/timer/calendar.h"

#include <stdbool.h>

#define DAY_SECONDS  86400
#define DAYS_TO_1970 719162 /* from 0001-01-01, a Monday */

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_before_year(int64_t year)
{
	int64_t past = year - 1;

	return past * 365 + past / 4 - past / 100 + past / 400;
}

static int64_t month_days(int64_t year, unsigned month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

struct calendar calendar_from_seconds(int64_t seconds)
{
	int64_t all = seconds + DAYS_TO_1970 * (int64_t)DAY_SECONDS, days, in_day, year;
	struct calendar at = {.month = 1};

	if (all < 0)
		all = 0;
	days = all / DAY_SECONDS;
	in_day = all % DAY_SECONDS;
	at.hour = (unsigned)(in_day / 3600);
	at.minute = (unsigned)(in_day / 60 % 60);
	at.second = (unsigned)(in_day % 60);
	at.weekday = (unsigned)((days + 1) % 7);
	year = days / 366 + 1; /* never too late; at most a few hundredths of a percent early */
	year += (days - days_before_year(year)) / 366;
	while (days_before_year(year + 1) <= days)
		year++;
	days -= days_before_year(year);
	while (days >= month_days(year, at.month))
		days -= month_days(year, at.month++);
	at.year = (unsigned)year;
	at.day = (unsigned)days + 1;
	return at;
}

int64_t calendar_to_seconds(const struct calendar *at)
{
	int64_t year = at->year ? at->year : 1, days = days_before_year(year) - DAYS_TO_1970;
	unsigned month = at->month < 1 ? 1 : at->month > 12 ? 12 : at->month;

	for (unsigned m = 1; m < month; m++)
		days += month_days(year, m);
	days += (int64_t)at->day - 1;
	return days * DAY_SECONDS + at->hour * 3600ll + at->minute * 60ll + at->second;
}
