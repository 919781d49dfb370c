/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration's reader. Proven by planting: without the check of control characters
 * CF_001_nul_bytes fails; with a line limit one byte too high longest_line does.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hv/config.h"
#include "tests/lib/proves.h"

static struct config config;
static char lines[65536]; /* what was reported, a line each */
static size_t used;

static void report(void *context, const char *line)
{
	(void)context;
	used += (size_t)snprintf(lines + used, sizeof(lines) - used, "%s\n", line);
	cr_assert_lt(used, sizeof(lines));
	cr_assert_null(strchr(line, '\n'));
}

/* The text is parsed from memory that ends where it ends, so that the sanitizer sees overruns. */
static unsigned parse_bytes(const char *text, size_t size)
{
	char *copy = malloc(size ? size : 1);
	unsigned mistakes;

	memcpy(copy, text, size);
	used = 0;
	lines[0] = '\0';
	mistakes = config_parse(&config, "c.ini", copy, size, report, NULL);
	free(copy);
	cr_assert_eq(mistakes, config.errors);
	return mistakes;
}

static unsigned parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static const char *lab =
    "[hypervisor]\n"
    "uplink       = dhcp          ; or 10.0.2.15/24 gw 10.0.2.2: the first host NIC\n"
    "on-last-exit = poweroff      ; or monitor\n"
    "\n"
    "[vm alpha]\n"
    "cpus    = 2\n"
    "memory  = 256M\n"
    "kernel  = vmlinuz            ; paths are relative to this file\n"
    "initrd  = alpha.cpio.gz\n"
    "cmdline = console=hvc0 quiet\n"
    "disk    = ram:64M            ; ram:SIZE, image:FILE\n"
    "net     = nat                ; nat, none\n"
    "forward = tcp:8080:80        ; hypervisor's port 8080 -> this guest's port 80\n"
    "rng     = yes\n"
    "\n"
    "[vm beta]\n"
    "memory  = 128M\n"
    "kernel  = vmlinuz\n"
    "initrd  = beta.cpio.gz\n"
    "cmdline = console=hvc0 quiet\n";

static void check_lab(void)
{
	const struct vm_config *alpha = &config.vms[0], *beta = &config.vms[1];

	cr_assert(config.uplink.dhcp);
	cr_assert(config.poweroff_on_last_exit);
	cr_assert_eq(config.vm_count, 2);
	cr_assert_str_eq(alpha->name, "alpha");
	cr_assert_eq(alpha->cpus, 2);
	cr_assert_eq(beta->cpus, 1);
	cr_assert_eq(alpha->cpu, -1);
	cr_assert_eq(alpha->memory, 256ull << 20);
	cr_assert_str_eq(alpha->kernel, "vmlinuz");
	cr_assert_str_eq(alpha->initrd, "alpha.cpio.gz");
	cr_assert_str_eq(alpha->cmdline, "console=hvc0 quiet");
	cr_assert_eq(alpha->disk_count, 1);
	cr_assert_eq(alpha->disks[0].kind, DISK_RAM);
	cr_assert_eq(alpha->disks[0].size, 64ull << 20);
	cr_assert_eq(alpha->net, NET_NAT);
	cr_assert_eq(alpha->forward_count, 1);
	cr_assert_not(alpha->forwards[0].udp);
	cr_assert_eq(alpha->forwards[0].host_port, 8080);
	cr_assert_eq(alpha->forwards[0].guest_port, 80);
	cr_assert(alpha->rng);
	cr_assert_str_eq(beta->name, "beta");
	cr_assert_eq(beta->memory, 128ull << 20);
	cr_assert_eq(beta->disk_count, 0);
	cr_assert_eq(beta->net, NET_NONE);
	cr_assert_not(beta->rng);
	cr_assert_not(beta->clock);
	cr_assert_not(beta->example);
	cr_assert_eq(config.leap_second.midnight, 0);
	cr_assert_eq(beta->ring, RING_SPLIT);
	cr_assert_eq(beta->virtio, VIRTIO_OVER_PCI);
	cr_assert_not(beta->broken);
}

Test(config, ring_is_of_one_guest)
{
	cr_assert_eq(parse("[vm a]\nkernel=k\nmemory=16M\nring=packed\n"
	                   "[vm b]\nkernel=k\nmemory=16M\n"),
	             0, "%s", lines);
	cr_assert_eq(config.vms[0].ring, RING_PACKED);
	cr_assert_eq(config.vms[1].ring, RING_SPLIT);
}

Test(config, the_transport_is_each_guests_own)
{
	static const char head[] = "[vm alpha]\nmemory = 32M\nkernel = k\nvirtio = mmio\n"
	                           "[vm beta]\nmemory = 32M\nkernel = k\n"
	                           "[vm gamma]\nmemory = 32M\nkernel = k\nvirtio = pci\n"
	                           "[vm delta]\nmemory = 32M\nkernel = k\nvirtio = pci-legacy\n"
	                           "[vm eps]\nmemory = 32M\nkernel = k\nvirtio = mmio-legacy\n";

	cr_assert_eq(parse(head), 0, "%s", lines);
	cr_assert_eq(config.vms[0].virtio, VIRTIO_OVER_MMIO);
	cr_assert_eq(config.vms[1].virtio, VIRTIO_OVER_PCI);
	cr_assert_eq(config.vms[2].virtio, VIRTIO_OVER_PCI);
	cr_assert_eq(config.vms[3].virtio, VIRTIO_OVER_PCI_LEGACY);
	cr_assert_eq(config.vms[4].virtio, VIRTIO_OVER_MMIO_LEGACY);
}

Test(config, the_lab)
{
	cr_assert_eq(parse(lab), 0, "%s", lines);
	check_lab();
	cr_assert_eq(config.vms[0].line, 5);
	cr_assert_eq(config.vms[0].memory_line, 7);
	cr_assert_eq(config.vms[0].kernel_line, 8);
	cr_assert_eq(config.vms[0].initrd_line, 9);
	cr_assert_eq(config.vms[0].disks[0].line, 11);
	cr_assert_eq(config.vms[0].forwards[0].line, 13);
	cr_assert_eq(config.vms[1].line, 16);
}

Test(config, crlf_bom_and_no_final_newline)
{
	char text[4096] = "\xef\xbb\xbf";
	size_t size = 3;

	for (const char *at = lab; *at; at++) {
		if (*at == '\n')
			text[size++] = '\r';
		text[size++] = *at;
	}
	cr_assert_eq(parse_bytes(text, size - 2), 0, "%s", lines);
	check_lab();
}

#define VM_KEYS                                                                                    \
	"cpus, cpu, memory, kernel, initrd, cmdline, firmware, disk, scsi, queues, port, rng, "    \
	"balloon, clock, vsock, vsock-peers, example, ring, virtio, net, mtu, forward"

/* One line in the section of a guest that is right otherwise, on line 2. NULL: it is right. */
struct vm_line {
	const char *line, *message;
};

#define ABSOLUTE "write the path of a file, relative to this one and without .. in it"

static const struct vm_line vm_lines[] = {
    {"cpus = 1", NULL},
    {"cpus = 16", NULL},
    {"cpus=1;not a comment",
     "cpus: \"1;not a comment\" is not a number; write how many the guest has, 1 to 16"},
    {"cpus = 17", "cpus: \"17\" is too large; write how many the guest has, 1 to 16"},
    {"cpus = 0", "cpus: \"0\" is too few; write how many the guest has, 1 to 16"},
    {"cpus = -1", "cpus: \"-1\" is not a number; write how many the guest has, 1 to 16"},
    {"cpus = 99999999999999999999",
     "cpus: \"99999999999999999999\" is too large; write how many the guest has, 1 to 16"},
    {"cpus = 1e999", "cpus: \"1e999\" is not a number; write how many the guest has, 1 to 16"},
    {"cpus =", "cpus: has no value; write how many the guest has, 1 to 16"},
    {"cpus = ; one", "cpus: has no value; write how many the guest has, 1 to 16"},
    {"cpus", "\"cpus\" is not a setting; write KEY = VALUE"},
    {"cpu = 0", NULL},
    {"cpu = 63", NULL},
    {"cpu = 64", "cpu: \"64\" is too large; write the number of a host CPU, 0 to 63"},
    {"memory = 16M", NULL},
    {"memory = 65536K", NULL},
    {"memory = 67108864", NULL},
    {"memory = 1G", NULL},
    {"memory = 1T", NULL},
    {"memory = 12Q", "memory: \"12Q\" is not a size; write for example 256M"},
    {"memory = M", "memory: \"M\" is not a size; write for example 256M"},
    {"memory = 256m", "memory: \"256m\" is not a size; write for example 256M"},
    {"memory = 256MB", "memory: \"256MB\" is not a size; write for example 256M"},
    {"memory = 256 M", "memory: \"256 M\" is not a size; write for example 256M"},
    {"memory = -256M", "memory: \"-256M\" is not a size; write for example 256M"},
    {"memory = 0", "memory: \"0\" is less than 16M; write for example 256M"},
    {"memory = 1", "memory: \"1\" is less than 16M; write for example 256M"},
    {"memory = 14M", "memory: \"14M\" is less than 16M; write for example 256M"},
    {"memory = 17M", "memory: \"17M\" is not a multiple of 2M; write for example 256M"},
    {"memory = 2T", "memory: \"2T\" is more than 1T; write for example 256M"},
    {"memory = 18446744073709551617M",
     "memory: \"18446744073709551617M\" is more than 1T; write for example 256M"},
    {"kernel = boot/vmlinuz-6.1", NULL},
    {"kernel = ..hidden", NULL},
    {"kernel = /vmlinuz", "kernel: \"/vmlinuz\" is absolute; " ABSOLUTE},
    {"kernel = ../vmlinuz", "kernel: \"../vmlinuz\" is not a plain path; " ABSOLUTE},
    {"kernel = a/../b", "kernel: \"a/../b\" is not a plain path; " ABSOLUTE},
    {"kernel = a//b", "kernel: \"a//b\" is not a plain path; " ABSOLUTE},
    {"kernel = a/", "kernel: \"a/\" is not a plain path; " ABSOLUTE},
    {"kernel = ./a", "kernel: \"./a\" is not a plain path; " ABSOLUTE},
    {"kernel = a\\b",
     "kernel: \"a\\b\" has a character that a file on the boot disk cannot have; " ABSOLUTE},
    {"kernel = caf\xc3\xa9",
     "kernel: \"caf\xc3\xa9\" has a character that a file on the boot disk cannot have; " ABSOLUTE},
    {"initrd =", "initrd: has no value; " ABSOLUTE},
    {"cmdline = a=b c=d;e ; comment", NULL},
    {"disk = ram:512", NULL},
    {"disk = image:disks/a.img", NULL},
    {"disk = ram:0", "disk: \"ram:0\" is not a multiple of 512 bytes; write for example ram:64M or "
                     "image:disk.img, up to 8 times"},
    {"disk = ram:100",
     "disk: \"ram:100\" is not a multiple of 512 bytes; write for example ram:64M "
     "or image:disk.img, up to 8 times"},
    {"disk = ram:",
     "disk: \"ram:\" is not a size; write for example ram:64M or image:disk.img, up to "
     "8 times"},
    {"disk = rom:64M", "disk: \"rom:64M\" is neither ram:SIZE nor image:FILE; write for example "
                       "ram:64M or image:disk.img, up to 8 times"},
    {"disk = image:../a", "disk: \"image:../a\" is not a plain path; write for example ram:64M or "
                          "image:disk.img, up to 8 times"},
    {"disk = ram:512 ro", NULL},
    {"disk = image:a   ro", NULL},
    {"disk = ram:512ro", "disk: \"ram:512ro\" is not a size; write for example ram:64M or "
                         "image:disk.img, up to 8 times"},
    {"queues = 1", NULL},
    {"queues = 8", NULL},
    {"queues = 0", "queues: \"0\" is none; write 1 to 8"},
    {"queues = 9", "queues: \"9\" is too large; write 1 to 8"},
    {"queues = two", "queues: \"two\" is not a number; write 1 to 8"},
    {"mtu = 1280", NULL},
    {"mtu = 1500", NULL},
    {"mtu = 1279", "mtu: \"1279\" is less than 1280; write 1280 to 1500"},
    {"mtu = 1501", "mtu: \"1501\" is too large; write 1280 to 1500"},
    {"net = none", NULL},
    {"net = bridge", "net: \"bridge\" is neither nat nor none; write nat or none"},
    {"rng = no", NULL},
    {"rng = maybe", "rng: \"maybe\" is neither yes nor no; write yes or no"},
    {"clock = yes", NULL},
    {"clock = 1", "clock: \"1\" is neither yes nor no; write yes or no"},
    {"vsock = 3", NULL},
    {"vsock = 4294967294", NULL},
    {"vsock = 0", "vsock: \"0\" is a reserved CID; write the guest's CID, 3 to 4294967294"},
    {"vsock = 2", "vsock: \"2\" is a reserved CID; write the guest's CID, 3 to 4294967294"},
    {"vsock = 4294967295",
     "vsock: \"4294967295\" is a reserved CID; write the guest's CID, 3 to 4294967294"},
    {"vsock = 4294967296",
     "vsock: \"4294967296\" is too large; write the guest's CID, 3 to 4294967294"},
    {"vsock = yes", "vsock: \"yes\" is not a number; write the guest's CID, 3 to 4294967294"},
    {"vsock-peers = b", "vsock-peers: needs a socket device; write for example vsock = 3"},
    {"example = yes", NULL},
    {"example = on", "example: \"on\" is neither yes nor no; write yes or no"},
    {"ring = split", NULL},
    {"ring = packed", NULL},
    {"ring = Packed", "ring: \"Packed\" is neither split nor packed; write split or packed"},
    {"ring =", "ring: has no value; write split or packed"},
    {"virtio = pci", NULL},
    {"virtio = mmio", NULL},
    {"virtio = pci-transitional", NULL},
    {"virtio = pci-legacy", NULL},
    {"virtio = mmio-legacy", NULL},
    {"virtio = ccw", "virtio: \"ccw\" is no transport; write pci, pci-transitional, pci-legacy, "
                     "mmio or mmio-legacy"},
    {"virtoi = mmio", "virtoi: unknown key; did you mean virtio?"},
    {"memry = 12M", "memry: unknown key; did you mean memory?"},
    {"Memory = 12M", "Memory: unknown key; did you mean memory?"},
    {"forwards = x", "forwards: unknown key; did you mean forward?"},
    {"uplink = dhcp", "uplink: unknown key; there are " VM_KEYS},
    {"= 1", ": unknown key; there are " VM_KEYS},
    {"; comment", NULL},
    {"# comment", NULL},
    {"   \t", NULL},
};

static void check_vm_line(const struct vm_line *row)
{
	bool memory = strncmp(row->line, "memory =", 8) == 0;
	bool kernel = strncmp(row->line, "kernel =", 8) == 0;
	char text[1024], expected[1024];
	unsigned mistakes;

	snprintf(text, sizeof(text), "[vm a]\n%s\n%s\n%s\n", row->line,
	         memory ? "" : "memory = 64M", kernel ? "" : "kernel = k");
	mistakes = parse(text);
	if (!row->message) {
		cr_assert_eq(mistakes, 0, "%s: %s", row->line, lines);
		cr_assert_not(config.vms[0].broken);
		return;
	}
	snprintf(expected, sizeof(expected), "c.ini:2: [vm a] %s\n", row->message);
	cr_assert_str_eq(lines, expected, "%s: %s", row->line, lines);
	cr_assert(config.vms[0].broken);
}

Test(config, CF_003_CF_005_lines_of_a_guest)
{
	for (size_t i = 0; i < sizeof(vm_lines) / sizeof(vm_lines[0]); i++)
		check_vm_line(&vm_lines[i]);
}

#define FORWARD "; write PROTOCOL:PORT:GUEST-PORT, for example tcp:8080:80, up to 16 times"
#define PORTS   " does not have two ports from 1 to 65535" FORWARD

Test(config, forwards)
{
	static const struct vm_line rows[] = {
	    {"tcp:1:65535", NULL},
	    {"udp:53:53", NULL},
	    {"tcp:0:80", "\"tcp:0:80\"" PORTS},
	    {"tcp:80:0", "\"tcp:80:0\"" PORTS},
	    {"tcp:65536:80", "\"tcp:65536:80\"" PORTS},
	    {"tcp:8080", "\"tcp:8080\"" PORTS},
	    {"tcp:80:80:80", "\"tcp:80:80:80\"" PORTS},
	    {"tcp:-1:80", "\"tcp:-1:80\"" PORTS},
	    {"tcp::", "\"tcp::\"" PORTS},
	    {"tcp: 80:80", "\"tcp: 80:80\"" PORTS},
	    {"sctp:80:80", "\"sctp:80:80\" starts with neither tcp: nor udp:" FORWARD},
	};
	char text[512], expected[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		         "[vm a]\nforward = %s\nnet = nat\nmemory = 64M\nkernel = k\n",
		         rows[i].line);
		parse(text);
		expected[0] = '\0';
		if (rows[i].message)
			snprintf(expected, sizeof(expected), "c.ini:2: [vm a] forward: %s\n",
			         rows[i].message);
		cr_assert_str_eq(lines, expected);
	}
}

Test(config, CF_004_one_port_for_two_guests)
{
	cr_assert_eq(parse("[vm a]\nmemory=64M\nkernel=k\nnet=nat\nforward=tcp:80:80\n"
	                   "[vm b]\nmemory=64M\nkernel=k\nnet=nat\nforward=udp:80:80\n"
	                   "forward=tcp:80:81\n"),
	             1);
	cr_assert_str_eq(
	    lines, "c.ini:11: [vm b] forward: \"tcp:80:81\" takes tcp port 80, which [vm a] has "
	           "on line 5" FORWARD "\n");
	cr_assert_not(config.vms[0].broken);
	cr_assert(config.vms[1].broken);
}

Test(config, CF_004_one_name_for_two_guests)
{
	cr_assert_eq(parse("[vm a]\nmemory=64M\nkernel=k\n[vm a]\nmemory=12Q\nkernel=k\n"), 2);
	cr_assert_str_eq(lines,
	                 "c.ini:4: [vm a] this guest is already on line 1; give it another name\n"
	                 "c.ini:5: [vm a] memory: \"12Q\" is not a size; write for example 256M\n");
	cr_assert_eq(config.vm_count, 1);
	cr_assert_not(config.vms[0].broken);
}

Test(config, a_forward_needs_a_network)
{
	parse("[vm a]\nmemory=64M\nkernel=k\nforward=tcp:80:80\n");
	cr_assert_str_eq(lines, "c.ini:4: [vm a] forward: needs a network; write net = nat\n");
}

#define GUEST(name) "[vm " name "]\nmemory=64M\nkernel=k\n"

Test(config, each_cid_is_one_guests)
{
	cr_assert_eq(parse(GUEST("a") "vsock=7\n" GUEST("b") "vsock=8\n" GUEST("c")), 0);
	cr_expect(config.vms[0].vsock == 7 && config.vms[1].vsock == 8 && config.vms[2].vsock == 0);
	cr_expect(config.vms[0].vsock_connects == 0 && config.vms[0].vsock_links[1] == 0);
	cr_assert_eq(parse(GUEST("a") "vsock=7\n" GUEST("b") "vsock=7\n"), 1);
	cr_expect_str_eq(lines,
	                 "c.ini:8: [vm b] vsock: \"7\" is the CID of [vm a], which begins on "
	                 "line 1; write the guest's CID, 3 to 4294967294\n");
	cr_expect(config.vms[1].broken && !config.vms[0].broken);
}

/* Either side of a link has the other's CID; only one of them may connect. */
Test(config, peers_may_stand_anywhere)
{
	cr_assert_eq(parse(GUEST("a") "vsock=3\nvsock-peers = c \tb\n" GUEST("b") "vsock=4\n" GUEST(
	                 "c") "vsock=5\nvsock-peers = b\n" GUEST("d") "vsock=6\n"),
	             0, "%s", lines);
	cr_expect_eq(config.vms[0].vsock_connects, 6);
	cr_expect_eq(config.vms[1].vsock_connects, 0);
	cr_expect_eq(config.vms[2].vsock_connects, 2);
	cr_expect(config.vms[0].vsock_links[1] == 4 && config.vms[0].vsock_links[2] == 5);
	cr_expect(config.vms[1].vsock_links[0] == 3 && config.vms[1].vsock_links[2] == 5);
	cr_expect(config.vms[0].vsock_links[3] == 0 && config.vms[3].vsock_links[0] == 0);
}

Test(config, all_peers_are_those_with_a_cid)
{
	cr_assert_eq(
	    parse(GUEST("a") "vsock=3\nvsock-peers = all\n" GUEST("b") GUEST("c") "vsock=5\n"), 0,
	    "%s", lines);
	cr_expect_eq(config.vms[0].vsock_connects, 4);
	cr_expect_eq(config.vms[2].vsock_links[0], 3);
}

Test(config, peers_that_cannot_be)
{
	static const struct vm_line rows[] = {
	    {"b x", "\"x\" is no guest of this file; write the name of one, or all"},
	    {"a", "\"a\" is this guest itself; write the names of others"},
	    {"c", "\"c\" has no socket device; write for example vsock = 4 into its section"},
	    {"all b", "\"all\" is no guest of this file; write the name of one, or all"},
	};
	char text[256], expected[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		         GUEST("a") "vsock=3\nvsock-peers=%s\n" GUEST("b") "vsock=4\n" GUEST("c"),
		         rows[i].line);
		cr_assert_eq(parse(text), 1);
		snprintf(expected, sizeof(expected), "c.ini:5: [vm a] vsock-peers: %s\n",
		         rows[i].message);
		cr_expect_str_eq(lines, expected);
		cr_expect(config.vms[0].broken && !config.vms[1].broken);
	}
}

Test(config, what_a_guest_must_have)
{
	cr_assert_eq(parse("[vm a]\n"), 2);
	cr_assert_str_eq(
	    lines, "c.ini:1: [vm a] memory: is missing; write for example memory = 256M\n"
	           "c.ini:1: [vm a] kernel: is missing; write for example kernel = vmlinuz\n");
	cr_assert(config.vms[0].broken);
}

Test(config, firmware_is_instead_of_a_kernel)
{
	cr_assert_eq(parse("[vm a]\nmemory=64M\nfirmware=f\n"), 0);
	cr_assert_str_eq(config.vms[0].firmware, "f");
	cr_assert_eq(config.vms[0].firmware_line, 3);
	cr_assert_eq(parse("[vm a]\nmemory=64M\nfirmware=f\nkernel=k\ninitrd=i\ncmdline=c\n"), 3);
	cr_assert_str_eq(
	    lines,
	    "c.ini:4: [vm a] kernel: is not for a guest with firmware; keep one of the two\n"
	    "c.ini:5: [vm a] initrd: is not for a guest with firmware; keep one of the two\n"
	    "c.ini:6: [vm a] cmdline: is not for a guest with firmware; keep one of the two\n");
	cr_assert(config.vms[0].broken);
}

Test(config, CF_003_duplicate_keys)
{
	parse("[vm a]\nmemory=64M\nkernel=k\nmemory=128M\n");
	cr_assert_str_eq(lines,
	                 "c.ini:4: [vm a] memory: is already given on line 2; keep one of them\n");
	cr_assert_eq(config.vms[0].memory, 64ull << 20);
}

struct section_line {
	const char *line, *message;
};

#define NAME_WRONG " is no name for a guest; write 1 to 31 letters, digits, - and _"

Test(config, sections)
{
	static const struct section_line rows[] = {
	    {"[vm A-z_09]", ""},
	    {"  [vm a] ; comment", ""},
	    {"[vm 0123456789012345678901234567890]", ""},
	    {"[vm 01234567890123456789012345678901]",
	     "[vm 01234567890123456789012345678901]" NAME_WRONG},
	    {"[vm a b]", "[vm a b]" NAME_WRONG},
	    {"[vm a/b]", "[vm a/b]" NAME_WRONG},
	    {"[vm ]", "[vm ]" NAME_WRONG},
	    {"[vm]", "[vm] unknown section; there are [hypervisor] and [vm NAME]"},
	    {"[]", "unknown section; there are [hypervisor] and [vm NAME]"},
	    {"[VM a]", "[VM a] unknown section; there are [hypervisor] and [vm NAME]"},
	    {"[vm a", "the section's name does not end; write [hypervisor] or [vm NAME]"},
	    {"[vm a ; b]", "the section's name does not end; write [hypervisor] or [vm NAME]"},
	    {"[vm a] memory=1M", "there is text behind the section's name; write a comment with ;"},
	};
	char text[512], expected[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "\n%s\nmemory = 64M\nkernel = k\n", rows[i].line);
		parse(text);
		expected[0] = '\0';
		if (*rows[i].message)
			snprintf(expected, sizeof(expected), "c.ini:2: %s\n", rows[i].message);
		cr_assert_str_eq(lines, expected, "%s: %s", rows[i].line, lines);
	}
}

Test(config, hypervisor_twice_and_settings_before_it)
{
	parse(
	    "uplink = dhcp\nx=1\n[hypervisor]\n[hypervisor]\nx=1\n[vm a]\nmemory=64M\nkernel=k\n");
	cr_assert_str_eq(
	    lines,
	    "c.ini:1: this is before the first section; begin with [hypervisor] or [vm NAME]\n"
	    "c.ini:4: [hypervisor] this section is already on line 3; keep one of them\n");
}

Test(config, uplinks)
{
	static const struct section_line rows[] = {
	    {"dhcp", NULL},
	    {"10.0.2.15/24 gw 10.0.2.2", NULL},
	    {"10.0.2.15/24   gw\t10.0.2.2 ; comment", NULL},
	    {"10.0.2.15/24", NULL},
	    {"10.0.2.15/24 gw 10.0.3.2",
	     "\"10.0.2.15/24 gw 10.0.3.2\" has a gateway outside its own network"},
	    {"10.0.2.15/24 gw 10.0.2.15",
	     "\"10.0.2.15/24 gw 10.0.2.15\" has a gateway that no other machine can be"},
	    {"10.0.2.15/24 gw 10.0.2.255",
	     "\"10.0.2.15/24 gw 10.0.2.255\" has a gateway that no other machine can be"},
	    {"10.0.2.0/24", "\"10.0.2.0/24\" is not an address that a machine can have"},
	    {"10.0.2.255/24", "\"10.0.2.255/24\" is not an address that a machine can have"},
	    {"224.0.0.1/24", "\"224.0.0.1/24\" is not an address that a machine can have"},
	    {"127.0.0.1/8", "\"127.0.0.1/8\" is not an address that a machine can have"},
	    {"10.77.3.4/24", "\"10.77.3.4/24\" overlaps 10.77.0.0/16, the guests' own network"},
	    {"10.0.0.1/8", "\"10.0.0.1/8\" overlaps 10.77.0.0/16, the guests' own network"},
	    {"10.0.2.15", "\"10.0.2.15\" is not an address"},
	    {"10.0.2.15/0", "\"10.0.2.15/0\" is not an address"},
	    {"10.0.2.15/31", "\"10.0.2.15/31\" is not an address"},
	    {"10.0.2.256/24", "\"10.0.2.256/24\" is not an address"},
	    {"10.0.2/24", "\"10.0.2/24\" is not an address"},
	    {"10.0.2.15/24 10.0.2.2", "\"10.0.2.15/24 10.0.2.2\" is not an address"},
	    {"10.0.2.15/24 gw", "\"10.0.2.15/24 gw\" is not an address"},
	    {"static", "\"static\" is not an address"},
	};
	char text[512], expected[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		         "[hypervisor]\nuplink = %s\n[vm a]\nmemory=64M\nkernel=k\n", rows[i].line);
		parse(text);
		expected[0] = '\0';
		if (rows[i].message)
			snprintf(expected, sizeof(expected),
			         "c.ini:2: [hypervisor] uplink: %s; write dhcp, or 10.0.2.15/24 gw "
			         "10.0.2.2\n",
			         rows[i].message);
		cr_assert_str_eq(lines, expected, "%s: %s", rows[i].line, lines);
		cr_assert_eq(config.uplink.dhcp, i == 0 || rows[i].message);
	}
	parse("[hypervisor]\nuplink=10.0.2.15/24 gw 10.0.2.2\non-last-exit=monitor\n");
	cr_assert_eq(config.uplink.address, 0x0a00020f);
	cr_assert_eq(config.uplink.gateway, 0x0a000202);
	cr_assert_eq(config.uplink.prefix, 24);
	cr_assert_not(config.poweroff_on_last_exit);
}

Test(config, leap_seconds)
{
	static const struct section_line rows[] = {
	    {"2016-12-31 added", NULL},
	    {"2028-06-30\tremoved ; comment", NULL},
	    {"2028-02-29 added", NULL},
	    {"2027-02-29 added", "\"2027-02-29 added\" is not the last day of a month"},
	    {"2028-12-30 added", "\"2028-12-30 added\" is not the last day of a month"},
	    {"2028-06-31 added", "\"2028-06-31 added\" is not the last day of a month"},
	    {"2028-07-00 added", "\"2028-07-00 added\" has no date"},
	    {"2028-13-31 added", "\"2028-13-31 added\" has no date"},
	    {"2028-00-31 added", "\"2028-00-31 added\" has no date"},
	    {"1971-12-31 added", "\"1971-12-31 added\" has no date"},
	    {"20281231 added", "\"20281231 added\" has no date"},
	    {"2028-12-31", "\"2028-12-31\" is neither added nor removed"},
	    {"2028-12-31 none", "\"2028-12-31 none\" is neither added nor removed"},
	};
	char text[512], expected[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		         "[hypervisor]\nleap-second = %s\n[vm a]\nmemory=64M\nkernel=k\n",
		         rows[i].line);
		parse(text);
		expected[0] = '\0';
		if (rows[i].message)
			snprintf(expected, sizeof(expected),
			         "c.ini:2: [hypervisor] leap-second: %s; write for example "
			         "2028-12-31 added, or removed\n",
			         rows[i].message);
		cr_assert_str_eq(lines, expected, "%s: %s", rows[i].line, lines);
		cr_assert_eq(config.leap_second.midnight == 0, rows[i].message != NULL);
	}
	parse("[hypervisor]\nleap-second = 2016-12-31 added\n");
	cr_assert_eq(config.leap_second.midnight, 1483228800);
	cr_assert_eq(config.leap_second.sign, 1);
	parse("[hypervisor]\nleap-second = 2016-12-31 removed\n");
	cr_assert_eq(config.leap_second.sign, -1);
}

/* ---- too much ---- */

Test(config, too_many_of_everything)
{
	char text[16384] = "";
	size_t size = 0;

	for (unsigned i = 0; i < CONFIG_VMS + 1; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
		                         "[vm v%u]\nmemory=64M\nkernel=k\n", i);
	cr_assert_eq(parse(text), 1);
	cr_assert_str_eq(lines, "c.ini:49: [vm v16] is one guest too many; there can be 16\n");
	size = (size_t)snprintf(text, sizeof(text), "[vm a]\nmemory=64M\nkernel=k\nnet=nat\n");
	for (unsigned i = 0; i < CONFIG_DISKS + 1; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "disk=ram:1M\n");
	for (unsigned i = 0; i < CONFIG_FORWARDS + 1; i++)
		size +=
		    (size_t)snprintf(text + size, sizeof(text) - size, "forward=tcp:%u:1\n", i + 1);
	cr_assert_eq(parse(text), 2);
	cr_assert(strstr(lines, "c.ini:13: [vm a] disk: \"ram:1M\" is one disk too many"));
	cr_assert(strstr(lines, "c.ini:30: [vm a] forward: \"tcp:17:1\" is one forward too many"));
}

Test(config, ports_of_a_console)
{
	static const char *const wrong[] = {"a.b", "a b", "abcdefghijklmnopqrstuvwxyz123456",
	                                    "log"};
	char text[200];

	cr_assert_eq(parse("[vm a]\nmemory=64M\nkernel=k\nport=log\nport=org_x-1\n"), 0);
	cr_assert_eq(config.vms[0].port_count, 2);
	cr_assert_str_eq(config.vms[0].ports[0], "log");
	cr_assert_str_eq(config.vms[0].ports[1], "org_x-1");
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[vm a]\nmemory=64M\nkernel=k\nport=log\nport=%s\n",
		         wrong[i]);
		cr_expect_eq(parse(text), 1, "%s", wrong[i]);
		cr_expect(strstr(lines, "c.ini:5: [vm a] port: "));
		cr_expect_eq(config.vms[0].port_count, 1);
	}
	cr_assert_eq(parse("[vm a]\nmemory=64M\nkernel=k\nport=a\nport=b\nport=c\nport=d\n"), 1);
	cr_assert(strstr(lines, "c.ini:7: [vm a] port: \"d\" is one port too many"));
}

Test(config, longest_values)
{
	char value[2048], text[4096];

	memset(value, 'a', sizeof(value));
	value[CONFIG_CMDLINE - 1] = '\0';
	snprintf(text, sizeof(text), "[vm a]\ncmdline = %s\nmemory=64M\nkernel=k\n", value);
	cr_assert_eq(parse(text), 0, "%s", lines);
	cr_assert_eq(strlen(config.vms[0].cmdline), CONFIG_CMDLINE - 1);
	snprintf(text, sizeof(text), "[vm a]\ncmdline = %sx\nmemory=64M\nkernel=k\n", value);
	cr_assert_eq(parse(text), 1);
	cr_assert(
	    strstr(lines, "...\" is longer than 1023 characters; write the kernel's command"));
	value[CONFIG_PATH - 1] = '\0';
	snprintf(text, sizeof(text), "[vm a]\nkernel = %s\nmemory=64M\n", value);
	cr_assert_eq(parse(text), 0);
	snprintf(text, sizeof(text), "[vm a]\nkernel = %sx\nmemory=64M\n", value);
	cr_assert_eq(parse(text), 1);
}

Test(config, longest_line)
{
	char text[4096] = "[vm a]\nmemory=64M\nkernel=k\n;", *end = text + strlen(text);

	for (unsigned size = 1270; size < 1290; size++) {
		memset(end, 'x', size);
		strcpy(end + size, "\nrng=yes\n");
		cr_assert_eq(parse(text), size + 1 > 1278, "%u: %s", size, lines);
		cr_assert(config.vms[0].rng, "the next line is a line of its own");
	}
	cr_assert_str_eq(lines, "c.ini:4: [vm a] the line is longer than 1278 bytes; shorten it\n");
}

/* ---- what is no configuration at all ---- */

#define NO_GUEST "there is no guest; write a section [vm NAME]\n"

Test(config, CF_001_empty_and_comments)
{
	parse("");
	cr_assert_str_eq(lines, "c.ini:1: " NO_GUEST);
	parse("; nothing\n\n# here\n");
	cr_assert_str_eq(lines, "c.ini:3: " NO_GUEST);
	parse("[hypervisor]\nuplink=dhcp\n");
	cr_assert_str_eq(lines, "c.ini:2: " NO_GUEST);
	cr_assert(config.uplink.dhcp && config.poweroff_on_last_exit && !config.vm_count);
}

Test(config, CF_001_nul_bytes)
{
	cr_assert_eq(parse_bytes("[vm a]\nmem\0ory=64M\n", 19), 3);
	cr_assert(strstr(lines,
	                 "c.ini:2: [vm a] there is a control character at column 4; write plain "
	                 "text (UTF-8)\n"));
}

Test(config, CF_001_utf16)
{
	cr_assert_eq(parse_bytes("\xff\xfe[\0v\0", 6), 1);
	cr_assert_str_eq(lines, "c.ini:1: this is UTF-16; save the file as UTF-8\n");
}

Test(config, CF_001_junk_of_16_mib)
{
	size_t size = 16u << 20;
	char *junk = malloc(size);
	uint32_t state = 1;

	memset(junk, 0xff, size);
	parse_bytes(junk, size);
	cr_assert_eq(config.vm_count, 0);
	for (size_t i = 0; i < size; i++) {
		state = state * 1664525 + 1013904223;
		junk[i] = (char)(state >> 24);
	}
	cr_assert_eq(parse_bytes(junk, size), 64);
	cr_assert(strstr(lines, "too many mistakes; the rest is not shown"));
	free(junk);
}

Test(config, CF_002_cut_at_every_byte)
{
	for (size_t size = 0; size < strlen(lab); size++)
		parse_bytes(lab, size);
}

Test(config, CF_002_every_byte_takes_every_value, .timeout = 120)
{
	size_t size = strlen(lab);
	char *text = strdup(lab);

	for (size_t i = 0; i < size; i++) {
		for (unsigned value = 0; value < 256; value += i % 4 ? 5 : 1) {
			text[i] = (char)value;
			parse_bytes(text, size);
			cr_assert_leq(config.vm_count, CONFIG_VMS);
		}
		text[i] = lab[i];
	}
	free(text);
}

/* ---- files ---- */

static void list(void *context, struct vm_config *vm, const char *key, unsigned line,
                 const char *path)
{
	(void)context;
	used += (size_t)snprintf(lines + used, sizeof(lines) - used, "%s %s %u %s\n", vm->name, key,
	                         line, path);
}

Test(config, files_are_named_once)
{
	cr_assert_eq(parse("[vm a]\nmemory=64M\nkernel=k\ninitrd=i\ndisk=image:d\ndisk=ram:1M\n"
	                   "[vm b]\nmemory=64M\nkernel=k\ninitrd=j\ndisk=image:e\n"
	                   "[vm c]\nmemory=64M\nfirmware=f\n"),
	             0);
	used = 0;
	config_files(&config, list, NULL);
	cr_assert_str_eq(lines,
	                 "a kernel 3 k\na initrd 4 i\na disk 5 d\nb initrd 10 j\nb disk 11 e\n"
	                 "c firmware 14 f\n");
}

PROVES("V14-NET-002", "V14-NET-003")
Test(config, queues_mtu_and_read_only_disks)
{
	cr_assert_eq(parse("[vm a]\nmemory = 64M\nkernel = k\n"), 0);
	cr_expect_eq(config.vms[0].queues, 1);
	cr_expect_eq(config.vms[0].mtu, 0);
	cr_assert_eq(parse("[vm a]\nmemory = 64M\nkernel = k\nqueues = 4\nmtu = 1400\n"
	                   "disk = image:a  ro\ndisk = ram:1M\n"),
	             0);
	cr_expect_eq(config.vms[0].queues, 4);
	cr_expect_eq(config.vms[0].mtu, 1400);
	cr_expect(config.vms[0].disks[0].read_only && !config.vms[0].disks[1].read_only);
	cr_expect_str_eq(config.vms[0].disks[0].file, "a");
	cr_expect_eq(config.vms[0].disks[1].size, 1 << 20);
	cr_assert_neq(parse("[vm a]\nmemory = 64M\nkernel = k\nmtu = 67\n"), 0);
}
