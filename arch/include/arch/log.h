/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own log lines. Each line goes, without line end, to the sink; before a sink is
 * set, to the early serial line as "vireo| text". Any CPU, any context.
 */
#pragma once

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

extern enum log_level log_threshold; /* lines above it are dropped; default LOG_INFO */

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_set_sink(void (*sink)(const char *line));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) (log_threshold >= LOG_DEBUG ? log_line(LOG_DEBUG, __VA_ARGS__) : (void)0)

/* Raw bytes to the machine's first serial port, polled; for the time before its driver runs, and
 * for panics. */
void early_serial_write(const char *text, unsigned long size);
