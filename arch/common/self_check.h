/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

void self_check_init(void); /* remember what code and constants are; boot CPU, once */
