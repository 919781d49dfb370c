/* SPDX-License-Identifier: BSD-2-Clause */
/* Model specific registers of the guest: a table; what is not in it is refused. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* Values that are only kept for the guest. */
struct x86_msrs {
	uint64_t pat, mtrr_def_type, mcg_status;
	uint64_t hwcr;
};

void msr_reset(struct vcpu *vcpu);

/* ERR_INVALID: #GP for the guest. */
int msr_read(struct vcpu *vcpu, uint32_t index, uint64_t *value);
int msr_write(struct vcpu *vcpu, uint32_t index, uint64_t value);
