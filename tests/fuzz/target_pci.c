/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio over PCI: configuration space, the BAR and the window into it, with a small device behind.
 * Planted: guest-devices/virtio/virtio_pci_common.c: "address >= VIRTIO_PCI_COMMON_SIZE"
 * becomes "address >= 2 * VIRTIO_PCI_COMMON_SIZE"
 */
#include "tests/fuzz/pci.h"

static void create(struct fuzz *fuzz)
{
	fuzz_pci_create(fuzz, VIRTIO_MODERN);
}

const struct fuzz_target fuzz_target = {
    .create = create,
    .event = fuzz_pci_event,
    .settle = echo_settle,
    .start = fuzz_pci_start,
    .kick = fuzz_pci_kick,
    .own = fuzz_pci_access,
    .check = fuzz_pci_check,
};
