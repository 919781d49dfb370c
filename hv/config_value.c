/* SPDX-License-Identifier: BSD-2-Clause */
/* The values a configuration is made of. Each reader takes the whole text or refuses it. */
#include <string.h>

#include "guest-devices/timer/calendar.h"
#include "hv/config_parse.h"

#define SIZE_LIMIT (1ull << 40)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at the start of *text, which is moved behind them. false: none, or more than max. */
static bool number_at(const char **text, uint64_t max, uint64_t *number)
{
	const char *at = *text;
	uint64_t value = 0;

	if (!is_digit(*at))
		return false;
	for (; is_digit(*at); at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*text = at;
	*number = value;
	return true;
}

static bool all_digits(const char *text)
{
	if (!*text)
		return false;
	while (is_digit(*text))
		text++;
	return !*text;
}

const char *value_number(const char *text, uint64_t max, uint64_t *number)
{
	const char *at = text;

	if (!all_digits(text))
		return "is not a number";
	return number_at(&at, max, number) ? NULL : "is too large";
}

/* The power of two behind a size's letter; -1: no such letter. */
static int suffix_shift(const char *suffix)
{
	static const char letters[] = "KMGT";
	const char *found;

	if (!*suffix)
		return 0;
	found = strchr(letters, *suffix);
	return found && !suffix[1] ? 10 * (int)(found - letters + 1) : -1;
}

const char *value_size(const char *text, uint64_t *bytes)
{
	const char *suffix = text;
	uint64_t number = 0;
	bool fits;
	int shift;

	while (is_digit(*suffix))
		suffix++;
	shift = suffix_shift(suffix);
	if (suffix == text || shift < 0)
		return "is not a size";
	fits = number_at(&text, SIZE_LIMIT >> shift, &number);
	*bytes = number << shift;
	return fits ? NULL : "is more than 1T";
}

const char *value_yes_no(const char *text, bool *yes)
{
	*yes = strcmp(text, "yes") == 0;
	return *yes || strcmp(text, "no") == 0 ? NULL : "is neither yes nor no";
}

bool value_name(const char *text)
{
	size_t size = strlen(text);

	for (const char *at = text; *at; at++)
		if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
		      (*at >= '0' && *at <= '9') || *at == '-' || *at == '_'))
			return false;
	return size > 0 && size < CONFIG_NAME;
}

/* Does a path go up, or hold an empty or "." part? */
static bool path_leaves(const char *path)
{
	while (*path) {
		const char *slash = strchr(path, '/');
		size_t size = slash ? (size_t)(slash - path) : strlen(path);

		if (size == 0 || (size == 1 && path[0] == '.') ||
		    (size == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += size;
		if (slash && !*++path)
			return true;
	}
	return false;
}

const char *value_path(const char *text, char path[static CONFIG_PATH])
{
	if (strlen(text) >= CONFIG_PATH)
		return "is longer than 127 characters";
	if (text[0] == '/')
		return "is absolute";
	for (const char *at = text; *at; at++)
		if (strchr("\\:*?\"<>|", *at) || (unsigned char)*at >= 0x7f)
			return "has a character that a file on the boot disk cannot have";
	if (!*text || path_leaves(text))
		return "is not a plain path";
	memcpy(path, text, strlen(text) + 1);
	return NULL;
}

bool value_ipv4(const char **text, uint32_t *address)
{
	const char *at = *text;
	uint64_t part;

	*address = 0;
	for (unsigned i = 0; i < 4; i++) {
		if (i && *at++ != '.')
			return false;
		if (!number_at(&at, 255, &part))
			return false;
		*address = *address << 8 | (uint32_t)part;
	}
	*text = at;
	return true;
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* "A.B.C.D/P" and, when there is one, "gw E.F.G.H". */
static bool parse_uplink(const char *at, struct ipv4_config *uplink)
{
	uint64_t prefix;

	if (!value_ipv4(&at, &uplink->address) || *at++ != '/' || !number_at(&at, 30, &prefix))
		return false;
	uplink->prefix = (unsigned)prefix;
	if (!*at)
		return true;
	if (*at != ' ' && *at != '\t')
		return false;
	at = skip_blanks(at);
	if (strncmp(at, "gw", 2) != 0 || (at[2] != ' ' && at[2] != '\t'))
		return false;
	at = skip_blanks(at + 2);
	return value_ipv4(&at, &uplink->gateway) && !*at;
}

static bool is_host(uint32_t address, uint32_t mask)
{
	return (address & ~mask) != 0 && (address | mask) != UINT32_MAX;
}

const char *value_uplink(const char *text, struct ipv4_config *uplink)
{
	const uint32_t guests = 0x0a4d0000, guests_mask = 0xffff0000; /* hv/net/net.h */
	struct ipv4_config fixed = {0};
	uint32_t mask;

	*uplink = (struct ipv4_config){.dhcp = true};
	if (strcmp(text, "dhcp") == 0)
		return NULL;
	if (!parse_uplink(text, &fixed) || fixed.prefix < 1)
		return "is not an address";
	mask = UINT32_MAX << (32 - fixed.prefix);
	if (!is_host(fixed.address, mask) || fixed.address >> 28 >= 14 ||
	    fixed.address >> 24 == 127 || fixed.address >> 24 == 0)
		return "is not an address that a machine can have";
	if (fixed.gateway && ((fixed.gateway ^ fixed.address) & mask))
		return "has a gateway outside its own network";
	if (fixed.gateway && (fixed.gateway == fixed.address || !is_host(fixed.gateway, mask)))
		return "has a gateway that no other machine can be";
	if (!((fixed.address ^ guests) & mask & guests_mask))
		return "overlaps 10.77.0.0/16, the guests' own network";
	*uplink = fixed;
	return NULL;
}

/* "YEAR-MONTH-DAY" at the start of *text, which is moved behind it; its midnight. */
static bool date_at(const char **text, int64_t *midnight)
{
	const char *at = *text;
	uint64_t year, month, day;

	if (!number_at(&at, 2199, &year) || *at++ != '-' || !number_at(&at, 12, &month) ||
	    *at++ != '-' || !number_at(&at, 31, &day) || year < 1972 || !month || !day)
		return false;
	*midnight = calendar_to_seconds(&(struct calendar){
	    .year = (unsigned)year, .month = (unsigned)month, .day = (unsigned)day + 1});
	*text = at;
	return true;
}

const char *value_leap_second(const char *text, struct leap_second *leap)
{
	int64_t midnight;

	if (!date_at(&text, &midnight))
		return "has no date";
	text = skip_blanks(text);
	if (strcmp(text, "added") != 0 && strcmp(text, "removed") != 0)
		return "is neither added nor removed";
	if (calendar_from_seconds(midnight).day != 1)
		return "is not the last day of a month";
	*leap = (struct leap_second){midnight, strcmp(text, "added") == 0 ? 1 : -1};
	return NULL;
}
