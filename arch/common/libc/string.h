/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's string functions, as far as a bare machine needs them. */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *in, int byte, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t max);
char *strchr(const char *text, int c);
char *strrchr(const char *text, int c);
char *strstr(const char *text, const char *part);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t size);
size_t strspn(const char *text, const char *set);
size_t strcspn(const char *text, const char *set);

/* Freestanding code gets no built-ins by itself; these turn small fixed sizes into plain moves. */
#define memcpy(to, from, size)  __builtin_memcpy(to, from, size)
#define memset(to, byte, size)  __builtin_memset(to, byte, size)
#define memmove(to, from, size) __builtin_memmove(to, from, size)
#define memcmp(a, b, size)      __builtin_memcmp(a, b, size)
