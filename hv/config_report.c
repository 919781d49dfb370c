/* SPDX-License-Identifier: BSD-2-Clause */
/* How the configuration's mistakes are worded: one finished line each. */
#include <stdarg.h>

#include "hv/config_parse.h"

#define LINE_SIZE 512

void config_join(char *out, size_t size, ...)
{
	const char *piece;
	size_t used = 0;
	va_list list;

	va_start(list, size);
	while ((piece = va_arg(list, const char *)) != NULL)
		while (*piece && used + 1 < size)
			out[used++] = *piece++;
	va_end(list);
	out[used] = '\0';
}

const char *config_decimal(uint64_t value, char buf[static CONFIG_DIGITS])
{
	char *at = buf + CONFIG_DIGITS - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return at;
}

void config_mistake(struct config_parser *parser, unsigned line, const char *key, const char *what)
{
	bool titled = parser->title[0] != '\0';
	char digits[CONFIG_DIGITS], text[LINE_SIZE];

	if (parser->vm)
		parser->vm->broken = true;
	if (parser->config->errors >= CONFIG_MISTAKES)
		return;
	if (++parser->config->errors == CONFIG_MISTAKES) {
		key = NULL;
		what = "too many mistakes; the rest is not shown";
	}
	config_join(text, sizeof(text), parser->file, ":", config_decimal(line, digits), ": ",
	            titled ? "[" : "", parser->title, titled ? "] " : "", key ? key : "",
	            key ? ": " : "", what, NULL);
	parser->report(parser->context, text);
}
