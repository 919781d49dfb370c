/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest, and who may touch what of it.
 *
 * The guest's lock guards its devices, its timers and the notes that are left for its vCPUs. It is
 * held while an exit is worked off and not while a vCPU runs. Guests share no lock.
 *
 * A vCPU belongs to one host CPU, v->cpu. Only that CPU's loop calls vcpu_*() for it and writes
 * what is not a note. Everybody else leaves a note under the guest's lock and wakes the vCPU; its
 * CPU looks at the notes before it sleeps or enters a guest again, and is told at once unless the
 * vCPU only waits for its turn. A vCPU changes hands when it is not attached, that is, when no CPU
 * holds any of its state (vcpu_leave_cpu()).
 *
 * A request (reset, stop) is carried out by the CPU of vCPU 0, as soon as no vCPU of the guest is
 * attached. While one is asked for no vCPU is attached anew; so that CPU may touch all of them.
 *
 * Order of locks: the guest's, then one of those that nothing is taken under: a queue's inbox
 * (hv/sched.c), a guest's request_lock, the console's.
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

#define VM_VCPUS CONFIG_CPUS

enum vm_state {
	VM_FAILED, /* could not be created; the log said why */
	VM_RUNNING,
	VM_STOPPED, /* powered off or stopped; its memory stays, 'reset' starts it again */
};

/* What is to be done to a guest before it runs on. The highest wins. */
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
	atomic_uint cpu;    /* host CPU that it belongs to; changes under the lock */
	bool pinned;        /* it stays there */
	bool attached;      /* its CPU holds state of it; changes under the lock */
	bool running;       /* in the guest, or its exit is worked off; changes under the lock */
	atomic_bool inside; /* in vcpu_run(); set under the lock */
	bool off;           /* not started, or stopped by the guest; changes under the lock */
	bool idle;          /* waits for an interrupt; changes under the lock */
	struct port_timer *timers; /* armed, by deadline; under the lock */
	_Atomic uint64_t deadline; /* of the first, UINT64_MAX: none; its CPU reads it any time */

	/* Notes for its CPU; under the lock. */
	bool woken;    /* something came: look at the rest, and whether it goes on */
	bool stopping; /* to be off */
	bool starting; /* then to be started with what follows */
	uint64_t start_entry, start_argument;

	uint64_t exits[EXIT_KINDS];
	uint64_t run_ns;      /* time spent in the guest, for 'stats' */
	int64_t share;        /* the same, for its turn: see hv/sched_queue.h */
	struct vm_vcpu *next; /* on the same host CPU */
};

struct vm {
	const struct vm_config *config;
	const struct boot_info *boot;
	unsigned number; /* position in the configuration */
	struct lock lock;
	_Atomic enum vm_state state;
	_Atomic enum vm_request request;
	const char *request_reason; /* a fixed text, for the log line; under request_lock */
	struct lock request_lock;
	unsigned resets;
	uint64_t started;      /* time_ns() of the last start */
	uint64_t time_offset;  /* of all its vCPUs' cycle counters */
	unsigned quick_faults; /* resets by a fault soon after the start, in a row */
	struct guest_mem mem;
	struct guest_mem_pager pager; /* brings back what the balloon took: hv/vm_pages.h */
	size_t pages_missing;         /* of its RAM, at the moment */
	struct stage2 *stage2;
	struct bus memory, ports;
	struct vm_vcpu *accessing; /* whose access the buses carry; under the lock */
	struct console_port *console;
	struct board *board;       /* hv/machine/board.h */
	struct virtio_set *virtio; /* hv/machine/virtio_set.h */
	atomic_bool mail;          /* another guest has left something: hv/vsock/vsock.h */
	struct vm_vcpu vcpus[VM_VCPUS];
	unsigned vcpu_count;
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

/* Carry out what was asked for; the CPU of vCPU 0, without the lock. What has to wait for a vCPU
 * that is still attached or for a back-end stays asked for; call again. */
void vm_serve_request(struct vm *vm);

/* Something became pending for the vCPU: it wakes, wherever it waits. Under the guest's lock. */
void vm_wake(struct vm_vcpu *v);

/* Something lies ready for the guest that its own CPU has to take in. Any CPU, any lock. */
void vm_send_mail(struct vm *vm);

/*
 * One vCPU starts another, or stops one or itself. A note: carried out by that vCPU's CPU.
 * ERR_BUSY: it is on, or about to be; ERR_INVALID: there is none of that number. Under the guest's
 * lock.
 */
int vm_start_vcpu(struct vm *vm, unsigned index, uint64_t entry, uint64_t argument);
void vm_stop_vcpu(struct vm_vcpu *v);
int vm_vcpu_state(const struct vm *vm, unsigned index); /* as vcpu_finish_call() wants it */

/* The vCPU's CPU lets go of it: another may have it. Under the guest's lock. */
void vm_detach(struct vm_vcpu *v);

/* The guest's lock as a pair of callbacks. */
void vm_lock(void *vm);
void vm_unlock(void *vm);

/*
 * Timers (guest-devices/port.h): the scope of a timer is a struct vm_vcpu, and it fires on that
 * vCPU's CPU. A vCPU's own timers belong to it, those of devices to vCPU 0. Run what is due; under
 * the lock.
 */
void vm_run_timers(struct vm_vcpu *v, uint64_t now);

/* The guests, in the order of the configuration. */
extern struct vm *vms;
extern unsigned vm_count;
struct vm *vm_find(const char *name); /* NULL: no such guest */
bool vms_all_done(void);              /* none is running */
