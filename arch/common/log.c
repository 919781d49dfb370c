/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/format.h>
#include <arch/lock.h>
#include <arch/log.h>

enum log_level log_threshold = LOG_INFO;

static struct lock lock;
static void (*current_sink)(const char *line);

/* One line as it appears on the serial line while nobody drives it yet. */
static void early_sink(const char *line)
{
	unsigned long length = 0;

	while (line[length])
		length++;
	early_serial_write("vireo| ", 7);
	early_serial_write(line, length);
	early_serial_write("\r\n", 2);
}

/* Names in messages can come from anywhere, so nothing but printable text goes out. */
static void make_printable(char *line)
{
	for (; *line; line++)
		if (*line < ' ' || *line > '~')
			*line = '.';
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[256];
	va_list args;

	if (level > log_threshold)
		return;
	va_start(args, fmt);
	format_text_va(line, sizeof(line), fmt, args);
	va_end(args);
	make_printable(line);
	lock_take(&lock);
	if (current_sink)
		current_sink(line);
	else
		early_sink(line);
	lock_drop(&lock);
}

void log_set_sink(void (*sink)(const char *line))
{
	lock_take(&lock);
	current_sink = sink;
	lock_drop(&lock);
}
