/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration: an INI file turned into one checked structure. Pure: used by the hypervisor at
 * start and by the image builder's checker, so that both say the same. Parsing never stops at the
 * first mistake; each is one line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hv/timescale.h"

#define CONFIG_VMS      16
#define CONFIG_CPUS     16
#define CONFIG_DISKS    8
#define CONFIG_QUEUES   8
#define CONFIG_FORWARDS 16
#define CONFIG_PORTS    3 /* of a console, beside the console itself */
#define CONFIG_NAME     32
#define CONFIG_PATH     128
#define CONFIG_CMDLINE  1024
#define CONFIG_PEERS    512

enum disk_kind { DISK_RAM, DISK_IMAGE };

struct disk_config {
	enum disk_kind kind;
	bool read_only;
	uint64_t size;          /* DISK_RAM: bytes */
	char file[CONFIG_PATH]; /* DISK_IMAGE */
	unsigned line;
};

struct forward_config {
	bool udp;
	uint16_t host_port, guest_port;
	unsigned line;
};

enum net_kind { NET_NONE, NET_NAT };
enum ring_kind { RING_SPLIT, RING_PACKED };
enum virtio_kind {
	VIRTIO_OVER_PCI,
	VIRTIO_OVER_PCI_TRANSITIONAL, /* for legacy drivers too */
	VIRTIO_OVER_PCI_LEGACY,       /* for legacy drivers only */
	VIRTIO_OVER_MMIO,
	VIRTIO_OVER_MMIO_LEGACY,
};

struct vm_config {
	char name[CONFIG_NAME];
	unsigned line; /* of its section */
	unsigned cpus; /* virtual ones, 1..CONFIG_CPUS; default 1 */
	int cpu; /* host CPU of the first vCPU, the others on those after it; -1: any, and they may
	            move */
	uint64_t memory;                               /* bytes, multiple of 2 MiB */
	char kernel[CONFIG_PATH], initrd[CONFIG_PATH]; /* "" : none */
	char firmware[CONFIG_PATH];                    /* instead of a kernel; "" : none */
	unsigned kernel_line, initrd_line, firmware_line, memory_line;
	char cmdline[CONFIG_CMDLINE];
	struct disk_config disks[CONFIG_DISKS];
	unsigned disk_count;
	struct disk_config scsi[CONFIG_DISKS]; /* the n-th is target n of its SCSI host */
	unsigned scsi_count;
	enum net_kind net;
	unsigned mtu;    /* of its network device; 0: not said */
	unsigned queues; /* of each disk, pairs of the network device: 1..8; default 1 */
	struct forward_config forwards[CONFIG_FORWARDS];
	unsigned forward_count;
	char ports[CONFIG_PORTS][CONFIG_NAME]; /* further ones of its console, by name */
	unsigned port_count;
	bool rng;
	bool balloon;
	bool clock;
	uint32_t vsock;                 /* its CID; 0: no socket device */
	char vsock_peers[CONFIG_PEERS]; /* as written: names of guests, or all */
	unsigned vsock_peers_line;      /* 0: not given */
	uint32_t vsock_connects;        /* bit n: it may connect to guest n of the configuration */
	uint32_t vsock_links[CONFIG_VMS]; /* CIDs of those that may connect, either way; or 0 */
	bool example;
	enum ring_kind ring;     /* what its virtio devices offer: packed allows split too */
	enum virtio_kind virtio; /* the transport of all its virtio devices, default PCI */
	bool broken; /* a mistake was reported in its section: this guest is not started */
};

struct ipv4_config {
	bool dhcp;
	uint32_t address, gateway; /* host byte order */
	unsigned prefix;
};

struct config {
	struct ipv4_config uplink;      /* default dhcp */
	struct leap_second leap_second; /* default: none */
	bool poweroff_on_last_exit;     /* default true; false: monitor */
	struct vm_config vms[CONFIG_VMS];
	unsigned vm_count;
	unsigned errors; /* lines reported */
};

/*
 * Parse text (not NUL-terminated). report is called once for each mistake with a finished line
 * "file:line: [section] key: what is wrong; what would be right". A mistake breaks its guest only.
 * Returns the number of mistakes.
 */
unsigned config_parse(struct config *config, const char *file, const char *text, size_t size,
                      void (*report)(void *context, const char *line), void *context);

/* The files the configuration names, in order, without repeats: calls visit for each with the line
 * and the key that names it and the guest it belongs to. */
void config_files(struct config *config,
                  void (*visit)(void *context, struct vm_config *vm, const char *key, unsigned line,
                                const char *path),
                  void *context);

/* As it is written in the configuration. */
const char *config_virtio_name(enum virtio_kind kind);
