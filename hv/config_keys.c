/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of keys: what each is called, how its value is read and what would be right. */
#include <string.h>

#include <arch/cpu.h>

#include "guest-devices/backend.h"
#include "hv/config_parse.h"

#define MEMORY_UNIT (2ull << 20)
#define MEMORY_MIN  (16ull << 20)

/* A reader gets the value, which is not empty, and returns NULL or what is wrong with it. */
struct key {
	enum section_kind section;
	const char *name;
	const char *(*read)(struct config_parser *parser, const char *value);
	bool repeats;
	const char *right;
};

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

static const char *read_cpus(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, CONFIG_CPUS, &number);

	if (!wrong && number == 0)
		wrong = "is too few";
	parser->vm->cpus = wrong ? 1 : (unsigned)number;
	return wrong;
}

static const char *read_cpu(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, CPU_MAX - 1, &number);

	parser->vm->cpu = wrong ? -1 : (int)number;
	return wrong;
}

static const char *read_memory(struct config_parser *parser, const char *value)
{
	const char *wrong = value_size(value, &parser->vm->memory);

	parser->vm->memory_line = parser->line;
	if (wrong)
		return wrong;
	if (parser->vm->memory < MEMORY_MIN)
		return "is less than 16M";
	return parser->vm->memory % MEMORY_UNIT ? "is not a multiple of 2M" : NULL;
}

static const char *read_kernel(struct config_parser *parser, const char *value)
{
	parser->vm->kernel_line = parser->line;
	return value_path(value, parser->vm->kernel);
}

static const char *read_initrd(struct config_parser *parser, const char *value)
{
	parser->vm->initrd_line = parser->line;
	return value_path(value, parser->vm->initrd);
}

static const char *read_firmware(struct config_parser *parser, const char *value)
{
	parser->vm->firmware_line = parser->line;
	return value_path(value, parser->vm->firmware);
}

static const char *read_cmdline(struct config_parser *parser, const char *value)
{
	if (strlen(value) >= CONFIG_CMDLINE)
		return "is longer than 1023 characters";
	memcpy(parser->vm->cmdline, value, strlen(value) + 1);
	return NULL;
}

/* " ro" at the end is cut off. */
static bool cut_read_only(char *value)
{
	size_t size = strlen(value);

	if (size < 3 || value[size - 3] != ' ' || strcmp(value + size - 2, "ro") != 0)
		return false;
	for (size -= 2; size > 0 && value[size - 1] == ' '; size--)
		value[size - 1] = '\0';
	return true;
}

static const char *disk_source(struct disk_config *disk, const char *value)
{
	const char *wrong;

	if (strncmp(value, "image:", 6) == 0) {
		disk->kind = DISK_IMAGE;
		return value_path(value + 6, disk->file);
	}
	if (strncmp(value, "ram:", 4) != 0)
		return "is neither ram:SIZE nor image:FILE";
	wrong = value_size(value + 4, &disk->size);
	if (wrong)
		return wrong;
	return disk->size == 0 || disk->size % 512 ? "is not a multiple of 512 bytes" : NULL;
}

static const char *add_disk(struct config_parser *parser, const char *value,
                            struct disk_config *disks, unsigned *count)
{
	struct disk_config disk = {.kind = DISK_RAM, .line = parser->line};
	char source[CONFIG_PATH + 16];
	const char *wrong;

	if (*count == CONFIG_DISKS)
		return "is one disk too many";
	if (strlen(value) >= sizeof(source))
		return "is too long";
	memcpy(source, value, strlen(value) + 1);
	disk.read_only = cut_read_only(source);
	wrong = disk_source(&disk, source);
	if (!wrong)
		disks[(*count)++] = disk;
	return wrong;
}

static const char *read_disk(struct config_parser *parser, const char *value)
{
	return add_disk(parser, value, parser->vm->disks, &parser->vm->disk_count);
}

static const char *read_scsi(struct config_parser *parser, const char *value)
{
	return add_disk(parser, value, parser->vm->scsi, &parser->vm->scsi_count);
}

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

static const char *read_queues(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, CONFIG_QUEUES, &number);

	parser->vm->queues = wrong || !number ? 1 : (unsigned)number;
	return wrong || number > 0 ? wrong : "is none";
}

static const char *read_port(struct config_parser *parser, const char *value)
{
	struct vm_config *vm = parser->vm;

	if (vm->port_count == CONFIG_PORTS)
		return "is one port too many";
	if (!value_name(value))
		return "is no name for a port";
	for (unsigned i = 0; i < vm->port_count; i++)
		if (strcmp(vm->ports[i], value) == 0)
			return "is there already";
	config_join(vm->ports[vm->port_count++], CONFIG_NAME, value, NULL);
	return NULL;
}

/* A device without further questions: a bool in struct vm_config. */
#define YES_NO(key)                                                                                \
	static const char *read_##key(struct config_parser *parser, const char *value)             \
	{                                                                                          \
		return value_yes_no(value, &parser->vm->key);                                      \
	}
YES_NO(rng)
YES_NO(balloon)
YES_NO(clock)
YES_NO(example)

static const char *read_leap_second(struct config_parser *parser, const char *value)
{
	return value_leap_second(value, &parser->config->leap_second);
}

/* Each CID is one guest's; 0 to 2 and the last one are reserved (VIRTIO 1.4, 5.10.4). */
static const char *read_vsock(struct config_parser *parser, const char *value)
{
	char line[CONFIG_DIGITS];
	uint64_t number = 0;
	const char *wrong = value_number(value, UINT32_MAX, &number);

	if (!wrong && !vsock_cid_usable(number))
		wrong = "is a reserved CID";
	for (unsigned i = 0; i < parser->config->vm_count && !wrong; i++) {
		const struct vm_config *vm = &parser->config->vms[i];

		if (vm == parser->vm || vm->vsock != number)
			continue;
		config_join(parser->wrong, sizeof(parser->wrong), "is the CID of [vm ", vm->name,
		            "], which begins on line ", config_decimal(vm->line, line), NULL);
		wrong = parser->wrong;
	}
	parser->vm->vsock = wrong ? 0 : (uint32_t)number;
	return wrong;
}

static const char *read_vsock_peers(struct config_parser *parser, const char *value)
{
	parser->vm->vsock_peers_line = parser->line;
	if (strlen(value) >= CONFIG_PEERS)
		return "is longer than 511 characters";
	memcpy(parser->vm->vsock_peers, value, strlen(value) + 1);
	return NULL;
}

static const char *read_ring(struct config_parser *parser, const char *value)
{
	bool packed = strcmp(value, "packed") == 0;

	parser->vm->ring = packed ? RING_PACKED : RING_SPLIT;
	return packed || strcmp(value, "split") == 0 ? NULL : "is neither split nor packed";
}

static const char *const virtio_names[] = {
    [VIRTIO_OVER_PCI] = "pci",
    [VIRTIO_OVER_PCI_TRANSITIONAL] = "pci-transitional",
    [VIRTIO_OVER_PCI_LEGACY] = "pci-legacy",
    [VIRTIO_OVER_MMIO] = "mmio",
    [VIRTIO_OVER_MMIO_LEGACY] = "mmio-legacy",
};

const char *config_virtio_name(enum virtio_kind kind)
{
	return virtio_names[kind];
}

static const char *read_virtio(struct config_parser *parser, const char *value)
{
	for (unsigned i = 0; i < sizeof(virtio_names) / sizeof(virtio_names[0]); i++) {
		if (strcmp(value, virtio_names[i]) == 0) {
			parser->vm->virtio = (enum virtio_kind)i;
			return NULL;
		}
	}
	return "is no transport";
}

#define PATH_RIGHT "write the path of a file, relative to this one and without .. in it"

#define DISK_RIGHT "write for example ram:64M or image:disk.img, up to 8 times"

static const struct key keys[] = {
    {SECTION_HYPERVISOR, "uplink", read_uplink, false, "write dhcp, or 10.0.2.15/24 gw 10.0.2.2"},
    {SECTION_HYPERVISOR, "on-last-exit", read_last_exit, false, "write poweroff or monitor"},
    {SECTION_HYPERVISOR, "leap-second", read_leap_second, false,
     "write for example 2028-12-31 added, or removed"},
    {SECTION_VM, "cpus", read_cpus, false, "write how many the guest has, 1 to 16"},
    {SECTION_VM, "cpu", read_cpu, false, "write the number of a host CPU, 0 to 63"},
    {SECTION_VM, "memory", read_memory, false, "write for example 256M"},
    {SECTION_VM, "kernel", read_kernel, false, PATH_RIGHT},
    {SECTION_VM, "initrd", read_initrd, false, PATH_RIGHT},
    {SECTION_VM, "cmdline", read_cmdline, false, "write the kernel's command line"},
    {SECTION_VM, "firmware", read_firmware, false, PATH_RIGHT},
    {SECTION_VM, "disk", read_disk, true, DISK_RIGHT},
    {SECTION_VM, "scsi", read_scsi, true, DISK_RIGHT},
    {SECTION_VM, "net", read_net, false, "write nat or none"},
    {SECTION_VM, "mtu", read_mtu, false, "write 1280 to 1500"},
    {SECTION_VM, "queues", read_queues, false, "write 1 to 8"},
    {SECTION_VM, "forward", read_forward, true,
     "write PROTOCOL:PORT:GUEST-PORT, for example tcp:8080:80, up to 16 times"},
    {SECTION_VM, "port", read_port, true,
     "write 1 to 31 letters, digits, - and _, each time others, up to 3 times"},
    {SECTION_VM, "rng", read_rng, false, "write yes or no"},
    {SECTION_VM, "balloon", read_balloon, false, "write yes or no"},
    {SECTION_VM, "clock", read_clock, false, "write yes or no"},
    {SECTION_VM, "vsock", read_vsock, false, "write the guest's CID, 3 to 4294967294"},
    {SECTION_VM, "vsock-peers", read_vsock_peers, false,
     "write the names of the guests that it may connect to, with blanks between them, or all"},
    {SECTION_VM, "example", read_example, false, "write yes or no"},
    {SECTION_VM, "ring", read_ring, false, "write split or packed"},
    {SECTION_VM, "virtio", read_virtio, false,
     "write pci, pci-transitional, pci-legacy, mmio or mmio-legacy"},
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEY_COUNT <= CONFIG_KEYS, "config_parser.seen has a place for each key");

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
	unsigned best = 3, far;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		far = distance(name, keys[i].name);
		/* "ab" is two changes away from every key of two letters */
		if (keys[i].section != section || far >= best || far >= strlen(keys[i].name))
			continue;
		best = far;
		nearest = keys[i].name;
	}
	return nearest;
}

static void unknown_key(struct config_parser *parser, const char *name)
{
	const char *nearest = nearest_key(parser->section, name);
	char what[256] = "unknown key; did you mean ", list[200] = "";

	if (nearest) {
		config_join(what + strlen(what), sizeof(what) - strlen(what), nearest, "?", NULL);
	} else {
		for (size_t i = 0; i < KEY_COUNT; i++)
			if (keys[i].section == parser->section)
				config_join(list + strlen(list), sizeof(list) - strlen(list),
				            list[0] ? ", " : "", keys[i].name, NULL);
		config_join(what, sizeof(what), "unknown key; there are ", list, NULL);
	}
	config_mistake(parser, parser->line, name, what);
}

static void wrong_value(struct config_parser *parser, const struct key *key, const char *value,
                        const char *wrong)
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

void config_key(struct config_parser *parser, const char *name, const char *value)
{
	const struct key *key = NULL;
	const char *wrong = NULL;
	char what[96], digits[CONFIG_DIGITS];
	unsigned *seen;

	for (size_t i = 0; i < KEY_COUNT && !key; i++)
		if (keys[i].section == parser->section && strcmp(keys[i].name, name) == 0)
			key = &keys[i];
	if (!key) {
		unknown_key(parser, name);
		return;
	}
	seen = &parser->seen[key - keys];
	if (*seen && !key->repeats) {
		config_join(what, sizeof(what), "is already given on line ",
		            config_decimal(*seen, digits), "; keep one of them", NULL);
		config_mistake(parser, parser->line, name, what);
		return;
	}
	*seen = parser->line;
	if (*value)
		wrong = key->read(parser, value);
	if (!*value || wrong)
		wrong_value(parser, key, value, wrong);
}

/* The line of the guest's section that gives this key; 0: none. */
static unsigned given(const struct config_parser *parser, const char *name)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (keys[i].section == SECTION_VM && strcmp(keys[i].name, name) == 0)
			return parser->seen[i];
	return 0;
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
