/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The legacy interface of PCI alone: a header in ports, queues in one piece.
 * Planted: guest-devices/virtio/virtio_pci_legacy.c: "if (access->address >= header)"
 * becomes "if (access->address > header)"
 */
#include "tests/fuzz/pci.h"

static void create(struct fuzz *fuzz)
{
	fuzz_pci_create(fuzz, VIRTIO_LEGACY);
}

const struct fuzz_target fuzz_target = {
    .never = VIRTIO_F_RING_PACKED,
    .create = create,
    .event = fuzz_pci_event,
    .settle = echo_settle,
    .start = fuzz_pci_start_legacy,
    .kick = fuzz_pci_kick_legacy,
    .own = fuzz_pci_access,
    .check = fuzz_pci_check,
};
