/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the configuration's reader only: its state, its values, its messages, its keys. */
#pragma once

#include "hv/config.h"

#define CONFIG_KEYS     32 /* most keys of a section */
#define CONFIG_MISTAKES 64 /* reported before the rest is only counted as one */

enum section_kind {
	SECTION_NONE, /* before the first one */
	SECTION_SKIP, /* a section that nobody understands: reported, its keys are not looked at */
	SECTION_HYPERVISOR,
	SECTION_VM,
};

struct config_parser {
	struct config *config;
	const char *file;
	void (*report)(void *context, const char *line);
	void *context;
	/* what is still to be read */
	const char *next, *end;
	unsigned line;          /* of the line read last, from 1 */
	bool section_announced; /* the next line for libinih is the mark that a section began */
	/* where we are */
	enum section_kind section;
	char title[64];             /* "vm alpha", for messages */
	struct vm_config *vm;       /* SECTION_VM; a spare one if the section's head was wrong */
	unsigned seen[CONFIG_KEYS]; /* line on which this section gave a key, by its number there */
	unsigned hypervisor_line;
	char wrong[160]; /* what is wrong with a value, where a fixed text does not do */
};

/* ---- config_report.c ---- */

/* Join strings up to a NULL into out; what does not fit is cut. */
void config_join(char *out, size_t size, ...) __attribute__((sentinel));
/* An unsigned number in decimal; returns a pointer into buf. */
#define CONFIG_DIGITS 21
const char *config_decimal(uint64_t value, char buf[static CONFIG_DIGITS]);
/* Report one mistake; key may be NULL. The guest whose section it is in will not start. */
void config_mistake(struct config_parser *parser, unsigned line, const char *key, const char *what);

/* ---- config_value.c: each returns NULL, or what is wrong with the text ("is not a size") ---- */

const char *value_size(const char *text, uint64_t *bytes); /* 64M: at most 1T */
const char *value_number(const char *text, uint64_t max, uint64_t *number);
const char *value_yes_no(const char *text, bool *yes);
bool value_name(const char *text); /* 1 to 31 letters, digits, - and _ */
const char *value_path(const char *text, char path[static CONFIG_PATH]);
/* "A.B.C.D" at the start of *text, which is moved behind it; host byte order. */
bool value_ipv4(const char **text, uint32_t *address);
/* "2028-12-31 added" or "... removed" */
const char *value_leap_second(const char *text, struct leap_second *leap);
const char *value_uplink(const char *text, struct ipv4_config *uplink);

/* ---- keys, in tables that end with a row without a name ---- */

/* read gets the value, which is not empty, and returns NULL or what is wrong with it. */
struct config_key {
	const char *name;
	const char *(*read)(struct config_parser *parser, const char *value);
	bool repeats;
	const char *right; /* what would be right, for the message */
};
extern const struct config_key config_guest_keys[];
extern const struct config_key config_device_keys[];
extern const struct config_key config_net_keys[];

/* ---- config_keys.c ---- */

void config_key(struct config_parser *parser, const char *key, const char *value);
/* What is missing or does not go together in the guest's section that ends here. */
void config_check_vm(struct config_parser *parser);

/* ---- config_peers.c: what one guest says of another, after all of them are read ---- */

void config_check_peers(struct config_parser *parser);
