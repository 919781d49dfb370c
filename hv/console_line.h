/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns what a guest sends to its terminal into lines of plain printable text. Escape sequences are
 * taken out, other control characters and bytes above 0x7e appear as visible text, long lines are
 * broken. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSOLE_COLUMNS 240

enum line_state { LINE_TEXT, LINE_ESCAPE, LINE_CSI, LINE_STRING, LINE_STRING_ESCAPE };

/* Zeroed: an empty line. */
struct console_line {
	char text[CONSOLE_COLUMNS + 1]; /* NUL-terminated when a line is complete */
	unsigned length;
	enum line_state state;
	unsigned swallowed; /* bytes of the sequence so far */
	bool cr;            /* a carriage return waits for what follows it */
	bool broken;        /* its first part was shown already: an end right now adds no line */
};

/*
 * Take bytes until a line is complete; returns how many were taken. If *complete, show line->text
 * and call console_line_next() before the next bytes.
 */
size_t console_line_feed(struct console_line *line, const uint8_t *data, size_t size,
                         bool *complete);
void console_line_next(struct console_line *line);
/* End an unfinished line as it is: text is NUL-terminated; its rest will be one more line. */
void console_line_break(struct console_line *line);
