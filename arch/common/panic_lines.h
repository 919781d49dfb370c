/* SPDX-License-Identifier: BSD-2-Clause */
/* The last words of the machine: on the early serial line, without a lock and without the log. */
#pragma once

#include <stdarg.h>
#include <stdint.h>

/* The first CPU to get here goes on and talks, a later one stops. Interrupts are off. */
void panic_begin(void);

/* One line, cut at 255 characters; after panic_begin(). */
void panic_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void panic_print_va(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

/* A place in the image also as an offset into it, the number that the link map and objdump show. */
void panic_print_place(const char *what, uint64_t address);
