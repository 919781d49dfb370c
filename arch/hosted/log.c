/* SPDX-License-Identifier: BSD-2-Clause */
/* The log, kept in memory for tests; with a sink set, lines go there as well. */
#include <arch/log.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch/hosted/hosted.h"

enum log_level log_threshold = LOG_INFO;
char hosted_log[16384];
static void (*log_sink)(const char *line);

static void keep(const char *line)
{
	size_t used = strlen(hosted_log), size = strlen(line) + 1;
	if (used + size >= sizeof(hosted_log)) {
		size_t drop = sizeof(hosted_log) / 2;
		if (used <= drop)
			drop = used;
		memmove(hosted_log, hosted_log + drop, used - drop + 1);
		used -= drop;
	}
	snprintf(hosted_log + used, sizeof(hosted_log) - used, "%s\n", line);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[512];
	va_list args;
	if (level > log_threshold)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	keep(line);
	if (log_sink)
		log_sink(line);
}

void log_set_sink(void (*sink)(const char *line))
{
	log_sink = sink;
}

bool hosted_log_has(const char *text)
{
	return strstr(hosted_log, text) != NULL;
}

void early_serial_write(const char *text, unsigned long size)
{
	fwrite(text, 1, size, stderr);
}
