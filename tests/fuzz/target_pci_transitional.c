/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both interfaces of PCI on one device, each by a driver of its kind, one after the other and
 * mixed.
 * Planted: guest-devices/pci/pci_bar.c: "start >= first && start < end &&"
 * becomes "start < end &&"
 */
#include "tests/fuzz/pci.h"

static bool legacy;

static void create(struct fuzz *fuzz)
{
	legacy = false;
	fuzz_pci_create(fuzz, VIRTIO_TRANSITIONAL);
}

static void start(struct fuzz *fuzz, uint64_t features)
{
	legacy = fuzz_u8(fuzz) & 1;
	(legacy ? fuzz_pci_start_legacy : fuzz_pci_start)(fuzz, features);
}

/* The wrong one of the two now and then. */
static void kick(struct fuzz *fuzz, unsigned queue)
{
	bool wrong = fuzz_u8(fuzz) == 0xff;

	(legacy != wrong ? fuzz_pci_kick_legacy : fuzz_pci_kick)(fuzz, queue);
}

const struct fuzz_target fuzz_target = {
    .create = create,
    .event = fuzz_pci_event,
    .settle = echo_settle,
    .start = start,
    .kick = kick,
    .own = fuzz_pci_access,
    .check = fuzz_pci_check,
};
