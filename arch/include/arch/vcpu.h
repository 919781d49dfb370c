/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One virtual CPU. All calls come from the CPU that currently runs the vCPU's loop, under no lock
 * unless said. A vCPU knows nothing of devices: it exits, the caller emulates, vcpu_run() goes on.
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
	EXIT_PORT,     /* access to port space (x86) */
	EXIT_IDLE,     /* the guest waits for an interrupt (HLT, WFI) */
	EXIT_SHUTDOWN, /* the guest cannot go on (triple fault) */
	EXIT_RESET,    /* the guest asked its firmware to reset it (PSCI) */
	EXIT_POWER_OFF,
	EXIT_ERROR, /* an exit that cannot be emulated, or invalid guest state */
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
		} access; /* EXIT_MMIO, EXIT_PORT; finish with vcpu_finish_access() */
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

/* Run the guest until something needs the caller. Fills *exit. Virtualisation is enabled on this
 * CPU. */
void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit);

/*
 * Complete the EXIT_MMIO or EXIT_PORT access that vcpu_run() returned last: value is what a read
 * returns (ignored for writes). Steps over the instruction. A vcpu_run() without it repeats the
 * instruction. String port I/O and accesses that cross come up as several exits, one element each.
 */
void vcpu_finish_access(struct vcpu *vcpu, uint64_t value);

/*
 * External interrupts. The caller offers the one vector it wants delivered next (or none: -1)
 * before each vcpu_run(); the guest takes it when it can. vcpu_irq_taken() says after vcpu_run()
 * which offered vector was delivered
 * (-1: none); each delivery is reported once, so that the caller can move it from requested to in
 * service.
 */
void vcpu_offer_irq(struct vcpu *vcpu, int vector);
int vcpu_irq_taken(struct vcpu *vcpu);

/* Is an interrupt deliverable right now (interrupts enabled, no shadow)? For deciding whether an
 * idle vCPU wakes. */
bool vcpu_irq_enabled(const struct vcpu *vcpu);

void vcpu_inject_nmi(struct vcpu *vcpu);

/* Task priority as the CPU holds it (CR8 on x86), to be kept equal with the interrupt controller's.
 * 0..15 */
unsigned vcpu_task_priority(const struct vcpu *vcpu);
void vcpu_set_task_priority(struct vcpu *vcpu, unsigned priority);

/* What the guest's cycle counter reads minus the host's; set once at creation/reset of the guest.
 */
void vcpu_set_time_offset(struct vcpu *vcpu, uint64_t cycles);

/* Exits by hardware reason, for 'stats': fills up to max (name, count) pairs with count > 0,
 * returns how many. */
struct vcpu_stat {
	const char *name;
	uint64_t count;
};
size_t vcpu_stats(const struct vcpu *vcpu, struct vcpu_stat *stats, size_t max);

/* Where the guest is, for messages: instruction pointer. */
uint64_t vcpu_pc(const struct vcpu *vcpu);
