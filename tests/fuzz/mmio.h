/* SPDX-License-Identifier: BSD-2-Clause */
/* The echo device behind virtio over MMIO, either version. Watched: the line is up as long as the
 * interrupt status says so. */
#pragma once

#include "guest-devices/virtio/virtio_mmio.h"
#include "guest-devices/virtio/virtio_mmio_registers.h"
#include "tests/fuzz/echo.h"

typedef void fuzz_mmio_init(struct virtio_mmio *transport, struct virtio_device *device,
                            uint64_t address, struct irq_line line);

void fuzz_mmio_create(struct fuzz *fuzz, fuzz_mmio_init *init);
void fuzz_mmio_set(unsigned offset, uint64_t value);
/* The device is reset and the driver there; its features, 32 bits each of words of them, told. */
void fuzz_mmio_greet(uint64_t features, unsigned words);
void fuzz_mmio_kick(struct fuzz *fuzz, unsigned queue);
void fuzz_mmio_access(struct fuzz *fuzz);
void fuzz_mmio_check(const struct fuzz *fuzz);
