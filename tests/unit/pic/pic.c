/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/irqchip/pic.h"
#include "tests/lib/region.h"

static struct pic pic;
static unsigned outputs;

static void on_output(void *context)
{
	(void)context;
	outputs++;
}

static void put(struct bus_region *chip, unsigned port, uint8_t value)
{
	region_write(chip, port, 1, value);
}

static uint8_t get(struct bus_region *chip, unsigned port)
{
	return (uint8_t)region_read(chip, port, 1);
}

/* As Linux does it: vectors 0x30 and 0x38, nothing masked. */
static void set_up(void)
{
	pic_init(&pic, on_output, NULL);
	outputs = 0;
	put(&pic.master, 0, 0x11);
	put(&pic.master, 1, 0x30);
	put(&pic.master, 1, 0x04);
	put(&pic.master, 1, 0x01);
	put(&pic.slave, 0, 0x11);
	put(&pic.slave, 1, 0x38);
	put(&pic.slave, 1, 0x02);
	put(&pic.slave, 1, 0x01);
	put(&pic.master, 1, 0);
	put(&pic.slave, 1, 0);
}

static void pulse(unsigned irq)
{
	pic_set(&pic, irq, false);
	pic_set(&pic, irq, true);
}

TestSuite(pic, .init = set_up);

Test(pic, edge_priority_and_eoi)
{
	pulse(4);
	pulse(1);
	cr_assert_eq(outputs, 1);
	cr_assert_eq(pic_pending(&pic), 0x31);
	cr_assert_eq(pic_accept(&pic), 0x31);
	cr_assert_eq(pic_pending(&pic), -1, "4 is lower");
	pulse(0);
	cr_assert_eq(pic_accept(&pic), 0x30);
	put(&pic.master, 0, 0x20);
	put(&pic.master, 0, 0x20);
	cr_assert_eq(pic_accept(&pic), 0x34);
	put(&pic.master, 0, 0x64); /* specific EOI */
	cr_assert_eq(pic_pending(&pic), -1);
}

Test(pic, an_input_in_service_waits_for_its_eoi)
{
	pulse(4);
	cr_assert_eq(pic_accept(&pic), 0x34);
	pulse(4);
	cr_assert_eq(pic_pending(&pic), -1);
	put(&pic.master, 0, 0x20);
	cr_assert_eq(pic_accept(&pic), 0x34);
}

Test(pic, slave_comes_through_the_cascade)
{
	pulse(8);
	cr_assert_eq(pic_pending(&pic), 0x38);
	cr_assert_eq(pic_accept(&pic), 0x38);
	pulse(12);
	cr_assert_eq(pic_pending(&pic), -1);
	put(&pic.slave, 0, 0x20);
	put(&pic.master, 0, 0x20);
	cr_assert_eq(pic_accept(&pic), 0x3c);
	put(&pic.slave, 0, 0x0b);
	cr_assert_eq(get(&pic.slave, 0), 0x10, "in service");
}

Test(pic, mask_and_spurious)
{
	put(&pic.master, 1, 0xff);
	pulse(3);
	cr_assert_eq(pic_pending(&pic), -1);
	cr_assert_eq(pic_accept(&pic), 0x37, "spurious");
	cr_assert_eq(get(&pic.master, 1), 0xff);
	put(&pic.master, 1, 0);
	cr_assert_eq(pic_accept(&pic), 0x33);
}

Test(pic, level_inputs_stay)
{
	put(&pic.elcr, 1, 0x02); /* line 9 */
	cr_assert_eq(get(&pic.elcr, 1), 0x02);
	pic_set(&pic, 9, true);
	cr_assert_eq(pic_accept(&pic), 0x39);
	put(&pic.slave, 0, 0x20);
	put(&pic.master, 0, 0x20);
	cr_assert_eq(pic_pending(&pic), 0x39);
	pic_set(&pic, 9, false);
	cr_assert_eq(pic_pending(&pic), -1);
}

Test(pic, poll_mode_and_auto_eoi)
{
	put(&pic.master, 0, 0x11);
	put(&pic.master, 1, 0x30);
	put(&pic.master, 1, 0x04);
	put(&pic.master, 1, 0x03); /* automatic EOI */
	pulse(5);
	cr_assert_eq(pic_accept(&pic), 0x35);
	pulse(5);
	put(&pic.master, 0, 0x0c);
	cr_assert_eq(get(&pic.master, 0), 0x85);
	put(&pic.master, 0, 0x0c);
	cr_assert_eq(get(&pic.master, 0), 0);
}

Test(pic, rotation)
{
	put(&pic.master, 0, 0xc3); /* 3 is the lowest */
	pulse(3);
	pulse(4);
	cr_assert_eq(pic_accept(&pic), 0x34);
	put(&pic.master, 0, 0xa0); /* rotate on EOI: now 4 is the lowest */
	pulse(4);
	cr_assert_eq(pic_accept(&pic), 0x33);
}

Test(pic, X8_033_every_command_sequence)
{
	/* All pairs of command bytes at both ports, with lines moving in between. */
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second++) {
			put(&pic.master, first & 1, (uint8_t)first);
			put(&pic.slave, second & 1, (uint8_t)second);
			put(&pic.elcr, first & 1, (uint8_t)second);
			pic_set(&pic, second & 31, first & 1);
			if (pic_pending(&pic) >= 0)
				pic_accept(&pic);
			get(&pic.master, 0);
			get(&pic.slave, 1);
		}
	}
	set_up();
	pulse(6);
	cr_assert_eq(pic_accept(&pic), 0x36, "it works again after a reset");
}

Test(pic, X8_033_unfinished_initialisation)
{
	put(&pic.master, 0, 0x11);
	for (unsigned i = 0; i < 1000; i++)
		put(&pic.master, 0, 0x1f);
	put(&pic.master, 1, 0x30);
	pulse(1);
	cr_assert_geq(pic_pending(&pic), -1);
	pic_reset(&pic);
	cr_assert_eq(pic_pending(&pic), -1);
}

/* The slave may interrupt its own cascade input (special fully nested), if the master says so. */
Test(pic, nesting_through_the_cascade)
{
	pulse(12);
	cr_assert_eq(pic_accept(&pic), 0x3c);
	pulse(8);
	cr_assert_eq(pic_pending(&pic), -1, "the cascade is in service");
	put(&pic.master, 0, 0x11);
	put(&pic.master, 1, 0x30);
	put(&pic.master, 1, 0x04);
	put(&pic.master, 1, 0x11); /* ICW4: special fully nested */
	pulse(8);
	cr_assert_eq(pic_accept(&pic), 0x38, "higher than 12");
	pulse(9);
	cr_assert_eq(pic_pending(&pic), -1, "lower than 8");
	put(&pic.slave, 0, 0x20);
	cr_assert_eq(pic_accept(&pic), 0x39);
}

Test(pic, rotation_at_automatic_eoi)
{
	put(&pic.master, 0, 0x11);
	put(&pic.master, 1, 0x30);
	put(&pic.master, 1, 0x04);
	put(&pic.master, 1, 0x03); /* ICW4: automatic EOI */
	put(&pic.master, 0, 0x80); /* OCW2: rotate in it */
	pulse(1);
	cr_assert_eq(pic_accept(&pic), 0x31);
	pulse(1);
	pulse(4);
	cr_assert_eq(pic_accept(&pic), 0x34, "1 is the lowest now");
	cr_assert_eq(pic_accept(&pic), 0x31);
	put(&pic.master, 0, 0x00); /* no rotation any more */
	pulse(0);
	cr_assert_eq(pic_accept(&pic), 0x30);
	pulse(0);
	pulse(3);
	cr_assert_eq(pic_accept(&pic), 0x33, "0 was not moved behind it, nor before");
}
