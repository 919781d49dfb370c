/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of a guest's network. */
#include <string.h>

#include "hv/config_parse.h"

static const char *read_net(struct config_parser *parser, const char *value)
{
	parser->vm->net = strcmp(value, "nat") == 0 ? NET_NAT : NET_NONE;
	return parser->vm->net == NET_NAT || strcmp(value, "none") == 0 ? NULL
	                                                                : "is neither nat nor none";
}

/* A port's digits up to the character end, in a string of its own for value_number. */
static bool port_at(const char **text, char end, uint16_t *port)
{
	const char *stop = strchr(*text, end);
	char digits[6] = "";
	uint64_t number = 0;

	if (!stop || stop - *text >= (int)sizeof(digits))
		return false;
	memcpy(digits, *text, (size_t)(stop - *text));
	if (value_number(digits, UINT16_MAX, &number) || number == 0)
		return false;
	*port = (uint16_t)number;
	*text = end ? stop + 1 : stop;
	return true;
}

/* Who already forwards this port? NULL: nobody. */
static const char *forward_taken(struct config_parser *parser, const struct vm_config *vm,
                                 const struct forward_config *forward)
{
	char port[CONFIG_DIGITS], line[CONFIG_DIGITS];

	for (unsigned i = 0; i < vm->forward_count; i++) {
		const struct forward_config *other = &vm->forwards[i];

		if (other->udp != forward->udp || other->host_port != forward->host_port)
			continue;
		config_join(parser->wrong, sizeof(parser->wrong), "takes ",
		            forward->udp ? "udp" : "tcp", " port ",
		            config_decimal(forward->host_port, port), ", which [vm ", vm->name,
		            "] has on line ", config_decimal(other->line, line), NULL);
		return parser->wrong;
	}
	return NULL;
}

static const char *read_forward(struct config_parser *parser, const char *value)
{
	struct vm_config *vm = parser->vm;
	struct config *config = parser->config;
	struct forward_config forward = {.line = parser->line};
	const char *wrong = NULL;

	if (vm->forward_count == CONFIG_FORWARDS)
		return "is one forward too many";
	forward.udp = strncmp(value, "udp:", 4) == 0;
	if (!forward.udp && strncmp(value, "tcp:", 4) != 0)
		return "starts with neither tcp: nor udp:";
	value += 4;
	if (!port_at(&value, ':', &forward.host_port) ||
	    !port_at(&value, '\0', &forward.guest_port))
		return "does not have two ports from 1 to 65535";
	for (unsigned i = 0; i < config->vm_count && !wrong; i++)
		if (&config->vms[i] != vm)
			wrong = forward_taken(parser, &config->vms[i], &forward);
	if (!wrong)
		wrong = forward_taken(parser, vm, &forward);
	if (!wrong)
		vm->forwards[vm->forward_count++] = forward;
	return wrong;
}

/* The NAT's frames are those of Ethernet; less than IPv6 needs is of no use (V14-NET-003). */
static const char *read_mtu(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, 1500, &number);

	parser->vm->mtu = (unsigned)number;
	return wrong || number >= 1280 ? wrong : "is less than 1280";
}

const struct config_key config_net_keys[] = {
    {"net", read_net, false, "write nat or none"},
    {"mtu", read_mtu, false, "write 1280 to 1500"},
    {"forward", read_forward, true,
     "write PROTOCOL:PORT:GUEST-PORT, for example tcp:8080:80, up to 16 times"},
    {0},
};
