/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a guest: creation, requests, lock. */
#include "hv/vm.h"

#include <string.h>

#include <arch/cpu.h>
#include <arch/err.h>
#include <arch/log.h>
#include <arch/pages.h>
#include <arch/time.h>

#include "hv/console.h"
#include "hv/machine/board.h"
#include "hv/machine/guest_machine.h"
#include "hv/sched.h"
#include "hv/vm_pages.h"

#define QUICK_FAULT_NS 1000000000
#define QUICK_FAULTS   5

struct vm *vms;
unsigned vm_count;

void vm_lock(void *vm)
{
	lock_take(&((struct vm *)vm)->lock);
}

void vm_unlock(void *vm)
{
	lock_drop(&((struct vm *)vm)->lock);
}

struct vm *vm_find(const char *name)
{
	for (unsigned i = 0; i < vm_count; i++) {
		if (strcmp(vms[i].config->name, name) == 0)
			return &vms[i];
	}
	return NULL;
}

bool vms_all_done(void)
{
	for (unsigned i = 0; i < vm_count; i++) {
		enum vm_request request = vms[i].request;

		if (vms[i].state == VM_RUNNING || request == VM_REQUEST_RESET ||
		    request == VM_REQUEST_RESTART)
			return false;
	}
	return true;
}

void vm_wake(struct vm_vcpu *v)
{
	if (v->woken)
		return; /* its CPU has been told and has not looked yet */
	v->woken = true;
	if (v->running || v->idle || v->off)
		sched_poke(v);
}

void vm_send_mail(struct vm *vm)
{
	if (!atomic_exchange(&vm->mail, true))
		cpu_kick(vm->vcpus[0].cpu);
}

int vm_start_vcpu(struct vm *vm, unsigned index, uint64_t entry, uint64_t argument)
{
	int state = vm_vcpu_state(vm, index);

	if (state)
		return state < 0 ? state : ERR_BUSY;
	vm->vcpus[index].start_entry = entry;
	vm->vcpus[index].start_argument = argument;
	vm->vcpus[index].starting = true;
	vm_wake(&vm->vcpus[index]);
	return 0;
}

void vm_stop_vcpu(struct vm_vcpu *v)
{
	v->starting = false;
	v->stopping = true;
	vm_wake(v);
}

int vm_vcpu_state(const struct vm *vm, unsigned index)
{
	if (index >= vm->vcpu_count)
		return ERR_INVALID;
	if (vm->vcpus[index].starting)
		return ERR_BUSY;
	return !vm->vcpus[index].off && !vm->vcpus[index].stopping;
}

void vm_detach(struct vm_vcpu *v)
{
	vcpu_leave_cpu(v->vcpu);
	v->attached = false;
	if (v->vm->request != VM_REQUEST_NONE)
		sched_poke(&v->vm->vcpus[0]);
}

void vm_ask(struct vm *vm, enum vm_request request, const char *reason)
{
	lock_take(&vm->request_lock);
	if (vm->state != VM_FAILED && vm->request < request) {
		vm->request_reason = reason;
		vm->request = request;
	}
	lock_drop(&vm->request_lock);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		sched_poke(&vm->vcpus[i]);
}

static int map_memory(struct vm *vm)
{
	int err = board_layout(vm);

	vm->mem.devices = &vm->memory; /* so that a refusal can say "registers" */
	if (err || !vm_pages_create(vm))
		return err;
	log_error("vireo.ini:%u: [vm %s] memory: %llu MiB is more than the machine has free in one "
	          "piece (%zu MiB free in all); give it less",
	          vm->config->memory_line, vm->config->name,
	          (unsigned long long)(vm->config->memory >> 20),
	          pages_free_count() * PAGE_SIZE >> 20);
	return ERR_NO_MEMORY;
}

static int create_vcpus(struct vm *vm, unsigned first_cpu)
{
	for (unsigned i = 0; i < vm->config->cpus && i < VM_VCPUS; i++) {
		struct vm_vcpu *v = &vm->vcpus[i];

		v->vm = vm;
		v->index = i;
		v->cpu = (first_cpu + i) % cpu_count();
		v->pinned = vm->config->cpu >= 0;
		v->deadline = UINT64_MAX;
		v->vcpu = vcpu_create(vm->stage2, i);
		if (!v->vcpu)
			return ERR_NO_MEMORY;
		vm->vcpu_count++;
	}
	return 0;
}

int vm_destroy(struct vm *vm)
{
	bool idle;

	lock_take(&vm->lock);
	idle = vm->state != VM_RUNNING && guest_machine_idle(vm);
	if (idle)
		guest_machine_destroy(vm);
	lock_drop(&vm->lock);
	if (!idle)
		return ERR_BUSY;
	vm->state = VM_FAILED;
	vm->request = VM_REQUEST_NONE;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		sched_remove(&vm->vcpus[i]);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		vcpu_destroy(vm->vcpus[i].vcpu);
		vm->vcpus[i].timers = NULL;
		vm->vcpus[i].deadline = UINT64_MAX;
	}
	vm->vcpu_count = 0;
	vm_pages_destroy(vm);
	if (vm->stage2)
		stage2_destroy(vm->stage2);
	vm->stage2 = NULL;
	return 0;
}

/* Devices at rest, and the guest's RAM ours: false while a back-end still writes into it. */
static bool quiesce(struct vm *vm)
{
	bool idle;

	lock_take(&vm->lock);
	guest_machine_reset(vm);
	idle = guest_machine_idle(vm);
	lock_drop(&vm->lock);
	return idle;
}

static void forget_notes(struct vm_vcpu *v)
{
	v->woken = v->stopping = v->starting = false;
}

/* From the devices' power-on state, which quiesce() leaves, to the kernel's first instruction. */
static int start(struct vm *vm)
{
	int err;

	vm->started = time_ns();
	vm->time_offset = 0 - time_cycles();
	lock_take(&vm->lock);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		vcpu_reset(vm->vcpus[i].vcpu);
		vcpu_set_time_offset(vm->vcpus[i].vcpu, vm->time_offset);
		forget_notes(&vm->vcpus[i]);
		vm->vcpus[i].idle = false;
		vm->vcpus[i].off = i != 0;
	}
	err = board_load(vm);
	lock_drop(&vm->lock);
	return err;
}

static int build(struct vm *vm, unsigned first_cpu)
{
	int err;

	vm->stage2 = stage2_create();
	if (!vm->stage2)
		return ERR_NO_MEMORY;
	err = map_memory(vm);
	if (!err)
		err = create_vcpus(vm, first_cpu);
	if (!err)
		err = guest_machine_create(vm);
	if (err)
		return err;
	quiesce(vm);
	return start(vm);
}

void vm_create(struct vm *vm, const struct vm_config *config, const struct boot_info *boot,
               unsigned number, unsigned first_cpu)
{
	int err;

	vm->config = config;
	vm->boot = boot;
	vm->number = number;
	vm->state = VM_FAILED;
	vm->console = console_port_open(number, config->name, vm_lock, vm_unlock, vm);
	if (config->broken) {
		log_error("%s: not started: its configuration has mistakes", config->name);
		return;
	}
	err = build(vm, first_cpu);
	if (err) {
		log_error("%s: not started: %s", config->name,
		          err == ERR_NO_MEMORY ? "out of memory" : "see the line above");
		vm_destroy(vm);
		return;
	}
	vm->state = VM_RUNNING;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		sched_add(&vm->vcpus[i]);
}

static void stop(struct vm *vm, const char *reason)
{
	log_info("%s: stopped: %s", vm->config->name, reason);
	quiesce(vm);
	vm->state = VM_STOPPED;
	cpu_kick(0); /* the boot CPU looks whether this was the last one */
}

/* A kernel that faults as soon as it starts would do so for ever. */
static bool keeps_failing(struct vm *vm, enum vm_request request)
{
	if (request != VM_REQUEST_RESTART || time_ns() - vm->started > QUICK_FAULT_NS)
		vm->quick_faults = 0;
	else
		vm->quick_faults++;
	return vm->quick_faults >= QUICK_FAULTS;
}

static void reset(struct vm *vm, enum vm_request request, const char *reason)
{
	if (keeps_failing(vm, request)) {
		stop(vm, "it fails again and again as soon as it starts");
		return;
	}
	port_log("%s: reset: %s", vm->config->name, reason); /* a guest can cause many */
	vm->resets++;
	vm->state = start(vm) ? VM_STOPPED : VM_RUNNING;
}

/* None of its vCPUs is attached to a CPU, and none will be before its request is done. */
static bool all_out(struct vm *vm)
{
	bool out = true;

	lock_take(&vm->lock);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		out &= !vm->vcpus[i].attached;
	lock_drop(&vm->lock);
	return out;
}

/* What is asked for just now, and why. */
static enum vm_request asked(struct vm *vm, const char **reason)
{
	enum vm_request request;

	lock_take(&vm->request_lock);
	request = vm->request;
	*reason = vm->request_reason;
	lock_drop(&vm->request_lock);
	return request;
}

/* A higher one that came meanwhile stays. */
static void done(struct vm *vm, enum vm_request request)
{
	lock_take(&vm->request_lock);
	if (vm->request == request)
		vm->request = VM_REQUEST_NONE;
	lock_drop(&vm->request_lock);
}

void vm_serve_request(struct vm *vm)
{
	const char *reason;
	enum vm_request request;
	bool restart;

	if (vm->request == VM_REQUEST_NONE || !all_out(vm))
		return;
	request = asked(vm, &reason);
	restart = request == VM_REQUEST_RESET || request == VM_REQUEST_RESTART;
	if (restart && !quiesce(vm)) {
		vm->state = VM_STOPPED; /* it goes on when the back-end is done */
		return;
	}
	if (restart)
		reset(vm, request, reason);
	else if (vm->state == VM_RUNNING)
		stop(vm, reason);
	done(vm, request);
	for (unsigned i = 1; i < vm->vcpu_count; i++)
		sched_poke(&vm->vcpus[i]);
}
