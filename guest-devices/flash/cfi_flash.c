/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands: Intel StrataFlash (P30), chapters 8 to 10. Everything is done at once, so that the
 * chips are never busy and nothing can be suspended. */
#include "guest-devices/flash/cfi_flash.h"

#include <string.h>

enum {
	STATUS_LOCKED = 1 << 1,
	STATUS_PROGRAM = 1 << 4,
	STATUS_ERASE = 1 << 5,
	STATUS_READY = 1 << 7,
	STATUS_SEQUENCE = STATUS_PROGRAM | STATUS_ERASE, /* both: commands out of order */
};

enum {
	READ_ARRAY = 0xff,
	READ_STATUS = 0x70,
	READ_ID = 0x90,
	READ_QUERY = 0x98,
	CLEAR_STATUS = 0x50,
	PROGRAM = 0x40,
	PROGRAM_TOO = 0x10,
	PROGRAM_BUFFER = 0xe8,
	ERASE = 0x20,
	LOCK = 0x60,
	SUSPEND = 0xb0,
	CONFIRM = 0xd0,
};

#define MANUFACTURER 0x89 /* Intel */
#define DEVICE       0x18

static void answer_with(struct cfi_flash *flash, enum cfi_flash_answer answer)
{
	bool was = flash->answer == CFI_FLASH_ARRAY, is = answer == CFI_FLASH_ARRAY;

	flash->answer = answer;
	if (was != is)
		flash->events->array(flash->context, is);
}

/* ---- reading ---- */

/* What each of the chips drives at its word. */
static uint8_t chip_word(const struct cfi_flash *flash, uint64_t word)
{
	if (flash->answer == CFI_FLASH_STATUS)
		return flash->status | STATUS_READY;
	if (flash->answer == CFI_FLASH_QUERY)
		return word < 0x100 ? cfi_flash_query((unsigned)word, flash->region.size / 2) : 0;
	/* 2: this block's lock */
	return word == 0 ? MANUFACTURER : word == 1 ? DEVICE : 0;
}

static uint8_t byte_at(const struct cfi_flash *flash, uint64_t offset)
{
	if (flash->answer == CFI_FLASH_ARRAY)
		return flash->array[offset];
	return offset & 1 ? 0 : chip_word(flash, offset / 4);
}

/* ---- changing ---- */

/* Bits are only ever cleared. */
static void program(struct cfi_flash *flash, uint64_t offset, const uint8_t *from, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		flash->array[offset + i] &= from[i];
}

static void fail(struct cfi_flash *flash, uint8_t why)
{
	flash->status |= why;
	flash->step = CFI_FLASH_COMMAND;
}

static void begin(struct cfi_flash *flash, enum cfi_flash_step step)
{
	flash->step = step;
	answer_with(flash, CFI_FLASH_STATUS);
}

static void command(struct cfi_flash *flash, uint8_t value)
{
	switch (value) {
	case READ_STATUS:
	case SUSPEND:
	case CONFIRM: /* resume */
		answer_with(flash, CFI_FLASH_STATUS);
		break;
	case READ_ID:
		answer_with(flash, CFI_FLASH_ID);
		break;
	case READ_QUERY:
		answer_with(flash, CFI_FLASH_QUERY);
		break;
	case CLEAR_STATUS:
		flash->status = 0;
		break;
	case PROGRAM:
	case PROGRAM_TOO:
		begin(flash, CFI_FLASH_WORD);
		break;
	case PROGRAM_BUFFER:
		memset(flash->buffer, 0xff, sizeof(flash->buffer));
		begin(flash, CFI_FLASH_COUNT);
		break;
	case ERASE:
		begin(flash, CFI_FLASH_ERASE);
		break;
	case LOCK:
		begin(flash, CFI_FLASH_LOCK);
		break;
	default: /* READ_ARRAY, and what is no command */
		answer_with(flash, CFI_FLASH_ARRAY);
		break;
	}
}

static void count(struct cfi_flash *flash, uint8_t value)
{
	flash->left = value + 1u;
	flash->window = CFI_FLASH_ANYWHERE;
	if (flash->left > CFI_FLASH_BUFFER / 4)
		fail(flash, STATUS_SEQUENCE);
	else
		flash->step = CFI_FLASH_FILL;
}

/* The first word says where the buffer is. */
static void fill(struct cfi_flash *flash, uint64_t offset, const uint8_t *from, unsigned size)
{
	uint64_t at;

	if (flash->window == CFI_FLASH_ANYWHERE)
		flash->window = offset & ~(uint64_t)(CFI_FLASH_BUFFER - 1);
	at = offset - flash->window;
	if (at >= CFI_FLASH_BUFFER || size > CFI_FLASH_BUFFER - at) {
		fail(flash, STATUS_SEQUENCE);
		return;
	}
	memcpy(flash->buffer + at, from, size);
	if (--flash->left == 0)
		flash->step = CFI_FLASH_CONFIRM;
}

/* The second half of a command that needs to be confirmed. */
static void confirm(struct cfi_flash *flash, uint64_t offset, uint8_t value)
{
	enum cfi_flash_step step = flash->step;

	if (value != CONFIRM) {
		fail(flash, STATUS_SEQUENCE);
		return;
	}
	flash->step = CFI_FLASH_COMMAND;
	if (step == CFI_FLASH_CONFIRM)
		program(flash, flash->window, flash->buffer, CFI_FLASH_BUFFER);
	else
		memset(flash->array + (offset & ~(uint64_t)(CFI_FLASH_SECTOR - 1)), 0xff,
		       CFI_FLASH_SECTOR);
}

/* At most a word of both chips; the low one's byte is the command. */
static void write_word(struct cfi_flash *flash, uint64_t offset, const uint8_t *from, unsigned size)
{
	switch (flash->step) {
	case CFI_FLASH_COMMAND:
		command(flash, from[0]);
		break;
	case CFI_FLASH_WORD:
		program(flash, offset, from, size);
		flash->step = CFI_FLASH_COMMAND;
		break;
	case CFI_FLASH_COUNT:
		count(flash, from[0]);
		break;
	case CFI_FLASH_FILL:
		fill(flash, offset, from, size);
		break;
	case CFI_FLASH_LOCK:
		flash->step = CFI_FLASH_COMMAND;
		break;
	default:
		confirm(flash, offset, from[0]);
		break;
	}
}

/* Of eight bytes only the first four: the bus is not wider. A single odd byte reaches lines on
 * which chips take no commands. */
static void access_flash(void *context, struct bus_access *access)
{
	struct cfi_flash *flash = context;
	uint64_t offset = access->address;
	uint8_t bytes[8] = {0};

	if (access->write) {
		memcpy(bytes, &access->value, sizeof(bytes));
		if (access->size > 1 || !(offset & 1) || flash->step != CFI_FLASH_COMMAND)
			write_word(flash, offset, bytes, access->size < 4 ? access->size : 4);
		return;
	}
	for (unsigned i = 0; i < access->size; i++)
		bytes[i] = byte_at(flash, offset + i);
	memcpy(&access->value, bytes, sizeof(bytes));
}

void cfi_flash_reset(struct cfi_flash *flash)
{
	flash->step = CFI_FLASH_COMMAND;
	flash->status = 0;
	answer_with(flash, CFI_FLASH_ARRAY);
}

void cfi_flash_init(struct cfi_flash *flash, uint64_t base, uint64_t size, uint8_t *array,
                    const struct cfi_flash_events *events, void *context)
{
	memset(flash, 0, sizeof(*flash));
	flash->region = (struct bus_region){base, size, access_flash, flash, "flash"};
	flash->array = array;
	flash->events = events;
	flash->context = context;
}
