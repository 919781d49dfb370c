/* SPDX-License-Identifier: BSD-2-Clause */
/* What the block device's files share; for nobody else. */
#pragma once

#include "guest-devices/virtio/blk.h"

#define BLK_SECTOR      512u
#define BLK_HEADER_SIZE 16 /* type, reserved, sector */

/* Feature bits, 5.2.3. */
enum {
	BLK_F_SIZE_MAX = 1 << 1,
	BLK_F_SEG_MAX = 1 << 2,
	BLK_F_GEOMETRY = 1 << 4,
	BLK_F_RO = 1 << 5,
	BLK_F_BLK_SIZE = 1 << 6,
	BLK_F_FLUSH = 1 << 9,
	BLK_F_TOPOLOGY = 1 << 10,
	BLK_F_CONFIG_WCE = 1 << 11,
	BLK_F_MQ = 1 << 12,
	BLK_F_DISCARD = 1 << 13,
	BLK_F_WRITE_ZEROES = 1 << 14,
	BLK_F_SECURE_ERASE = 1 << 16,
};

/* Request types, 5.2.6. */
enum {
	BLK_T_IN = 0,
	BLK_T_OUT = 1,
	BLK_T_FLUSH = 4,
	BLK_T_FLUSH_OUT = 5, /* legacy drivers only */
	BLK_T_GET_ID = 8,
	BLK_T_DISCARD = 11,
	BLK_T_WRITE_ZEROES = 13,
	BLK_T_SECURE_ERASE = 14,
};
enum { BLK_S_OK, BLK_S_IOERR, BLK_S_UNSUPP };

/* --- blk.c: rings and slots --- */
/* The request ends: status into its last writable byte, data bytes before it were written. */
void blk_finish(struct virtio_blk_slot *slot, uint8_t status, uint32_t data);
/* It was no request at all (a part is missing): the head goes back with length 0. */
void blk_refuse(struct virtio_blk_slot *slot);
/* A piece of it is moved: blk_go_on() in a later turn. */
void blk_put_off(struct virtio_blk_slot *slot);

/* --- blk_request.c --- */
/* Parse and execute the chain in the slot; ends, at once or later, in blk_finish or blk_refuse. */
void blk_serve(struct virtio_blk_slot *slot);
void blk_go_on(struct virtio_blk_slot *slot);
uint8_t blk_status_of(enum blk_result result);
/* A change of the disk is done: it ends now, or after a flush where the driver relies on that. */
void blk_finish_change(struct virtio_blk_slot *slot);
/* Do the sectors lie on the disk? */
bool blk_in_bounds(const struct virtio_blk *blk, uint64_t sector, uint64_t sectors);

/* --- blk_ranges.c --- */
/* One of the three requests that name ranges: op is DISCARD, WRITE_ZEROES or SECURE_ERASE. */
void blk_serve_ranges(struct virtio_blk_slot *slot, enum blk_op op);

/* --- blk_space.c: the configuration structure and what is offered --- */
uint64_t blk_offered(const struct virtio_blk *blk);
void blk_space_init(struct virtio_blk *blk, uint32_t size_max);
void blk_space_capacity(struct virtio_blk *blk);
void blk_space_reset(struct virtio_blk *blk);      /* write cache on */
void blk_space_negotiated(struct virtio_blk *blk); /* V14-BLK-002 */
void blk_space_write(struct virtio_device *device, size_t offset, const void *from, size_t size);
/* Must a change be stable when it completes? */
bool blk_write_through(const struct virtio_blk *blk);
