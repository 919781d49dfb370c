/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest. Its lock guards its devices and its timers; the state of a vCPU belongs to the CPU
 * that runs it. Guests share no lock with each other.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <arch/boot_info.h>
#include <arch/lock.h>
#include <arch/vcpu.h>

#include "guest-devices/bus.h"
#include "guest-devices/guest_mem.h"
#include "guest-devices/port.h"
#include "hv/config.h"

#define VM_VCPUS 1

enum vm_state {
	VM_FAILED, /* could not be created; the log said why */
	VM_RUNNING,
	VM_STOPPED, /* powered off or stopped; its memory stays, 'reset' starts it again */
};

/* What is to be done to a guest, by the CPU that runs it, before it runs on. The highest wins. */
enum vm_request {
	VM_REQUEST_NONE,
	VM_REQUEST_RESTART, /* after a fault: not for ever */
	VM_REQUEST_RESET,
	VM_REQUEST_STOP,
};

struct vm;

struct vm_vcpu {
	struct vm *vm;
	struct vcpu *vcpu;
	unsigned index;
	unsigned cpu;  /* host CPU whose loop runs it; does not change */
	bool off;      /* not started, or stopped by the guest */
	bool starting; /* off, and to be started with what follows; by its CPU */
	uint64_t start_entry, start_argument;
	bool idle;  /* waits for an interrupt */
	bool woken; /* idle, but something came: the CPU's loop looks whether it goes on */
	uint64_t exits[EXIT_KINDS];
	uint64_t run_ns;      /* time spent in the guest, for 'stats' */
	struct vm_vcpu *next; /* on the same host CPU */
};

struct vm {
	const struct vm_config *config;
	const struct boot_info *boot;
	unsigned number; /* position in the configuration */
	struct lock lock;
	_Atomic enum vm_state state;
	_Atomic enum vm_request request;
	const char *request_reason; /* a fixed text, for the log line; under the lock */
	unsigned resets;
	uint64_t started;      /* time_ns() of the last start */
	uint64_t time_offset;  /* of all its vCPUs' cycle counters */
	unsigned quick_faults; /* resets by a fault soon after the start, in a row */
	struct guest_mem mem;
	struct stage2 *stage2;
	struct bus memory, ports;
	struct vm_vcpu *accessing; /* whose access the buses carry; under the lock */
	struct console_port *console;
	struct board *board; /* hv/machine/ */
	struct vm_vcpu vcpus[VM_VCPUS];
	unsigned vcpu_count;
	struct port_timer *timers; /* armed, by deadline; under the lock */
};

/*
 * Create the guest from its configuration: memory, stage 2, vCPUs on host CPUs from first_cpu on,
 * machine, kernel. On failure one line names the key at fault, everything is given back and the
 * state is VM_FAILED.
 */
void vm_create(struct vm *vm, const struct vm_config *config, const struct boot_info *boot,
               unsigned number, unsigned first_cpu);

/*
 * Give everything back; the state is VM_FAILED then. Boot CPU, for a guest of its own or before the
 * other CPUs' loops start; without the guest's lock. ERR_BUSY, and nothing changed: it runs, or a
 * back-end still works on its RAM.
 */
int vm_destroy(struct vm *vm);

/* Ask for a reset or stop; any CPU, under any lock. reason: a fixed text. A stopped guest only
 * takes a reset. */
void vm_ask(struct vm *vm, enum vm_request request, const char *reason);

/* Carry out what was asked for; the CPU that runs the guest, without its lock. A reset that has to
 * wait for a back-end stays asked for; call again. */
void vm_serve_request(struct vm *vm);

/* Something became pending for the vCPU: it wakes, wherever it waits. Under the guest's lock. */
void vm_wake(struct vm_vcpu *v);

/* One vCPU starts another: see EXIT_CPU_START for the errors. Under the guest's lock. */
int vm_start_vcpu(struct vm *vm, unsigned index, uint64_t entry, uint64_t argument);
void vm_stop_vcpu(struct vm_vcpu *v);
int vm_vcpu_state(const struct vm *vm, unsigned index); /* as vcpu_finish_call() wants it */

/* The guest's lock as a pair of callbacks. */
void vm_lock(void *vm);
void vm_unlock(void *vm);

/* Run the guest's timers that are due; under the lock. Returns the next deadline. */
uint64_t vm_run_timers(struct vm *vm, uint64_t now);

/* The guests, in the order of the configuration. */
extern struct vm *vms;
extern unsigned vm_count;
struct vm *vm_find(const char *name); /* NULL: no such guest */
bool vms_all_done(void);              /* none is running */
