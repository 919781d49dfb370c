/* SPDX-License-Identifier: BSD-2-Clause */
/* A table from the kind of an exit to what is done about it. */
#include <arch/log.h>
#include <arch/vcpu.h>

#include "guest-devices/port.h"
#include "hv/machine/board.h"
#include "hv/sched.h"
#include "hv/vm_pages.h"

static void dispatch(struct vm_vcpu *v, struct bus *bus, struct vcpu_exit *exit)
{
	struct bus_access access = {
	    .address = exit->access.address,
	    .value = exit->access.value,
	    .size = exit->access.size,
	    .write = exit->access.write,
	};

	v->vm->accessing = v;
	if (bus_dispatch(bus, &access))
		vcpu_finish_access(v->vcpu, access.value);
	else
		vcpu_refuse_access(v->vcpu);
}

static void handle_host(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	(void)v, (void)exit;
}

/* What an emulated instruction does to RAM that was missing when it got there. */
static bool in_ram(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	const struct guest_mem *mem = &v->vm->mem;
	uint64_t address = exit->access.address;
	const struct guest_mem_slot *slot = mem->pager ? guest_mem_slot(mem, address) : NULL;

	if (!slot || !slot->pages)
		return false;
	if (exit->access.write)
		guest_mem_write(mem, address, &exit->access.value, exit->access.size);
	else
		guest_mem_read(mem, address, &exit->access.value, exit->access.size);
	vcpu_finish_access(v->vcpu, exit->access.value);
	return true;
}

static void handle_mmio(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	if (!in_ram(v, exit))
		dispatch(v, &v->vm->memory, exit);
}

/* Mapped again, or the guest is asked to stop. */
static void handle_page(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vm_pages_bring(v->vm, exit->access.address);
}

static void handle_port(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	dispatch(v, &v->vm->ports, exit);
}

static void handle_idle(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	(void)exit;
	v->idle = v->woken = true; /* the loop looks for what came meanwhile */
}

static void handle_shutdown(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	port_log("%s: vCPU %u: %s at %#llx", v->vm->config->name, v->index, exit->reason,
	         (unsigned long long)vcpu_pc(v->vcpu));
	vm_ask(v->vm, VM_REQUEST_RESTART, exit->reason);
}

static void handle_reset(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	(void)exit;
	vm_ask(v->vm, VM_REQUEST_RESET, "by the guest");
}

static void handle_power_off(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	(void)exit;
	vm_ask(v->vm, VM_REQUEST_STOP, "powered off by the guest");
}

static void handle_error(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	log_error("%s: vCPU %u: %s at %#llx", v->vm->config->name, v->index, exit->reason,
	          (unsigned long long)vcpu_pc(v->vcpu));
	vm_ask(v->vm, VM_REQUEST_STOP, exit->reason);
}

/* Starting and stopping vCPUs. */

static void handle_cpu_start(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vcpu_finish_call(
	    v->vcpu, vm_start_vcpu(v->vm, exit->cpu.target, exit->cpu.entry, exit->cpu.argument));
}

static void handle_cpu_stop(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	(void)exit;
	vm_stop_vcpu(v);
}

static void handle_cpu_state(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vcpu_finish_call(v->vcpu, vm_vcpu_state(v->vm, exit->cpu.target));
}

static void handle_ipi(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	board_ipi(v, exit->ipi);
}

static void (*const handlers[EXIT_KINDS])(struct vm_vcpu *, struct vcpu_exit *) = {
    [EXIT_HOST] = handle_host,           [EXIT_MMIO] = handle_mmio,
    [EXIT_PORT] = handle_port,           [EXIT_IDLE] = handle_idle,
    [EXIT_SHUTDOWN] = handle_shutdown,   [EXIT_RESET] = handle_reset,
    [EXIT_POWER_OFF] = handle_power_off, [EXIT_ERROR] = handle_error,
    [EXIT_CPU_START] = handle_cpu_start, [EXIT_CPU_STOP] = handle_cpu_stop,
    [EXIT_CPU_STATE] = handle_cpu_state, [EXIT_IPI] = handle_ipi,
    [EXIT_PAGE] = handle_page,
};

void exit_handle(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	v->exits[exit->kind]++;
	handlers[exit->kind](v, exit);
}
