/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the specification gives numbers to: device IDs (VIRTIO 1.4, ch. 5), feature bits below 64
 * and what each needs (2.2, 6, 5.x.3). Negotiation, the monitor and reports are made from it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct registry_type {
	uint16_t id;
	const char *name;
	uint16_t transitional_id; /* by which legacy drivers know it where IDs are given out
	                             (4.1.2.1); 0: none */
};

/* Whom a feature is for. */
enum registry_when { ALWAYS, ONLY_LEGACY, NEVER_LEGACY };

struct registry_feature {
	uint16_t type; /* device ID; 0: of all devices */
	uint8_t bit;
	const char *name; /* without its prefix */
	uint64_t all;     /* needs each of these bits */
	uint64_t any;     /* needs one of these bits; 0: nothing */
	enum registry_when when;
};

/* NULL: no such ID is assigned. */
const struct registry_type *registry_type(uint16_t id);
/* NULL: the bit means nothing for that device. Bits without a name are never offered. */
const struct registry_feature *registry_feature(uint16_t type, unsigned bit);
/* Entry by entry; NULL: the end. */
const struct registry_feature *registry_feature_at(unsigned n);

/* Those of features that need another one which is not among them. */
uint64_t registry_unmet(uint16_t type, uint64_t features);
/* Without them, and then without those that needed them, and so on. */
uint64_t registry_closed(uint16_t type, uint64_t features);
/* Those of features that a driver of this kind may be offered. */
uint64_t registry_for(uint16_t type, uint64_t features, bool legacy);
