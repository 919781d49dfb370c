/* SPDX-License-Identifier: BSD-2-Clause */
/* What depends on what (VIRTIO 1.4, 2.2, 5.1.3.1), and what negotiation makes of it. */
#include "guest-devices/virtio/registry.h"
#include "tests/unit/virtio/fixture.h"

#define BIT(n) (1ull << (n))
enum { NET = 1, BLK = 2, RNG = 4 };
enum { CSUM, GUEST_CSUM, TSO4 = 7, ECN = 9, HOST_TSO4 = 11, CTRL_VQ = 17, CTRL_RX = 18 };
enum { HASH_TUNNEL = 51, HASH_REPORT = 57, RSS = 60 };

TestSuite(virtio_registry, .init = setup, .fini = teardown);

Test(virtio_registry, types)
{
	cr_assert_str_eq(registry_type(NET)->name, "net");
	cr_assert_eq(registry_type(NET)->transitional_id, 0x1000);
	cr_assert_eq(registry_type(RNG)->transitional_id, 0x1005);
	cr_assert_eq(registry_type(19)->transitional_id, 0);
	cr_assert_null(registry_type(0));
	cr_assert_null(registry_type(14), "not assigned");
	cr_assert_null(registry_type(50));
}

Test(virtio_registry, each_bit_of_a_device_has_one_meaning)
{
	const struct registry_feature *f, *g;

	cr_assert_not_null(registry_feature_at(20), "there are many");
	for (unsigned i = 0; (f = registry_feature_at(i)); i++) {
		cr_assert_lt(f->bit, 64);
		cr_assert(f->type == 0 || registry_type(f->type));
		cr_assert_eq((f->all | f->any) & BIT(f->bit), 0, "%s needs itself", f->name);
		for (unsigned j = 0; (g = registry_feature_at(j)); j++)
			cr_assert(i == j || f->bit != g->bit ||
			              (f->type != g->type && f->type != 0 && g->type != 0) ||
			              f->when != g->when,
			          "%s and %s", f->name, g->name);
	}
	cr_assert_str_eq(registry_feature(BLK, 9)->name, "FLUSH");
	cr_assert_str_eq(registry_feature(BLK, 40)->name, "RING_RESET");
	cr_assert_null(registry_feature(BLK, 20));
}

Test(virtio_registry, needs)
{
	cr_assert_eq(registry_unmet(NET, BIT(HOST_TSO4)), BIT(HOST_TSO4));
	cr_assert_eq(registry_unmet(NET, BIT(HOST_TSO4) | BIT(CSUM)), 0);
	cr_assert_eq(registry_unmet(NET, BIT(ECN) | BIT(GUEST_CSUM)), BIT(ECN), "one of two");
	cr_assert_eq(registry_unmet(NET, BIT(ECN) | BIT(TSO4) | BIT(GUEST_CSUM)), 0);
	cr_assert_eq(registry_unmet(NET, BIT(HASH_TUNNEL) | BIT(CTRL_VQ)), BIT(HASH_TUNNEL));
	cr_assert_eq(registry_unmet(NET, BIT(HASH_TUNNEL) | BIT(HASH_REPORT)), BIT(HASH_TUNNEL));
	cr_assert_eq(registry_unmet(NET, BIT(HASH_TUNNEL) | BIT(CTRL_VQ) | BIT(RSS)), 0);
	cr_assert_eq(registry_unmet(BLK, BIT(HOST_TSO4)), 0, "another device's bit");
	/* ECN hangs on TSO4, which hangs on GUEST_CSUM */
	cr_assert_eq(registry_closed(NET, BIT(ECN) | BIT(TSO4) | BIT(CSUM)), BIT(CSUM));
}

Test(virtio_registry, legacy_or_not)
{
	uint64_t both = BIT(CSUM) | BIT(6) | BIT(27) | BIT(32) | BIT(50);

	cr_assert_eq(registry_for(NET, both, true), BIT(CSUM) | BIT(6) | BIT(27));
	cr_assert_eq(registry_for(NET, both, false), BIT(CSUM) | BIT(32) | BIT(50));
	cr_assert_eq(registry_for(BLK, BIT(17), true), 0, "zoned disks are not for legacy drivers");
}

static void as_net(uint64_t offered)
{
	device->type = NET;
	device->offered = offered;
	virtio_init(device, &fake.mem, 64);
}

PROVES("V14-CORE-004")
Test(virtio_registry, what_lacks_what_it_needs_is_not_offered)
{
	as_net(BIT(ECN) | BIT(TSO4) | BIT(CTRL_RX) | BIT(CSUM));
	cr_assert_eq(device->offered & UINT16_MAX, BIT(CSUM));
	cr_assert_eq(device->offered & BIT(CTRL_RX), 0);
	as_net(BIT(CTRL_RX) | BIT(CTRL_VQ));
	cr_assert(device->offered & BIT(CTRL_RX));
	/* taken away by a transport */
	virtio_connect(device, &(struct virtio_wires){.cannot = BIT(CTRL_VQ)});
	cr_assert_eq(device->offered & (BIT(CTRL_RX) | BIT(CTRL_VQ)), 0);
}

PROVES("V14-CORE-005", "V14-CORE-006")
Test(virtio_registry, a_subset_that_lacks_what_it_needs_is_refused)
{
	as_net(BIT(CTRL_RX) | BIT(CTRL_VQ));
	probe_negotiate(&probe, BIT(CTRL_RX));
	cr_assert_eq(device->status & FOK, 0);
	probe_negotiate(&probe, BIT(CTRL_RX) | BIT(CTRL_VQ));
	cr_assert_eq(device->status & FOK, FOK);
	probe_negotiate(&probe, BIT(CTRL_VQ));
	cr_assert_eq(device->status & FOK, FOK);
}

PROVES("V14-CORE-006", "V14-CORE-024", "V14-CORE-032")
Test(virtio_registry, only_bits_with_a_meaning_are_offered)
{
	virtio_offer(device, VIRTIO_F_RING_PACKED | VIRTIO_F_ORDER_PLATFORM);
	cr_assert(device->offered & VIRTIO_F_VERSION_1);
	cr_assert_eq(device->offered & (BIT(37) | BIT(41)), 0, "no SR-IOV, no ADMIN_VQ");
	for (unsigned bit = 1; bit < 64; bit++)
		if (device->offered & BIT(bit))
			cr_assert(registry_feature(device->type, bit), "bit %u", bit);
}

PROVES("V14-CORE-007")
Test(virtio_registry, what_was_accepted_once_is_accepted_again)
{
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t some = device->offered & (0x9e3779b97f4a7c15ull * (i / 2 + 1));

		probe_negotiate(&probe, some);
		cr_assert_eq(device->status & FOK, FOK);
		probe_go(&probe);
	}
}

/* A guest's physical addresses are what its devices use, and all accesses are ordered: with these
 * or without, everything goes on in the same way. */
PROVES("V14-CORE-027", "V14-CORE-029", "V14-CORE-030")
Test(virtio_registry, platform_features_change_nothing)
{
	static const uint64_t both[] = {0, VIRTIO_F_ACCESS_PLATFORM, VIRTIO_F_ORDER_PLATFORM,
	                                VIRTIO_F_ACCESS_PLATFORM | VIRTIO_F_ORDER_PLATFORM};

	virtio_offer(device, VIRTIO_F_ACCESS_PLATFORM | VIRTIO_F_ORDER_PLATFORM);
	for (unsigned i = 0; i < 4; i++) {
		start_with(both[i]);
		request();
		cr_assert_eq(raw_used_idx(&ring), 1);
		cr_assert_eq(virtio_has(device, both[i]), true);
	}
}

PROVES("V14-CORE-L01", "V14-CORE-L02", "V14-CORE-L05", "V14-CORE-L09", "V14-CORE-L14")
Test(virtio_registry, legacy_drivers_are_offered_what_is_theirs)
{
	uint32_t legacy = virtio_legacy_offered(device);

	cr_assert(legacy & VIRTIO_F_ANY_LAYOUT);
	cr_assert_eq(legacy & BIT(24), 0, "not NOTIFY_ON_EMPTY");
	cr_assert_eq(legacy & BIT(30), 0);
	cr_assert_eq(device->offered & (BIT(24) | BIT(27) | BIT(30)), 0);
}
