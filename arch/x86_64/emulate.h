/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instruction in the middle of its device accesses. Each access goes up as an exit; the value
 * comes back, and either the instruction is done or its next access follows.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <arch/vcpu.h>

#include "arch/x86_64/hvm.h"
#include "arch/x86_64/insn.h"
#include "arch/x86_64/walk.h"

struct vcpu;

enum emulation_phase {
	EMULATE_NOTHING,
	EMULATE_PORT,  /* IN or OUT is out: no memory */
	EMULATE_READ,  /* of the memory operand, or of a string's source, is out */
	EMULATE_WRITE, /* of value to target has to come next, or is out */
};

struct emulation {
	enum emulation_phase phase;
	bool write_out;    /* the write is out */
	bool to_port;      /* target is a port */
	bool port_in;      /* EMULATE_PORT: a read */
	uint8_t port_size; /* EMULATE_PORT */
	uint64_t next_rip; /* EMULATE_PORT */
	uint64_t target;   /* guest physical, or a port */
	uint64_t value;
	struct insn insn;
};

/* True: the exit was dealt with here (a fault was injected, nothing to do): go on running. False:
 * *exit is filled. */
bool emulate_mmio(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit);
bool emulate_port(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit);

/* The value of the access that is out. */
void emulate_finish(struct vcpu *vcpu, uint64_t value);
/* Before the guest runs on. True: *exit is an access that comes first. An unfinished read or port
 * access is dropped: its instruction repeats. */
bool emulate_next(struct vcpu *vcpu, struct vcpu_exit *exit);

#define FETCH_SLOTS 16

/* Instructions that were fetched, and where they lie. */
struct fetch_cache {
	struct fetched {
		struct insn_cached insn;
		/* The rest is known if generation, that of stage 2, is not 0: then it was used to
		 * fetch insn. */
		uint64_t generation;
		struct x86_paging paging;
		struct walk_trace trace;
		const uint8_t *host; /* INSN_BUFFER bytes of one page */
	} __attribute__((aligned(64))) slots[FETCH_SLOTS];
};

/* The instruction at RIP. NULL: it cannot be had: either a fault has been injected, or
 * *not_ram is true. */
const struct insn *emulate_fetch(struct vcpu *vcpu, const struct x86_exit *x86, bool *not_ram);
