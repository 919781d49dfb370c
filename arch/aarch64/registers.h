/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of EL2 that every CPU of the hypervisor has the same. */
#pragma once

/* After paging_enter(), on each CPU: vectors, signing key, and no floating point in the hypervisor.
 */
void registers_init(void);
