/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/format.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct out {
	char *to;
	size_t size, length;
};

struct spec {
	bool left, zero, plus, space, alternate;
	int width, precision; /* -1: no precision */
	int bytes;            /* of the integer */
	char conversion;
};

static void put(struct out *out, char c)
{
	if (out->length + 1 < out->size)
		out->to[out->length] = c;
	out->length++;
}

static void pad(struct out *out, char c, int count)
{
	for (; count > 0; count--)
		put(out, c);
}

static void put_text(struct out *out, const struct spec *spec, const char *text, int length)
{
	if (!spec->left)
		pad(out, ' ', spec->width - length);
	for (int i = 0; i < length; i++)
		put(out, text[i]);
	if (spec->left)
		pad(out, ' ', spec->width - length);
}

/* Digits of value, most significant first, at the end of a buffer; returns where they start. */
static char *digits(char *end, uint64_t value, unsigned base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value; value /= base)
		*--end = set[value % base];
	return end;
}

static const char *prefix_of(const struct spec *spec, bool negative, uint64_t value)
{
	if (spec->conversion == 'p')
		return "0x";
	if (spec->alternate && value && spec->conversion == 'x')
		return "0x";
	if (spec->alternate && value && spec->conversion == 'X')
		return "0X";
	if (spec->conversion != 'd')
		return "";
	if (negative)
		return "-";
	return spec->plus ? "+" : spec->space ? " " : "";
}

static unsigned base_of(char conversion)
{
	if (conversion == 'x' || conversion == 'X' || conversion == 'p')
		return 16;
	return conversion == 'o' ? 8 : 10;
}

static void put_number(struct out *out, const struct spec *spec, uint64_t value, bool negative)
{
	char buffer[24], *end = buffer + sizeof(buffer);
	char *first = digits(end, value, base_of(spec->conversion), spec->conversion == 'X');
	const char *prefix = prefix_of(spec, negative, value);
	int count = (int)(end - first), prefix_length = (int)strlen(prefix), zeros, blanks;

	zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
	if (spec->zero && !spec->left && spec->precision < 0)
		zeros = spec->width - prefix_length - count > zeros
		            ? spec->width - prefix_length - count
		            : zeros;
	zeros = zeros > 0 ? zeros : 0;
	blanks = spec->width - prefix_length - zeros - count;
	if (!spec->left)
		pad(out, ' ', blanks);
	for (; *prefix; prefix++)
		put(out, *prefix);
	pad(out, '0', zeros);
	for (; first < end; first++)
		put(out, *first);
	if (spec->left)
		pad(out, ' ', blanks);
}

static const char *parse_flags(const char *at, struct spec *spec)
{
	for (;; at++) {
		switch (*at) {
		case '-':
			spec->left = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		default:
			return at;
		}
	}
}

static const char *parse_int(const char *at, int *value)
{
	for (*value = 0; *at >= '0' && *at <= '9'; at++)
		if (*value < 10000)
			*value = *value * 10 + (*at - '0');
	return at;
}

static const char *parse_length(const char *at, struct spec *spec)
{
	spec->bytes = sizeof(int);
	if (*at == 'h') {
		spec->bytes = at[1] == 'h' ? 1 : 2;
		return at + (at[1] == 'h' ? 2 : 1);
	}
	if (*at == 'l') {
		spec->bytes = sizeof(long);
		return at + (at[1] == 'l' ? 2 : 1);
	}
	if (*at == 'z' || *at == 'j' || *at == 't') {
		spec->bytes = sizeof(long);
		return at + 1;
	}
	return at;
}

/* An array type in an argument list decays to a pointer, so the list travels inside a struct. */
struct arguments {
	va_list list;
};

static const char *parse_spec(const char *at, struct spec *spec, struct arguments *args)
{
	*spec = (struct spec){.precision = -1};
	at = parse_flags(at, spec);
	if (*at == '*') {
		spec->width = va_arg(args->list, int);
		spec->left |= spec->width < 0;
		spec->width = spec->width < 0 ? -spec->width : spec->width;
		at++;
	} else {
		at = parse_int(at, &spec->width);
	}
	if (*at == '.' && at[1] == '*') {
		spec->precision = va_arg(args->list, int);
		at += 2;
	} else if (*at == '.') {
		at = parse_int(at + 1, &spec->precision);
	}
	at = parse_length(at, spec);
	spec->conversion = *at == 'i' ? 'd' : *at;
	return at;
}

static void put_signed(struct out *out, const struct spec *spec, struct arguments *args)
{
	int64_t value =
	    spec->bytes == sizeof(long) ? va_arg(args->list, long) : va_arg(args->list, int);

	if (spec->bytes == 1)
		value = (int8_t)value;
	if (spec->bytes == 2)
		value = (int16_t)value;
	put_number(out, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

static void put_unsigned(struct out *out, const struct spec *spec, struct arguments *args)
{
	uint64_t value = spec->bytes == sizeof(long) ? va_arg(args->list, unsigned long)
	                                             : va_arg(args->list, unsigned);

	if (spec->bytes == 1)
		value = (uint8_t)value;
	if (spec->bytes == 2)
		value = (uint16_t)value;
	put_number(out, spec, value, false);
}

static void put_string(struct out *out, const struct spec *spec, const char *text)
{
	size_t max = spec->precision < 0 ? INT_MAX : (size_t)spec->precision;

	if (!text)
		text = "(null)";
	put_text(out, spec, text, (int)strnlen(text, max));
}

/* false: not a conversion we know. */
static bool convert(struct out *out, const struct spec *spec, struct arguments *args)
{
	char c;

	switch (spec->conversion) {
	case 'd':
		put_signed(out, spec, args);
		return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(out, spec, args);
		return true;
	case 'p':
		put_number(out, spec, (uintptr_t)va_arg(args->list, void *), false);
		return true;
	case 's':
		put_string(out, spec, va_arg(args->list, const char *));
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_text(out, spec, &c, 1);
		return true;
	default:
		return false;
	}
}

int format_text_va(char *to, size_t size, const char *fmt, va_list list)
{
	struct out out = {to, size, 0};
	struct arguments args;
	struct spec spec;

	va_copy(args.list, list);
	for (; *fmt; fmt++) {
		const char *after;

		if (*fmt != '%') {
			put(&out, *fmt);
			continue;
		}
		after = parse_spec(fmt + 1, &spec, &args);
		if (*after == '%')
			put(&out, '%');
		else if (!convert(&out, &spec, &args))
			for (const char *c = fmt; c < after; c++)
				put(&out, *c);
		if (!*after || (*after != '%' && !strchr("diuxXopsc", *after)))
			after--;
		fmt = after;
	}
	va_end(args.list);
	if (size)
		to[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int format_text(char *to, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = format_text_va(to, size, fmt, args);
	va_end(args);
	return length;
}
