/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP wants to know about compiler and machine. */
#pragma once

#include <limits.h>
#include <stdint.h>

#include <arch/cpu.h>
#include <arch/log.h>

#include "hv/net/random.h"

#define BYTE_ORDER              LITTLE_ENDIAN
#define LWIP_RAND()             net_random()
#define LWIP_PLATFORM_DIAG(x)   log_debug x
#define LWIP_PLATFORM_ASSERT(x) panic("lwip: %s", x)

#define X8_F  "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "lu"

/* With unistd.h left out, lwIP defines this type only where limits.h does not know it. */
#ifdef SSIZE_MAX
typedef long ssize_t;
#endif
