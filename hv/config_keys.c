/* SPDX-License-Identifier: BSD-2-Clause */
/* Which key it is, and what is wrong where there is none or its value cannot be. The keys stand in
 * tables: the hypervisor's here, a guest's in config_guest.c, config_devices.c and config_net.c. */
#include <string.h>

#include "hv/config_parse.h"

static const char *read_uplink(struct config_parser *parser, const char *value)
{
	return value_uplink(value, &parser->config->uplink);
}

static const char *read_last_exit(struct config_parser *parser, const char *value)
{
	parser->config->poweroff_on_last_exit = strcmp(value, "monitor") != 0;
	if (strcmp(value, "monitor") == 0 || strcmp(value, "poweroff") == 0)
		return NULL;
	return "is neither poweroff nor monitor";
}

static const char *read_leap_second(struct config_parser *parser, const char *value)
{
	return value_leap_second(value, &parser->config->leap_second);
}

static const struct config_key hypervisor_keys[] = {
    {"uplink", read_uplink, false, "write dhcp, or 10.0.2.15/24 gw 10.0.2.2"},
    {"on-last-exit", read_last_exit, false, "write poweroff or monitor"},
    {"leap-second", read_leap_second, false, "write for example 2028-12-31 added, or removed"},
    {0},
};

static const struct config_key *const hypervisor_tables[] = {hypervisor_keys, NULL};
static const struct config_key *const vm_tables[] = {config_guest_keys, config_device_keys,
                                                     config_net_keys, NULL};

/* Key i of a section, its tables one after the other; NULL: it has fewer. */
static const struct config_key *key_at(enum section_kind section, unsigned i)
{
	const struct config_key *const *table =
	    section == SECTION_VM ? vm_tables : hypervisor_tables;

	for (; i < CONFIG_KEYS && *table; table++)
		for (const struct config_key *key = *table; key->name; key++)
			if (i-- == 0)
				return key;
	return NULL;
}

/* Letters to change, add or drop to get from a to b; names of keys are short. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[16], corner, above;
	size_t width = strlen(b);

	if (strlen(a) >= 16 || width >= 16)
		return 16;
	for (unsigned j = 0; j <= width; j++)
		row[j] = j;
	for (; *a; a++) {
		corner = row[0]++;
		for (size_t j = 1; j <= width; j++) {
			above = row[j];
			row[j] = corner + (*a != b[j - 1]);
			row[j] = above + 1 < row[j] ? above + 1 : row[j];
			row[j] = row[j - 1] + 1 < row[j] ? row[j - 1] + 1 : row[j];
			corner = above;
		}
	}
	return row[width];
}

static const char *nearest_key(enum section_kind section, const char *name)
{
	const char *nearest = NULL;
	const struct config_key *key;
	unsigned best = 3, far;

	for (unsigned i = 0; (key = key_at(section, i)); i++) {
		far = distance(name, key->name);
		/* "ab" is two changes away from every key of two letters */
		if (far >= best || far >= strlen(key->name))
			continue;
		best = far;
		nearest = key->name;
	}
	return nearest;
}

static void unknown_key(struct config_parser *parser, const char *name)
{
	const char *nearest = nearest_key(parser->section, name);
	const struct config_key *key;
	char what[256] = "unknown key; did you mean ", list[200] = "";

	if (nearest) {
		config_join(what + strlen(what), sizeof(what) - strlen(what), nearest, "?", NULL);
	} else {
		for (unsigned i = 0; (key = key_at(parser->section, i)); i++)
			config_join(list + strlen(list), sizeof(list) - strlen(list),
			            list[0] ? ", " : "", key->name, NULL);
		config_join(what, sizeof(what), "unknown key; there are ", list, NULL);
	}
	config_mistake(parser, parser->line, name, what);
}

static void wrong_value(struct config_parser *parser, const struct config_key *key,
                        const char *value, const char *wrong)
{
	char shown[64], what[384];

	config_join(shown, sizeof(shown), value, NULL);
	if (!*value)
		config_join(what, sizeof(what), "has no value; ", key->right, NULL);
	else
		config_join(what, sizeof(what), "\"", shown,
		            strlen(value) >= sizeof(shown) ? "...\" " : "\" ", wrong, "; ",
		            key->right, NULL);
	config_mistake(parser, parser->line, key->name, what);
}

/* Where the section's key of this name stands; -1: there is none. */
static int find_key(enum section_kind section, const char *name)
{
	const struct config_key *key;

	for (unsigned i = 0; (key = key_at(section, i)); i++)
		if (strcmp(key->name, name) == 0)
			return (int)i;
	return -1;
}

void config_key(struct config_parser *parser, const char *name, const char *value)
{
	int at = find_key(parser->section, name);
	const struct config_key *key;
	const char *wrong = NULL;
	char what[96], digits[CONFIG_DIGITS];

	if (at < 0) {
		unknown_key(parser, name);
		return;
	}
	key = key_at(parser->section, (unsigned)at);
	if (parser->seen[at] && !key->repeats) {
		config_join(what, sizeof(what), "is already given on line ",
		            config_decimal(parser->seen[at], digits), "; keep one of them", NULL);
		config_mistake(parser, parser->line, name, what);
		return;
	}
	parser->seen[at] = parser->line;
	if (*value)
		wrong = key->read(parser, value);
	if (!*value || wrong)
		wrong_value(parser, key, value, wrong);
}

/* The line of the guest's section that gives this key; 0: none. */
static unsigned given(const struct config_parser *parser, const char *name)
{
	return parser->seen[find_key(SECTION_VM, name)];
}

/* Firmware looks for its kernel itself. */
static void check_firmware(struct config_parser *parser)
{
	static const char *const others[] = {"kernel", "initrd", "cmdline"};

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		unsigned line = given(parser, others[i]);

		if (line)
			config_mistake(parser, line, others[i],
			               "is not for a guest with firmware; keep one of the two");
	}
}

void config_check_vm(struct config_parser *parser)
{
	struct vm_config *vm = parser->vm;

	if (!given(parser, "memory"))
		config_mistake(parser, vm->line, "memory",
		               "is missing; write for example memory = 256M");
	if (given(parser, "firmware"))
		check_firmware(parser);
	else if (!given(parser, "kernel"))
		config_mistake(parser, vm->line, "kernel",
		               "is missing; write for example kernel = vmlinuz");
	if (vm->forward_count && vm->net == NET_NONE)
		config_mistake(parser, vm->forwards[0].line, "forward",
		               "needs a network; write net = nat");
	if (vm->vsock_peers_line && !given(parser, "vsock"))
		config_mistake(parser, vm->vsock_peers_line, "vsock-peers",
		               "needs a socket device; write for example vsock = 3");
}
