/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <arch/boot_info.h>

#include "arch/aarch64/description.h"

/* Take the counter's frequency and start time; boot CPU, once; from then on
 * there is a clock. */
void timer_init(const struct host_description *host, const struct boot_info *info);
void timer_start(void); /* on each CPU */
