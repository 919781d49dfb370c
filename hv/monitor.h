/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor: one line in, a few lines out. Boot CPU. */
#pragma once

#include <stdbool.h>

extern bool monitor_poweroff_on_last_exit;

/* Carry one command out; output goes to the log. */
void monitor_command(const char *line);

/* Let the last words out, then switch the machine off. */
_Noreturn void monitor_power_off(void);
