/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A clock as a few straight pieces of the host's time: what it shows at an instant, and when it
 * will show something. The time standards of VIRTIO 1.4, 5.23.6.4, with at most one leap second,
 * are made of that. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Instants of the host's time and readings in ns; host times before 0 are of before the start. */
struct timescale_piece {
	int64_t from, reading;          /* it shows reading at from, */
	int64_t numerator, denominator; /* and goes at numerator ns in denominator ns from there */
};

#define TIMESCALE_PIECES 3
struct timescale {
	struct timescale_piece pieces[TIMESCALE_PIECES]; /* each up to where the next one begins */
	unsigned count;                                  /* the first has been there for ever */
};

uint64_t timescale_read(const struct timescale *scale, uint64_t host_ns);
/* The first instant after `after` at which the clock comes from before reading to it or past it;
 * UINT64_MAX: none that can be told. */
uint64_t timescale_reaches(const struct timescale *scale, uint64_t reading, uint64_t after);

/* What the operator knows of leap seconds, as the IERS announces them (Bulletin C). */
struct leap_second {
	int64_t midnight; /* the end of its day, seconds since 1970 UTC; 0: none is known */
	int sign;         /* 1: one is added, 23:59:60; -1: 23:59:59 is left out */
};

/* TAI - UTC before the leap second that is known; since 2017. */
#define TAI_UTC_SECONDS 37

/* utc: seconds since 1970 at host time 0, which was not in the leap second. */
struct timescale timescale_utc(int64_t utc, const struct leap_second *leap);
struct timescale timescale_tai(int64_t utc, const struct leap_second *leap);
/* UTC without a step. Noon to noon around the leap second; the last 1000 s of its day (UTC-SLS). */
struct timescale timescale_smeared(int64_t utc, const struct leap_second *leap);
struct timescale timescale_sls(int64_t utc, const struct leap_second *leap);
/* Shows 0 at that instant. */
struct timescale timescale_since(uint64_t host_ns);
