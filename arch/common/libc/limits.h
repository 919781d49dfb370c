/* SPDX-License-Identifier: BSD-2-Clause */
/* Reached through the compiler's own limits.h, which defines the sizes of C's types. */
#pragma once

#define SSIZE_MAX LONG_MAX
