/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NOR flash with the Common Flash Interface (JEDEC JESD68.01) and Intel's command set (JEP137: 1),
 * as firmware keeps its variables in: two chips of 16 bits side by side, which always are told the
 * same. Reading is reading memory until a command is given; then it gives the chips' answers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"

#define CFI_FLASH_SECTOR   (256u << 10) /* of both chips together, as all sizes here */
#define CFI_FLASH_BUFFER   128u         /* bytes that are programmed at once */
#define CFI_FLASH_ANYWHERE UINT64_MAX

/* The guest may map what it reads (true), or has to be stopped at each read: the chips answer. */
struct cfi_flash_events {
	void (*array)(void *context, bool readable);
};

enum cfi_flash_answer { CFI_FLASH_ARRAY, CFI_FLASH_STATUS, CFI_FLASH_ID, CFI_FLASH_QUERY };

/* What the next write is. */
enum cfi_flash_step {
	CFI_FLASH_COMMAND,
	CFI_FLASH_WORD,    /* data to program */
	CFI_FLASH_COUNT,   /* how many words follow */
	CFI_FLASH_FILL,    /* one of them */
	CFI_FLASH_CONFIRM, /* that they are to be programmed */
	CFI_FLASH_ERASE,   /* the confirmation */
	CFI_FLASH_LOCK,    /* what is to be locked; no block ever is */
};

struct cfi_flash {
	struct bus_region region; /* on the memory bus; writes always, reads when not mapped */
	uint8_t *array;           /* region.size bytes, the creator's; erased are ones */
	const struct cfi_flash_events *events;
	void *context;
	enum cfi_flash_answer answer;
	enum cfi_flash_step step;
	uint8_t status;  /* bits of the status register; ready is always set */
	unsigned left;   /* words that are to come into the buffer */
	uint64_t window; /* offset of the buffer's bytes, or CFI_FLASH_ANYWHERE */
	uint8_t buffer[CFI_FLASH_BUFFER];
};

/*
 * size: a power of two, at least two sectors. The array stays as it is; the events begin with an
 * array that is readable.
 */
void cfi_flash_init(struct cfi_flash *flash, uint64_t base, uint64_t size, uint8_t *array,
                    const struct cfi_flash_events *events, void *context);
/* Reads give the array again; what is in it stays. */
void cfi_flash_reset(struct cfi_flash *flash);

/* A chip's answer to the query by its word (0: nothing there). chip_size: bytes of one chip.
 */
uint8_t cfi_flash_query(unsigned word, uint64_t chip_size);
