/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/irqchip/pic.h"

#include <string.h>

#define CASCADE  2
#define SPURIOUS 7

#define ICW1         0x10
#define ICW1_LEVEL   0x08
#define ICW1_SINGLE  0x02
#define ICW1_ICW4    0x01
#define ICW4_AUTOEOI 0x02
#define ICW4_NESTED  0x10
#define OCW3         0x08

static bool level_triggered(const struct pic_chip *chip, unsigned input)
{
	return chip->level_all || (chip->elcr >> input & 1);
}

/* Inputs in order of priority: 0 is the highest, 8 stands for none. */
static unsigned rank(const struct pic_chip *chip, unsigned input)
{
	return (input - chip->priority_low - 1) & 7;
}

static unsigned highest(const struct pic_chip *chip, uint8_t inputs)
{
	for (unsigned i = 1; i <= 8; i++) {
		unsigned input = (chip->priority_low + i) & 7;

		if (inputs >> input & 1)
			return input;
	}
	return 8;
}

/* The input that this chip asks for now, 8 if none. */
static unsigned wanted(const struct pic_chip *chip, bool master)
{
	unsigned input = highest(chip, chip->irr & (uint8_t)~chip->imr);
	uint8_t blocking = chip->isr;
	unsigned active;

	if (chip->special_mask)
		blocking &= (uint8_t)~chip->imr;
	/* Special fully nested mode: the slave may interrupt its own cascade input again. */
	if (master && chip->nested && input == CASCADE)
		blocking &= (uint8_t) ~(1u << CASCADE);
	active = highest(chip, blocking);
	if (input == 8 || (active != 8 && rank(chip, active) <= rank(chip, input)))
		return 8;
	return input;
}

static void chip_set(struct pic_chip *chip, unsigned input, bool level)
{
	uint8_t bit = (uint8_t)(1u << input);

	if (level_triggered(chip, input))
		chip->irr = level ? chip->irr | bit : chip->irr & (uint8_t)~bit;
	else if (level && !(chip->lines & bit))
		chip->irr |= bit;
	else if (!level)
		chip->irr &= (uint8_t)~bit;
	chip->lines = level ? chip->lines | bit : chip->lines & (uint8_t)~bit;
}

/* Carry the slave's output to the master's cascade input, and the master's to INTR. */
static void update(struct pic *pic)
{
	bool before = pic->intr;

	chip_set(&pic->chips[0], CASCADE, false);
	if (wanted(&pic->chips[1], false) != 8)
		chip_set(&pic->chips[0], CASCADE, true);
	pic->intr = wanted(&pic->chips[0], true) != 8;
	if (pic->intr && !before && pic->output)
		pic->output(pic->context);
}

void pic_set(struct pic *pic, unsigned irq, bool level)
{
	if (irq > 15 || irq == CASCADE)
		return;
	chip_set(&pic->chips[irq / 8], irq & 7, level);
	update(pic);
}

int pic_pending(const struct pic *pic)
{
	unsigned input = wanted(&pic->chips[0], true);

	if (input == 8)
		return -1;
	if (input != CASCADE)
		return pic->chips[0].vector + (int)input;
	input = wanted(&pic->chips[1], false);
	return pic->chips[1].vector + (int)(input == 8 ? SPURIOUS : input);
}

static void acknowledge(struct pic_chip *chip, unsigned input)
{
	uint8_t bit = (uint8_t)(1u << input);

	if (!level_triggered(chip, input))
		chip->irr &= (uint8_t)~bit;
	if (!chip->auto_eoi)
		chip->isr |= bit;
	else if (chip->rotate_auto_eoi)
		chip->priority_low = (uint8_t)input;
}

/* One INTA cycle at one chip: the input taken, SPURIOUS if there is none any more. */
static unsigned take(struct pic_chip *chip, bool master)
{
	unsigned input = wanted(chip, master);

	if (input == 8)
		return SPURIOUS;
	acknowledge(chip, input);
	return input;
}

uint8_t pic_accept(struct pic *pic)
{
	bool real = wanted(&pic->chips[0], true) != 8;
	unsigned input = take(&pic->chips[0], true);
	uint8_t vector = (uint8_t)(pic->chips[0].vector + input);

	if (real && input == CASCADE)
		vector = (uint8_t)(pic->chips[1].vector + take(&pic->chips[1], false));
	/* INTR falls and rises again for the next one, so that output() tells of it. */
	pic->intr = false;
	update(pic);
	return vector;
}

/* ---- registers ---- */

static void write_icw1(struct pic_chip *chip, uint8_t value)
{
	uint8_t lines = chip->lines, elcr = chip->elcr, mask = chip->elcr_mask;

	memset(chip, 0, sizeof(*chip));
	chip->lines = lines;
	chip->elcr = elcr;
	chip->elcr_mask = mask;
	chip->priority_low = 7;
	chip->level_all = value & ICW1_LEVEL;
	chip->single = value & ICW1_SINGLE;
	chip->icw4_needed = value & ICW1_ICW4;
	chip->icw_step = 2;
	/* Edges are forgotten, levels are still there. */
	for (unsigned input = 0; input < 8; input++) {
		if (level_triggered(chip, input))
			chip->irr = (uint8_t)(chip->irr | (lines & 1u << input));
	}
}

static void write_ocw2(struct pic_chip *chip, uint8_t value)
{
	unsigned input = value & 7;
	unsigned command = value >> 5;

	switch (command) {
	case 0: /* rotate in automatic EOI mode: clear, set */
	case 4:
		chip->rotate_auto_eoi = command == 4;
		return;
	case 1: /* non-specific EOI, and with rotation */
	case 5:
		input = highest(chip, chip->isr);
		if (input == 8)
			return;
		break;
	case 6: /* set priority */
		chip->priority_low = (uint8_t)input;
		return;
	case 2: /* nothing */
		return;
	default: /* specific EOI, and with rotation */
		break;
	}
	chip->isr &= (uint8_t) ~(1u << input);
	if (command & 4)
		chip->priority_low = (uint8_t)input;
}

static void write_ocw3(struct pic_chip *chip, uint8_t value)
{
	chip->poll = value & 0x04;
	if (value & 0x02)
		chip->read_isr = value & 0x01;
	if (value & 0x40)
		chip->special_mask = value & 0x20;
}

static void write_data(struct pic_chip *chip, uint8_t value)
{
	switch (chip->icw_step) {
	case 2:
		chip->vector = value & 0xf8;
		chip->icw_step = !chip->single ? 3 : chip->icw4_needed ? 4 : 0;
		break;
	case 3: /* where the cascade is: fixed wiring */
		chip->icw_step = chip->icw4_needed ? 4 : 0;
		break;
	case 4:
		chip->auto_eoi = value & ICW4_AUTOEOI;
		chip->nested = value & ICW4_NESTED;
		chip->icw_step = 0;
		break;
	default:
		chip->imr = value;
	}
}

static uint8_t read_command(struct pic_chip *chip, bool master)
{
	unsigned input;

	if (!chip->poll)
		return chip->read_isr ? chip->isr : chip->irr;
	chip->poll = false;
	input = wanted(chip, master);
	if (input == 8)
		return 0;
	acknowledge(chip, input);
	return (uint8_t)(0x80 | input);
}

static void access_chip(struct pic *pic, unsigned n, struct bus_access *access)
{
	struct pic_chip *chip = &pic->chips[n];
	bool data = access->address & 1;
	uint8_t value = (uint8_t)access->value;

	if (!access->write)
		access->value = data ? chip->imr : read_command(chip, n == 0);
	else if (data)
		write_data(chip, value);
	else if (value & ICW1)
		write_icw1(chip, value);
	else if (value & OCW3)
		write_ocw3(chip, value);
	else
		write_ocw2(chip, value);
	update(pic);
}

static void access_master(void *context, struct bus_access *access)
{
	access_chip(context, 0, access);
}

static void access_slave(void *context, struct bus_access *access)
{
	access_chip(context, 1, access);
}

static void access_elcr(void *context, struct bus_access *access)
{
	struct pic *pic = context;
	struct pic_chip *chip = &pic->chips[access->address & 1];

	if (!access->write) {
		access->value = chip->elcr;
		return;
	}
	chip->elcr = (uint8_t)access->value & chip->elcr_mask;
	/* A line that turned level-triggered is requested exactly while it is up. */
	chip->irr = (uint8_t)((chip->irr & ~chip->elcr) | (chip->lines & chip->elcr));
	update(pic);
}

void pic_reset(struct pic *pic)
{
	for (unsigned n = 0; n < 2; n++) {
		struct pic_chip *chip = &pic->chips[n];
		uint8_t lines = chip->lines;

		memset(chip, 0, sizeof(*chip));
		chip->lines = lines;
		chip->elcr_mask = n ? 0xde : 0xf8;
		chip->priority_low = 7;
		chip->vector = n ? 0x70 : 0x08;
		chip->imr = 0xff;
	}
	pic->intr = false;
}

void pic_init(struct pic *pic, void (*output)(void *context), void *context)
{
	memset(pic, 0, sizeof(*pic));
	pic->output = output;
	pic->context = context;
	pic->master = (struct bus_region){0x20, 2, access_master, pic, "pic"};
	pic->slave = (struct bus_region){0xa0, 2, access_slave, pic, "pic"};
	pic->elcr = (struct bus_region){0x4d0, 2, access_elcr, pic, "elcr"};
	pic_reset(pic);
}
