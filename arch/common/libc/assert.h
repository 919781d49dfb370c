/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <arch/cpu.h>

#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) CHECK(condition)
#endif
#define static_assert _Static_assert
