/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Add size bytes to a running sum (start with 0); only the last piece may have an odd size. */
uint32_t checksum_add(uint32_t sum, const uint8_t *data, size_t size);
/* The value for the checksum field. A sum over data with a right field in it gives 0. */
uint16_t checksum_finish(uint32_t sum);

/* The running sum of the pseudo-header of TCP and UDP; addresses in host byte order. */
uint32_t checksum_pseudo(uint32_t source, uint32_t destination, uint8_t protocol, size_t size);

/* The field at `field` covers words that change from old to new. */
void checksum_replace16(uint8_t *field, uint16_t old, uint16_t new);
void checksum_replace32(uint8_t *field, uint32_t old, uint32_t new);
/* The same for a field that holds the not inverted sum of the pseudo-header only. */
void checksum_replace32_partial(uint8_t *field, uint32_t old, uint32_t new);
