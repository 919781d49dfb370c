/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC of each vCPU in xAPIC mode (SDM vol. 3 ch. 11, APM vol. 2 ch. 16), and the group
 * that all of a guest's local APICs form: IPIs, the I/O APIC and MSIs are messages to the group.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/bus.h"
#include "guest-devices/port.h"

#define LAPIC_BASE      0xfee00000ull
#define LAPIC_SIZE      0x1000
#define LAPIC_GROUP_MAX 64
#define LAPIC_LVTS      6
#define LAPIC_TIMER_HZ  1000000000ull /* before the divider */
/* A periodic timer fires no more often than this; missed periods become one interrupt. */
#define LAPIC_TIMER_MIN_NS 100000

/* Delivery modes of LVT, ICR, I/O APIC and MSI. */
enum lapic_mode {
	LAPIC_FIXED = 0,
	LAPIC_LOWEST = 1,
	LAPIC_SMI = 2,
	LAPIC_NMI = 4,
	LAPIC_INIT = 5,
	LAPIC_STARTUP = 6,
	LAPIC_EXTINT = 7,
};

/*
 * What a local APIC tells its vCPU. Called under the guest's lock, on the CPU of whoever sent the
 * message, which may not be the vCPU's: note it and wake the vCPU. Each may be NULL.
 */
struct lapic_events {
	/* Something may have become deliverable: look at lapic_pending() again. */
	void (*kick)(void *context);
	void (*nmi)(void *context);
	/* Back to reset state (the local APIC already is); waits for startup, unless index 0. */
	void (*init)(void *context);
	/* SIPI: start in real mode at vector << 12 if the vCPU waits for it, else ignore it. */
	void (*startup)(void *context, uint8_t vector);
};

struct lapic_group;

struct lapic_config {
	struct lapic_group *group;
	uint8_t id; /* = index of the vCPU = ACPI local APIC id */
	/* Reset to what firmware leaves on the boot processor: APIC on, LINT0 ExtINT, LINT1 NMI. */
	bool virtual_wire;
	const struct lapic_events *events;
	void *context;
	void *timer_scope; /* see struct port_timer */
};

/* Some of the 256 vectors; the highest is found in a few steps, for every exit asks. */
struct vector_set {
	uint32_t words; /* which of bits[] are not 0 */
	uint32_t bits[8];
};

struct lapic {
	/* At LAPIC_BASE. Every vCPU has its own at the same place, so the owner dispatches: an
	 * access of vCPU n goes to the region of its own local APIC. */
	struct bus_region region;
	struct lapic_config config;
	struct port_timer timer;
	uint32_t id, tpr, ldr, dfr, svr, esr, esr_pending, icr_low, icr_high;
	uint32_t lvt[LAPIC_LVTS]; /* timer, thermal, performance, LINT0, LINT1, error */
	struct vector_set isr, tmr, irr;
	uint32_t timer_initial, timer_divide;
	uint64_t timer_start, timer_period; /* ns; period 0: stopped */
	uint64_t misuse; /* accesses and messages that were ignored, for statistics */
};

struct lapic_group {
	struct lapic *lapics[LAPIC_GROUP_MAX];
	unsigned count;
	unsigned turn; /* where the search for the lowest priority begins */
	/* A level-triggered interrupt was finished: the I/O APIC's ioapic_eoi(). */
	void (*eoi)(void *context, uint8_t vector);
	void *eoi_context;
	uint64_t dropped; /* messages nobody took */
};

/* A message on the APIC bus. */
struct lapic_message {
	uint8_t destination; /* 0xff: all */
	bool logical;
	uint8_t mode; /* enum lapic_mode; others are dropped */
	uint8_t vector;
	bool level; /* trigger mode: its EOI goes to the I/O APIC */
};

/* Zeroed *group is an empty group. Adds the new local APIC to config->group; GD_FULL. */
int lapic_init(struct lapic *lapic, const struct lapic_config *config);
void lapic_reset(struct lapic *lapic); /* as after power on; the group stays */

/* Deliver; false and counted if no local APIC took it. */
bool lapic_deliver(struct lapic_group *group, const struct lapic_message *message);

/*
 * The vector to offer next, or -1: the highest requested one, if its priority class is above what
 * is in service and above the TPR. lapic_requested() leaves the TPR out, for a CPU that compares
 * the task priority itself (SVM's V_INTR_PRIO).
 */
int lapic_pending(const struct lapic *lapic);
int lapic_requested(const struct lapic *lapic);
/* The CPU took vector: requested -> in service. false: it was not requested (withdrawn). */
bool lapic_accept(struct lapic *lapic, unsigned vector);

/* The vCPU takes interrupts of the 8259 pair (LINT0 is ExtINT and unmasked). */
bool lapic_takes_extint(const struct lapic *lapic);

/* CR8 and the TPR are one: bits 7:4 of the TPR. */
unsigned lapic_task_priority(const struct lapic *lapic);
void lapic_set_task_priority(struct lapic *lapic, unsigned priority);
