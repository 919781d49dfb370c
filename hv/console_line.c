/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/console_line.h"

#define BACKSPACE 0x08
#define BELL      0x07
#define ESCAPE    0x1b
#define DELETE    0x7f
#define TAB       8
/* A sequence longer than this is none: the guest must not be able to hide what it says. */
#define SEQUENCE_MAX 256

enum taken { TAKEN, TAKEN_LINE_ENDS, NOT_TAKEN_LINE_ENDS };

static bool add(struct console_line *line, const char *text, unsigned size)
{
	if (line->length + size > CONSOLE_COLUMNS)
		return false;
	while (size--)
		line->text[line->length++] = *text++;
	return true;
}

static bool add_byte(struct console_line *line, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef", blanks[] = "        ";
	char text[4] = {(char)byte, 0, 0, 0};
	unsigned size = 1;

	if (byte == '\t')
		return add(line, blanks, TAB - line->length % TAB);
	if (byte < ' ' || byte == DELETE) {
		text[0] = '^';
		text[1] = (char)(byte ^ 0x40);
		size = 2;
	} else if (byte > DELETE) {
		text[0] = '\\';
		text[1] = 'x';
		text[2] = digits[byte >> 4];
		text[3] = digits[byte & 0xf];
		size = 4;
	}
	return add(line, text, size);
}

/* A byte inside an escape sequence; false: the sequence is over and the byte is text. */
static bool swallow(struct console_line *line, uint8_t byte)
{
	bool string = line->state == LINE_STRING || line->state == LINE_STRING_ESCAPE;

	if (++line->swallowed > SEQUENCE_MAX || byte == '\n' || byte == '\r' ||
	    (byte < ' ' && byte != ESCAPE && !(string && byte == BELL))) {
		line->state = LINE_TEXT;
		return false;
	}
	switch (line->state) {
	case LINE_ESCAPE:
		if (byte == '[')
			line->state = LINE_CSI;
		else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_')
			line->state = LINE_STRING;
		else if (byte >= '0')
			line->state = LINE_TEXT;
		break;
	case LINE_CSI:
		if (byte >= '@')
			line->state = LINE_TEXT;
		break;
	case LINE_STRING:
		if (byte == ESCAPE)
			line->state = LINE_STRING_ESCAPE;
		else if (byte == BELL)
			line->state = LINE_TEXT;
		break;
	default: /* ESC \ ends a string */
		line->state = byte == '\\' ? LINE_TEXT : LINE_STRING;
	}
	return true;
}

static enum taken take_text(struct console_line *line, uint8_t byte)
{
	bool after_cr = line->cr;

	if (byte == '\n') {
		bool shows = line->length || !line->broken;

		line->cr = line->broken = false;
		return shows ? TAKEN_LINE_ENDS : TAKEN;
	}
	if (byte == '\r') {
		line->cr = true;
		return TAKEN;
	}
	line->cr = false;
	/* Back at the left margin: what is there would be overwritten, so it is a line. */
	if (after_cr && line->length) {
		line->broken = false;
		return NOT_TAKEN_LINE_ENDS;
	}
	if (byte == ESCAPE) {
		line->state = LINE_ESCAPE;
		line->swallowed = 0;
		return TAKEN;
	}
	if (byte == BACKSPACE) {
		line->length -= line->length > 0;
		return TAKEN;
	}
	if (byte == 0 || byte == BELL || add_byte(line, byte))
		return TAKEN;
	line->broken = true; /* too long */
	return NOT_TAKEN_LINE_ENDS;
}

static enum taken take(struct console_line *line, uint8_t byte)
{
	if (line->state != LINE_TEXT && swallow(line, byte))
		return TAKEN;
	return take_text(line, byte);
}

size_t console_line_feed(struct console_line *line, const uint8_t *data, size_t size,
                         bool *complete)
{
	*complete = false;
	for (size_t i = 0; i < size; i++) {
		enum taken taken = take(line, data[i]);

		if (taken == TAKEN)
			continue;
		line->text[line->length] = 0;
		*complete = true;
		return i + (taken == TAKEN_LINE_ENDS);
	}
	return size;
}

void console_line_next(struct console_line *line)
{
	line->length = 0;
}

void console_line_break(struct console_line *line)
{
	line->text[line->length] = 0;
	line->broken = true;
}
