/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packed ring under a small device.
 * Planted: guest-devices/virtio/vq_check.c: "if (vq->slots_out >= vq->size)"
 * becomes "if (vq->slots_out > vq->size)"
 */
#include "tests/fuzz/echo.h"

const struct fuzz_target fuzz_target = {
    .always = VIRTIO_F_RING_PACKED,
    .create = echo_create,
    .event = echo_event,
    .settle = echo_settle,
};
