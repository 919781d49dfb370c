/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest reads from the identification registers (op0 3, op1 0, CRn 0, CRm 1..7): Arm ARM
 * D19.2. Of the host's fields only those are left whose features a guest can have. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct id_features {
	bool pauth;          /* pointer authentication is not trapped */
	bool gicv3;          /* the guest has the GIC's system registers */
	unsigned pa_parange; /* ID_AA64MMFR0_EL1.PARange that covers the guest's addresses */
};

/* host: what the register reads on the host. */
uint64_t id_reg_guest(unsigned crm, unsigned op2, uint64_t host, const struct id_features *has);
