/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of a bare machine. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char serial[1024], sunk[1024];

#define early_serial_write test_serial_write
#include "arch/common/log.c"

void test_serial_write(const char *text, unsigned long size)
{
	strncat(serial, text, size);
}

static void sink(const char *line)
{
	strcat(strcat(sunk, line), "\n");
}

Test(log, early_lines_go_to_the_serial_port)
{
	log_info("%u CPUs", 2);
	cr_assert_str_eq(serial, "vireo| 2 CPUs\r\n");
}

Test(log, lines_go_to_the_sink_without_an_end)
{
	log_set_sink(sink);
	log_warn("a");
	log_error("b");
	cr_assert_str_eq(sunk, "a\nb\n");
	cr_assert_str_eq(serial, "");
}

Test(log, lines_above_the_threshold_are_dropped)
{
	log_set_sink(sink);
	log_debug("no");
	log_threshold = LOG_ERROR;
	log_warn("no");
	log_error("yes");
	log_threshold = LOG_DEBUG;
	log_debug("too");
	cr_assert_str_eq(sunk, "yes\ntoo\n");
}

Test(log, unprintable_bytes_do_not_get_out)
{
	log_set_sink(sink);
	log_info("%s", "a\x1b[2J\r\nvireo| \xff\x01z");
	cr_assert_str_eq(sunk, "a.[2J..vireo| ..z\n");
}

Test(log, a_long_line_is_cut)
{
	log_set_sink(sink);
	log_info("%0400d", 1);
	cr_assert_eq(strlen(sunk), 255 + 1);
}
