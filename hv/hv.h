/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's entry: the EFI program calls it once, after firmware is left, and never runs
 * again. */
#pragma once

#include <arch/boot_info.h>

_Noreturn void hv_main(struct boot_info *info);
