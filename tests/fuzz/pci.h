/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PCI host with the echo device behind the virtio transport, and a neighbour. Configuration space
 * by memory and by ports, BARs of memory and of ports, any access at any time.
 *
 * Watched: BARs are decoded where their registers say, inside their windows, never over each other;
 * the line is up when the function has a reason and only then; messages only while they are
 * allowed.
 */
#pragma once

#include "guest-devices/virtio/virtio_pci.h"
#include "tests/fuzz/echo.h"

void fuzz_pci_create(struct fuzz *fuzz, enum virtio_face face);
/* As a driver of this specification, or as one of before. */
void fuzz_pci_start(struct fuzz *fuzz, uint64_t features);
void fuzz_pci_start_legacy(struct fuzz *fuzz, uint64_t features);
void fuzz_pci_kick(struct fuzz *fuzz, unsigned queue);
void fuzz_pci_kick_legacy(struct fuzz *fuzz, unsigned queue);
void fuzz_pci_access(struct fuzz *fuzz);
/* The echo device's events, and now and then the machine is reset. */
void fuzz_pci_event(struct fuzz *fuzz, uint8_t what);
void fuzz_pci_check(const struct fuzz *fuzz);
