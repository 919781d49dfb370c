/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "guest-devices/err.h"
#include "guest-devices/firmware/fw_cfg.h"
#include "tests/lib/region.h"

static struct fw_cfg cfg;
static const uint8_t text[] = {'t', 'e', 'x', 't'};

static void set_up(void)
{
	fw_cfg_init(&cfg);
}

TestSuite(fw_cfg, .init = set_up);

static void choose(uint16_t key)
{
	region_write(&cfg.region, 0, 2, key);
}

static uint8_t next(void)
{
	return (uint8_t)region_read(&cfg.region, 1, 1);
}

static void expect_bytes(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		cr_assert_eq(next(), ((const uint8_t *)bytes)[i], "byte %zu", i);
}

Test(fw_cfg, says_who_it_is_and_that_it_has_no_dma)
{
	choose(FW_CFG_SIGNATURE);
	expect_bytes("QEMU", 4);
	choose(FW_CFG_ID);
	expect_bytes("\1\0\0\0", 4);
}

Test(fw_cfg, zeros_follow_an_item_for_ever)
{
	cr_assert_eq(fw_cfg_add(&cfg, FW_CFG_CPUS, text, sizeof(text)), 0);
	choose(FW_CFG_CPUS);
	expect_bytes("text", 4);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert_eq(next(), 0);
	choose(FW_CFG_CPUS);
	expect_bytes("text", 4);
}

Test(fw_cfg, zeros_where_there_is_no_item)
{
	static const uint16_t none[] = {0x02, 0x1a, FW_CFG_FIRST_FILE, 0x7fff, 0xffff};

	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		choose(none[i]);
		cr_assert_eq(next(), 0);
	}
}

Test(fw_cfg, the_directory_leads_to_files)
{
	char names[2][FW_CFG_NAME] = {"etc/one", "etc/another"};

	cr_assert_eq(fw_cfg_add_file(&cfg, names[0], text, 3), 0);
	cr_assert_eq(fw_cfg_add_file(&cfg, names[1], text, 4), 0);
	choose(FW_CFG_DIRECTORY);
	expect_bytes("\0\0\0\2", 4);
	expect_bytes("\0\0\0\3\0\x20\0\0", 8);
	expect_bytes(names[0], FW_CFG_NAME);
	expect_bytes("\0\0\0\4\0\x21\0\0", 8);
	expect_bytes(names[1], FW_CFG_NAME);
	choose(0x20);
	expect_bytes("tex\0", 4);
	choose(0x21);
	expect_bytes("text\0", 5);
}

Test(fw_cfg, accesses_of_another_width_change_nothing)
{
	choose(FW_CFG_SIGNATURE);
	next();
	region_write(&cfg.region, 0, 1, FW_CFG_ID);
	region_write(&cfg.region, 1, 1, 'X');
	cr_assert_eq(region_read(&cfg.region, 0, 1), 0xff);
	cr_assert_eq(region_read(&cfg.region, 0, 2), 0xffff);
	expect_bytes("EMU", 3);
}

Test(fw_cfg, a_reset_begins_anew_and_keeps_the_items)
{
	cr_assert_eq(fw_cfg_add(&cfg, FW_CFG_CPUS, text, sizeof(text)), 0);
	choose(FW_CFG_CPUS);
	next();
	fw_cfg_reset(&cfg);
	expect_bytes("QEMU", 4);
	choose(FW_CFG_CPUS);
	expect_bytes("text", 4);
}

Test(fw_cfg, what_does_not_fit_is_refused)
{
	char name[FW_CFG_NAME + 1];
	unsigned files = 0;

	memset(name, 'n', sizeof(name));
	name[FW_CFG_NAME] = '\0';
	cr_assert_eq(fw_cfg_add_file(&cfg, name, text, 1), GD_INVALID);
	cr_assert_eq(fw_cfg_add(&cfg, FW_CFG_ID, text, 1), GD_INVALID);
	name[FW_CFG_NAME - 1] = '\0';
	while (fw_cfg_add_file(&cfg, name, text, 1) == 0)
		files++;
	cr_assert_eq(files, FW_CFG_ITEMS - 3);
	cr_assert_eq(fw_cfg_add_file(&cfg, name, text, 1), GD_FULL);
	cr_assert_eq(cfg.file_count, files);
}
