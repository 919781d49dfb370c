/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/timescale.h"

#define NS_PER_S    1000000000ll
#define HALF_DAY    43200
#define SLS_SECONDS 1000

/* Where the rate is not 1, the piece lasts a day at most: no product exceeds 63 bits. */
static int64_t at(const struct timescale_piece *piece, int64_t host)
{
	int64_t passed = host - piece->from;

	if (piece->numerator == piece->denominator)
		return piece->reading + passed;
	return piece->reading + passed * piece->numerator / piece->denominator;
}

/* When does the piece, which begins below the reading, come to it? Rounded up. */
static int64_t when(const struct timescale_piece *piece, int64_t reading)
{
	int64_t left = reading - piece->reading, n = piece->numerator;

	return piece->from +
	       (n == piece->denominator ? left : (left * piece->denominator + n - 1) / n);
}

uint64_t timescale_read(const struct timescale *scale, uint64_t host_ns)
{
	int64_t host = (int64_t)host_ns, reading;
	unsigned i = 0;

	while (i + 1 < scale->count && host >= scale->pieces[i + 1].from)
		i++;
	reading = at(&scale->pieces[i], host);
	return reading > 0 ? (uint64_t)reading : 0;
}

/* Does piece n, or the step at its begin, cross the reading, and when? */
static bool crosses(const struct timescale *scale, unsigned n, int64_t reading, int64_t *host)
{
	const struct timescale_piece *piece = &scale->pieces[n];

	if (n + 1 < scale->count && at(piece, piece[1].from - 1) < reading)
		return false;
	if (n > 0 && piece->reading >= reading) {
		*host = piece->from;
		return at(piece - 1, piece->from - 1) < reading;
	}
	*host = when(piece, reading);
	return true;
}

uint64_t timescale_reaches(const struct timescale *scale, uint64_t reading, uint64_t after)
{
	int64_t host;

	if (reading > INT64_MAX / 2)
		return UINT64_MAX;
	for (unsigned i = 0; i < scale->count; i++)
		if (crosses(scale, i, (int64_t)reading, &host) && host > (int64_t)after)
			return (uint64_t)host;
	return UINT64_MAX;
}

/* From seconds to a piece of rate 1. */
static struct timescale_piece even(int64_t from, int64_t reading)
{
	return (struct timescale_piece){from * NS_PER_S, reading * NS_PER_S, 1, 1};
}

static struct timescale only(struct timescale_piece piece)
{
	return (struct timescale){.pieces = {piece}, .count = 1};
}

/* What UTC shows, by the count before the step, at the step. */
static int64_t last(const struct leap_second *leap)
{
	return leap->midnight - (leap->sign < 0);
}

static bool passed(int64_t utc, const struct leap_second *leap)
{
	return leap->midnight != 0 && utc >= last(leap);
}

/* The host's second of the step: the start of the leap second. */
static int64_t step(int64_t utc, const struct leap_second *leap)
{
	return last(leap) - utc - (passed(utc, leap) ? leap->sign : 0);
}

struct timescale timescale_utc(int64_t utc, const struct leap_second *leap)
{
	int64_t host = step(utc, leap);

	if (!leap->midnight)
		return only(even(0, utc));
	return (struct timescale){
	    .pieces = {even(host, last(leap)), even(host, last(leap) - leap->sign)},
	    .count = 2,
	};
}

struct timescale timescale_tai(int64_t utc, const struct leap_second *leap)
{
	return only(even(0, utc + TAI_UTC_SECONDS + (passed(utc, leap) ? leap->sign : 0)));
}

/* UTC before it shows `begin` and after it shows `end`, and a straight line between. */
static struct timescale smear(int64_t utc, const struct leap_second *leap, int64_t begin,
                              int64_t end)
{
	int64_t from = step(utc, leap) + begin - last(leap);
	int64_t to = step(utc, leap) + end - last(leap) + leap->sign;
	struct timescale scale = {.pieces = {even(from, begin), even(from, begin), even(to, end)},
	                          .count = 3};

	if (!leap->midnight)
		return only(even(0, utc));
	scale.pieces[1].numerator = end - begin;
	scale.pieces[1].denominator = to - from;
	return scale;
}

struct timescale timescale_smeared(int64_t utc, const struct leap_second *leap)
{
	return smear(utc, leap, leap->midnight - HALF_DAY, leap->midnight + HALF_DAY);
}

struct timescale timescale_sls(int64_t utc, const struct leap_second *leap)
{
	return smear(utc, leap, leap->midnight - SLS_SECONDS + leap->sign, leap->midnight);
}

struct timescale timescale_since(uint64_t host_ns)
{
	return only((struct timescale_piece){(int64_t)host_ns, 0, 1, 1});
}
