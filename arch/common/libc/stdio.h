/* SPDX-License-Identifier: BSD-2-Clause */
/* Text formatting only: there are no files here. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

int snprintf(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *to, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Named by libraries' headers and by functions of theirs that are never linked; not defined. */
typedef struct file FILE;
FILE *fopen(const char *name, const char *mode);
int fclose(FILE *file);
char *fgets(char *to, int size, FILE *file);
#define EOF (-1)
