/* SPDX-License-Identifier: BSD-2-Clause */
/* printf's formatting, the part of it that a hypervisor needs: no floating point, no %n. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * As C's snprintf: write at most size bytes with the final NUL, return the length that the whole
 * text has. Conversions d i u x X p o s c %, flags - 0 + space #, width and precision also as *,
 * lengths hh h l ll z j t. An unknown conversion is copied as it stands.
 */
int format_text(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int format_text_va(char *to, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
