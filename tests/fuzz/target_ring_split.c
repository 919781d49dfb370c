/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The split ring under a small device.
 * Planted: guest-devices/virtio/vq_check.c: "desc->len > slot->size - offset ||"
 * becomes "desc->len > slot->size ||"
 */
#include "tests/fuzz/echo.h"

const struct fuzz_target fuzz_target = {
    .never = VIRTIO_F_RING_PACKED,
    .create = echo_create,
    .event = echo_event,
    .settle = echo_settle,
};
