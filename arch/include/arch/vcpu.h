/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One virtual CPU. From its first vcpu_run() to vcpu_leave_cpu() it belongs to one host CPU, and
 * all calls come from there; in between, any CPU may have it. Under no lock unless said. A vCPU
 * knows nothing of devices: it exits, the caller emulates, vcpu_run() goes on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/stage2.h>

struct vcpu;

enum exit_kind {
	EXIT_HOST,     /* a host interrupt, kick or timer: nothing to do for the guest */
	EXIT_MMIO,     /* access to guest physical memory that stage 2 does not map */
	EXIT_PAGE,     /* access to a page of RAM that is missing (stage2_pageable) */
	EXIT_PORT,     /* access to port space (x86) */
	EXIT_IDLE,     /* the guest waits for an interrupt (HLT, WFI) */
	EXIT_SHUTDOWN, /* the guest cannot go on (triple fault) */
	EXIT_RESET,    /* the guest asked its firmware to reset it (PSCI) */
	EXIT_POWER_OFF,
	EXIT_CPU_START, /* a call to start another vCPU (PSCI CPU_ON) */
	EXIT_CPU_STOP,  /* this vCPU turns itself off (PSCI CPU_OFF) */
	EXIT_CPU_STATE, /* a call that asks whether a vCPU is on (PSCI AFFINITY_INFO) */
	EXIT_IPI,       /* a write to the register that interrupts other vCPUs (ICC_SGI1R_EL1) */
	EXIT_ERROR,     /* an exit that cannot be emulated, or invalid guest state */
	EXIT_KINDS
};

/* The neutral exit record. */
struct vcpu_exit {
	enum exit_kind kind;
	union {
		struct {
			uint64_t address; /* guest physical, or the port */
			uint64_t value;   /* what is written; zero-extended from size */
			uint8_t size;     /* bytes: 1, 2, 4 or 8 */
			bool write;
		} access; /* EXIT_MMIO, EXIT_PORT; finish with vcpu_finish_access(). EXIT_PAGE: only
		             the address; map it and run on */
		struct {
			unsigned target; /* index of the vCPU; may be one that does not exist */
			uint64_t entry, argument; /* EXIT_CPU_START: for vcpu_set_start() */
		} cpu;        /* EXIT_CPU_START, EXIT_CPU_STATE; finish with vcpu_finish_call() */
		uint64_t ipi; /* EXIT_IPI: what was written; nothing to finish */
		const char
		    *reason; /* EXIT_SHUTDOWN, EXIT_ERROR: a fixed text with the reason code */
	};
};

/*
 * A new vCPU of the guest behind s2, in reset state. index: its number in the guest (APIC id).
 * NULL: no memory.
 */
struct vcpu *vcpu_create(struct stage2 *s2, unsigned index);
void vcpu_destroy(struct vcpu *vcpu);

/* Back to reset state: registers, pending events, counters of events. Statistics stay. */
void vcpu_reset(struct vcpu *vcpu);

/*
 * Set the state a loaded kernel starts in.
 * x86: 32-bit protected mode, paging off, flat 4 GiB segments (CS 0x10, DS/ES/SS 0x18), interrupts
 * off, RIP = entry, RSI = argument (Linux boot protocol, 32-bit entry); GDTR covers the 32 bytes at
 * VCPU_ENTRY_GDT, where the loader has put descriptors for these selectors. arm64: EL1h, MMU off,
 * x0 = argument.
 */
#define VCPU_ENTRY_GDT 0x1000
void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t argument);

/*
 * Set the state in which another vCPU of the guest starts this one, after vcpu_reset(). x86: real
 * mode at entry, a multiple of 4 KiB below 1 MiB (start-up IPI, SDM vol. 3, 9.4); argument is not
 * used. arm64: as vcpu_set_entry() (PSCI CPU_ON).
 */
void vcpu_set_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument);

/* Run the guest until something needs the caller. Fills *exit. Virtualisation is enabled on this
 * CPU. */
void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit);

/* Put away all that the CPU still holds of the vCPU, so that another CPU can go on with it, or
 * reset or destroy it. Nothing if there is nothing. */
void vcpu_leave_cpu(struct vcpu *vcpu);

/*
 * Complete the EXIT_MMIO or EXIT_PORT access that vcpu_run() returned last: value is what a read
 * returns (ignored for writes). Steps over the instruction. A vcpu_run() without it repeats the
 * instruction. String port I/O and accesses that cross come up as several exits, one element each.
 */
void vcpu_finish_access(struct vcpu *vcpu, uint64_t value);

/* The same where nothing answers at the address: x86 reads all ones, arm64 takes the external abort
 * that hardware gives. */
void vcpu_refuse_access(struct vcpu *vcpu);

/*
 * Complete EXIT_CPU_START (0, ERR_BUSY: it is on already or about to be, ERR_INVALID: no such vCPU)
 * or EXIT_CPU_STATE (1: on, 0: off, ERR_BUSY: about to be on, ERR_INVALID).
 */
void vcpu_finish_call(struct vcpu *vcpu, int result);

/* What the guest's cycle counter reads minus the host's, on Arm plus a constant; set once at
 * creation/reset of the guest. */
void vcpu_set_time_offset(struct vcpu *vcpu, uint64_t cycles);

/* The counter that guests read without an exit; numbers of VIRTIO 1.4, 5.23.6.1. */
enum vcpu_counter { VCPU_COUNTER_ARM_VCT = 0, VCPU_COUNTER_X86_TSC = 1 };
enum vcpu_counter vcpu_counter(void);
/* What it shows in this vCPU when time_cycles() is cycles. Any CPU. */
uint64_t vcpu_counter_at(const struct vcpu *vcpu, uint64_t cycles);

/*
 * The timer that is part of the vCPU (Arm's virtual timer; none on x86, where timers are devices):
 * when, in time_ns(), it will want to interrupt; UINT64_MAX: not at all. For a vCPU that waits.
 */
uint64_t vcpu_timer_deadline(const struct vcpu *vcpu);

/* Exits by hardware reason, for 'stats': fills up to max (name, count) pairs with count > 0,
 * returns how many. */
struct vcpu_stat {
	const char *name;
	uint64_t count;
};
size_t vcpu_stats(const struct vcpu *vcpu, struct vcpu_stat *stats, size_t max);

/* Sizes that the pages of a guest's own tables may have, in bytes, or'ed. Any CPU. */
unsigned vcpu_page_sizes(void);

/* Where the guest is, for messages: instruction pointer. */
uint64_t vcpu_pc(const struct vcpu *vcpu);
