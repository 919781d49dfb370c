/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that C and assembly share; vcpu.h holds C to them. struct vcpu: x0-x30, then these */
#pragma once

#define VCPU_PC    248
#define VCPU_APIA  264
#define VCPU_PAUTH 280

/* struct host_cpu */
#define HOST_CPU_PAUTH_KEY 64
