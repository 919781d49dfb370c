/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors that the hardware reports about itself, APM volume 2, 9. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_CHECK_VALID       (1ul << 63)
#define MACHINE_CHECK_UNCORRECTED (1ul << 61)

struct machine_check {
	uint64_t status, address;
};

void machine_check_start(void); /* have all banks report; on each CPU */
/* What a bank of this CPU holds; false: there is no such bank. */
bool machine_check_read(unsigned bank, struct machine_check *check);
