/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may connect to whom: names of guests that may stand anywhere in the file. */
#include <string.h>

#include "hv/config_parse.h"

static void link_guests(struct config *config, unsigned from, unsigned to)
{
	config->vms[from].vsock_connects |= 1u << to;
	config->vms[from].vsock_links[to] = config->vms[to].vsock;
	config->vms[to].vsock_links[from] = config->vms[from].vsock;
}

static void link_all(struct config *config, unsigned from)
{
	for (unsigned to = 0; to < config->vm_count; to++)
		if (to != from && config->vms[to].vsock)
			link_guests(config, from, to);
}

static int find(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->vm_count; i++)
		if (strcmp(config->vms[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* What is wrong with one name; NULL: nothing, and the two are linked. */
static const char *link_named(struct config *config, unsigned from, const char *name)
{
	int to = find(config, name);

	if (to < 0)
		return "\" is no guest of this file; write the name of one, or all";
	if ((unsigned)to == from)
		return "\" is this guest itself; write the names of others";
	if (!config->vms[to].vsock)
		return "\" has no socket device; write for example vsock = 4 into its section";
	link_guests(config, from, (unsigned)to);
	return NULL;
}

static void check_guest(struct config_parser *parser, unsigned number)
{
	struct vm_config *vm = &parser->config->vms[number];
	const char *wrong = NULL;
	char name[64], what[160];

	parser->vm = vm;
	config_join(parser->title, sizeof(parser->title), "vm ", vm->name, NULL);
	for (const char *at = vm->vsock_peers; !wrong && at[strspn(at, " \t")];) {
		size_t size;

		at += strspn(at, " \t");
		size = strcspn(at, " \t");
		config_join(name, size < sizeof(name) ? size + 1 : sizeof(name), at, NULL);
		at += size;
		wrong = link_named(parser->config, number, name);
	}
	if (!wrong)
		return;
	config_join(what, sizeof(what), "\"", name, wrong, NULL);
	config_mistake(parser, vm->vsock_peers_line, "vsock-peers", what);
}

void config_check_peers(struct config_parser *parser)
{
	struct config *config = parser->config;

	for (unsigned i = 0; i < config->vm_count; i++) {
		if (!config->vms[i].vsock || !config->vms[i].vsock_peers_line)
			continue;
		if (strcmp(config->vms[i].vsock_peers, "all") == 0)
			link_all(config, i);
		else
			check_guest(parser, i);
	}
	parser->vm = NULL;
	parser->title[0] = '\0';
}
