/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <arch/boot_info.h>

/* Remember where firmware's own reset service is. */
void power_init(const struct boot_info *info);
