/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/registry.h"

#include <stddef.h>

#define BIT(n) (1ull << (n))

/* clang-format off */
static const struct registry_type types[] = {
	{1, "net", 0x1000},
	{2, "blk", 0x1001},
	{3, "console", 0x1003},
	{4, "rng", 0x1005},
	{5, "balloon", 0x1002},
	{6, "ioMemory", 0},
	{7, "rpmsg", 0},
	{8, "scsi", 0x1004},
	{9, "9P transport", 0x1009},
	{10, "mac80211 wlan", 0},
	{11, "rproc serial", 0},
	{12, "virtio CAIF", 0},
	{13, "memory balloon", 0},
	{16, "gpu", 0},
	{17, "rtc", 0},
	{18, "input", 0},
	{19, "vsock", 0},
	{20, "crypto", 0},
	{21, "Signal Distribution Module", 0},
	{22, "pstore device", 0},
	{23, "iommu", 0},
	{24, "mem", 0},
	{25, "sound", 0},
	{26, "fs", 0},
	{27, "pmem", 0},
	{28, "rpmb", 0},
	{29, "mac80211 hwsim wireless simulation device", 0},
	{30, "Video encoder device", 0},
	{31, "Video decoder device", 0},
	{32, "scmi", 0},
	{33, "NitroSecureModule", 0},
	{34, "i2c", 0},
	{35, "Watchdog", 0},
	{36, "can", 0},
	{38, "Parameter Server", 0},
	{39, "Audio policy device", 0},
	{40, "Bluetooth device", 0},
	{41, "gpio", 0},
	{42, "RDMA device", 0},
	{43, "Camera device", 0},
	{44, "ISM device", 0},
	{45, "spi", 0},
	{46, "TEE device", 0},
	{47, "CPU balloon device", 0},
	{48, "media", 0},
	{49, "USB controller", 0},
	{63, "example", 0}, /* assigned to nobody: guest-devices/virtio/example.h */
};

/* Net's bits from 64 on are not here: they belong to facilities that do not exist. */
static const struct registry_feature features_known[] = {
	{0, 24, .name = "NOTIFY_ON_EMPTY", .when = ONLY_LEGACY},
	{0, 27, .name = "ANY_LAYOUT", .when = ONLY_LEGACY},
	{0, 28, .name = "INDIRECT_DESC"},
	{0, 29, .name = "EVENT_IDX"},
	{0, 30, .name = "UNUSED", .when = ONLY_LEGACY},
	{0, 32, .name = "VERSION_1"},
	{0, 33, .name = "ACCESS_PLATFORM"},
	{0, 34, .name = "RING_PACKED"},
	{0, 35, .name = "IN_ORDER"},
	{0, 36, .name = "ORDER_PLATFORM"},
	{0, 37, .name = "SR_IOV"},
	{0, 38, .name = "NOTIFICATION_DATA"},
	{0, 39, .name = "NOTIF_CONFIG_DATA"},
	{0, 40, .name = "RING_RESET"},
	{0, 41, .name = "ADMIN_VQ"},
	{0, 43, .name = "SUSPEND"},
	{1, 0, .name = "CSUM"},
	{1, 1, .name = "GUEST_CSUM"},
	{1, 2, .name = "CTRL_GUEST_OFFLOADS"},
	{1, 3, .name = "MTU"},
	{1, 5, .name = "MAC"},
	{1, 6, .name = "GSO", .when = ONLY_LEGACY},
	{1, 7, .name = "GUEST_TSO4", .all = BIT(1)},
	{1, 8, .name = "GUEST_TSO6", .all = BIT(1)},
	{1, 9, .name = "GUEST_ECN", .any = BIT(7) | BIT(8)},
	{1, 10, .name = "GUEST_UFO", .all = BIT(1)},
	{1, 11, .name = "HOST_TSO4", .all = BIT(0)},
	{1, 12, .name = "HOST_TSO6", .all = BIT(0)},
	{1, 13, .name = "HOST_ECN", .any = BIT(11) | BIT(12)},
	{1, 14, .name = "HOST_UFO", .all = BIT(0)},
	{1, 15, .name = "MRG_RXBUF"},
	{1, 16, .name = "STATUS"},
	{1, 17, .name = "CTRL_VQ"},
	{1, 18, .name = "CTRL_RX", .all = BIT(17)},
	{1, 19, .name = "CTRL_VLAN", .all = BIT(17)},
	{1, 20, .name = "CTRL_RX_EXTRA"},
	{1, 21, .name = "GUEST_ANNOUNCE", .all = BIT(17)},
	{1, 22, .name = "MQ", .all = BIT(17)},
	{1, 23, .name = "CTRL_MAC_ADDR", .all = BIT(17)},
	{1, 41, .name = "GUEST_RSC4", .when = ONLY_LEGACY},
	{1, 42, .name = "GUEST_RSC6", .when = ONLY_LEGACY},
	{1, 50, .name = "DEVICE_STATS"},
	{1, 51, .name = "HASH_TUNNEL", .all = BIT(17), .any = BIT(60) | BIT(57)},
	{1, 52, .name = "VQ_NOTF_COAL", .all = BIT(17)},
	{1, 53, .name = "NOTF_COAL", .all = BIT(17)},
	{1, 54, .name = "GUEST_USO4", .all = BIT(1)},
	{1, 55, .name = "GUEST_USO6", .all = BIT(1)},
	{1, 56, .name = "HOST_USO", .all = BIT(0)},
	{1, 57, .name = "HASH_REPORT"},
	{1, 59, .name = "GUEST_HDRLEN"},
	{1, 60, .name = "RSS", .all = BIT(17)},
	{1, 61, .name = "RSC_EXT", .any = BIT(11) | BIT(12)},
	{1, 62, .name = "STANDBY"},
	{1, 63, .name = "SPEED_DUPLEX"},
	{2, 0, .name = "BARRIER", .when = ONLY_LEGACY},
	{2, 1, .name = "SIZE_MAX"},
	{2, 2, .name = "SEG_MAX"},
	{2, 4, .name = "GEOMETRY"},
	{2, 5, .name = "RO"},
	{2, 6, .name = "BLK_SIZE"},
	{2, 7, .name = "SCSI", .when = ONLY_LEGACY},
	{2, 9, .name = "FLUSH"},
	{2, 10, .name = "TOPOLOGY"},
	{2, 11, .name = "CONFIG_WCE"},
	{2, 12, .name = "MQ"},
	{2, 13, .name = "DISCARD"},
	{2, 14, .name = "WRITE_ZEROES"},
	{2, 15, .name = "LIFETIME"},
	{2, 16, .name = "SECURE_ERASE"},
	{2, 17, .name = "ZONED", .when = NEVER_LEGACY},
	{3, 0, .name = "SIZE"},
	{3, 1, .name = "MULTIPORT"},
	{3, 2, .name = "EMERG_WRITE"},
	{5, 0, .name = "MUST_TELL_HOST"},
	{5, 1, .name = "STATS_VQ"},
	{5, 2, .name = "DEFLATE_ON_OOM"},
	{5, 3, .name = "FREE_PAGE_HINT"},
	{5, 4, .name = "PAGE_POISON"},
	{5, 5, .name = "PAGE_REPORTING"},
	{8, 0, .name = "INOUT"},
	{8, 1, .name = "HOTPLUG"},
	{8, 2, .name = "CHANGE"},
	{8, 3, .name = "T10_PI"},
	{16, 0, .name = "VIRGL"},
	{16, 1, .name = "EDID"},
	{16, 2, .name = "RESOURCE_UUID"},
	{16, 3, .name = "RESOURCE_BLOB"},
	{16, 4, .name = "CONTEXT_INIT", .all = BIT(0)},
	{16, 5, .name = "BLOB_ALIGNMENT", .all = BIT(3)},
	{17, 0, .name = "ALARM"},
	{19, 0, .name = "STREAM"},
	{19, 1, .name = "SEQPACKET"},
	{19, 2, .name = "NO_IMPLIED_STREAM"},
	{20, 0, .name = "REVISION_1"},
	{20, 1, .name = "CIPHER_STATELESS_MODE", .all = BIT(0)},
	{20, 2, .name = "HASH_STATELESS_MODE", .all = BIT(0)},
	{20, 3, .name = "MAC_STATELESS_MODE", .all = BIT(0)},
	{20, 4, .name = "AEAD_STATELESS_MODE", .all = BIT(0)},
	{20, 5, .name = "AKCIPHER_STATELESS_MODE", .all = BIT(0)},
	{23, 0, .name = "INPUT_RANGE"},
	{23, 1, .name = "DOMAIN_RANGE"},
	{23, 2, .name = "MAP_UNMAP"},
	{23, 3, .name = "BYPASS"},
	{23, 4, .name = "PROBE"},
	{23, 5, .name = "MMIO"},
	{23, 6, .name = "BYPASS_CONFIG"},
	{24, 0, .name = "ACPI_PXM"},
	{24, 1, .name = "UNPLUGGED_INACCESSIBLE"},
	{24, 2, .name = "PERSISTENT_SUSPEND"},
	{25, 0, .name = "CTLS"},
	{26, 0, .name = "NOTIFICATION"},
	{27, 0, .name = "SHMEM_REGION"},
	{32, 0, .name = "P2A_CHANNELS"},
	{32, 1, .name = "SHARED_MEMORY"},
	{34, 0, .name = "ZERO_LENGTH_REQUEST"},
	{36, 0, .name = "CAN_CLASSIC"},
	{36, 1, .name = "CAN_FD"},
	{36, 2, .name = "RTR_FRAMES", .all = BIT(0)},
	{36, 3, .name = "LATE_TX_ACK"},
	{41, 0, .name = "IRQ"},
	{63, 0, .name = "UPPER"},
};
/* clang-format on */

#define TYPES    (sizeof(types) / sizeof(types[0]))
#define FEATURES (sizeof(features_known) / sizeof(features_known[0]))

const struct registry_feature *registry_feature_at(unsigned n)
{
	return n < FEATURES ? &features_known[n] : NULL;
}

const struct registry_type *registry_type(uint16_t id)
{
	for (unsigned i = 0; i < TYPES; i++)
		if (types[i].id == id)
			return &types[i];
	return NULL;
}

static bool concerns(const struct registry_feature *feature, uint16_t type)
{
	return feature->type == 0 || feature->type == type;
}

const struct registry_feature *registry_feature(uint16_t type, unsigned bit)
{
	for (unsigned i = 0; i < FEATURES; i++)
		if (features_known[i].bit == bit && concerns(&features_known[i], type))
			return &features_known[i];
	return NULL;
}

uint64_t registry_unmet(uint16_t type, uint64_t features)
{
	uint64_t unmet = 0;

	for (unsigned i = 0; i < FEATURES; i++) {
		const struct registry_feature *f = &features_known[i];

		if (!concerns(f, type) || !(features & BIT(f->bit)))
			continue;
		if ((features & f->all) != f->all || (f->any && !(features & f->any)))
			unmet |= BIT(f->bit);
	}
	return unmet;
}

uint64_t registry_closed(uint16_t type, uint64_t features)
{
	uint64_t unmet;

	while ((unmet = registry_unmet(type, features)) != 0)
		features &= ~unmet;
	return features;
}

uint64_t registry_for(uint16_t type, uint64_t features, bool legacy)
{
	enum registry_when other = legacy ? NEVER_LEGACY : ONLY_LEGACY;

	for (unsigned i = 0; i < FEATURES; i++)
		if (concerns(&features_known[i], type) && features_known[i].when == other)
			features &= ~BIT(features_known[i].bit);
	return legacy ? features & UINT32_MAX : features;
}
