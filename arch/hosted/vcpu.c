/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs whose exits come from a script. */
#include <arch/vcpu.h>

#include <stdlib.h>

#include <arch/cpu.h>
#include <arch/irq_list.h>
#include <arch/irq_vector.h>

#include "arch/hosted/hosted.h"

struct vcpu *hosted_vcpu;
unsigned hosted_gic_version = 3;
uint64_t hosted_gicv = HOSTED_GICV;
void (*hosted_vcpu_run)(struct vcpu *vcpu, struct vcpu_exit *exit);

int cpu_virt_enable(void)
{
	return 0;
}

struct vcpu *vcpu_create(struct stage2 *s2, unsigned index)
{
	struct vcpu *vcpu = hosted_allocation_fails() ? NULL : calloc(1, sizeof(*vcpu));
	if (!vcpu)
		return NULL;
	hosted_memory.objects++;
	vcpu->s2 = s2;
	vcpu->index = index;
	vcpu->cpu = -1;
	vcpu->offered = vcpu->taken = -1;
	vcpu->irq_enabled = true;
	vcpu->timer_deadline = UINT64_MAX;
	vcpu->list.count = HOSTED_LIST_REGISTERS;
	vcpu->run = hosted_vcpu_run;
	hosted_vcpu = vcpu;
	return vcpu;
}

static void check_cpu(const struct vcpu *vcpu)
{
	CHECK(vcpu->cpu == -1 || vcpu->cpu == (int)hosted_cpu.id);
}

void vcpu_destroy(struct vcpu *vcpu)
{
	check_cpu(vcpu);
	if (vcpu == hosted_vcpu)
		hosted_vcpu = NULL;
	hosted_memory.objects--;
	free(vcpu);
}

void vcpu_reset(struct vcpu *vcpu)
{
	check_cpu(vcpu);
	vcpu->offered = vcpu->taken = -1;
	vcpu->task_priority = 0;
	vcpu->timer_deadline = UINT64_MAX;
	vcpu->timer_fired = false;
	vcpu->list = (struct irq_list){.count = HOSTED_LIST_REGISTERS};
	vcpu->resets++;
}

void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	vcpu->entry = entry;
	vcpu->argument = argument;
}

void vcpu_set_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	check_cpu(vcpu);
	vcpu->start_entry = entry;
	vcpu->start_argument = argument;
}

void hosted_script(struct vcpu *vcpu, const struct vcpu_exit *script, size_t steps)
{
	vcpu->script = script;
	vcpu->steps = steps;
	vcpu->next = 0;
}

void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	check_cpu(vcpu);
	vcpu->cpu = (int)hosted_cpu.id;
	vcpu->runs++;
	if (vcpu->irq_enabled && vcpu->offered >= 0) {
		vcpu->taken = vcpu->offered;
		vcpu->offered = -1;
	}
	if (vcpu->next < vcpu->steps)
		*exit = vcpu->script[vcpu->next++];
	else if (vcpu->run)
		vcpu->run(vcpu, exit);
	else
		*exit = (struct vcpu_exit){.kind = EXIT_SHUTDOWN, .reason = "SCRIPT_END"};
}

void vcpu_leave_cpu(struct vcpu *vcpu)
{
	check_cpu(vcpu);
	vcpu->cpu = -1;
}

void vcpu_finish_access(struct vcpu *vcpu, uint64_t value)
{
	check_cpu(vcpu);
	if (vcpu->finished_count < HOSTED_STEPS)
		vcpu->finished[vcpu->finished_count++] = value;
}

void vcpu_refuse_access(struct vcpu *vcpu)
{
	vcpu->refused++;
	vcpu_finish_access(vcpu, ~0ull);
}

void vcpu_finish_call(struct vcpu *vcpu, int result)
{
	check_cpu(vcpu);
	vcpu->call_result = result;
}

uint64_t vcpu_timer_deadline(const struct vcpu *vcpu)
{
	check_cpu(vcpu);
	return vcpu->timer_deadline;
}

bool vcpu_timer_fired(struct vcpu *vcpu)
{
	bool fired = vcpu->timer_fired;
	vcpu->timer_fired = false;
	return fired;
}

void vcpu_timer_release(struct vcpu *vcpu)
{
	vcpu->timer_releases++;
}

unsigned vcpu_timer_irq(void)
{
	return 27;
}

struct irq_list *vcpu_irq_list(struct vcpu *vcpu)
{
	return &vcpu->list;
}

unsigned irq_list_gic_version(void)
{
	return hosted_gic_version;
}

uint64_t irq_list_cpu_interface(void)
{
	return hosted_gic_version == 2 ? hosted_gicv : 0;
}

void vcpu_offer_irq(struct vcpu *vcpu, int vector)
{
	check_cpu(vcpu);
	vcpu->offered = vector;
}

int vcpu_irq_taken(struct vcpu *vcpu)
{
	int taken = vcpu->taken;
	vcpu->taken = -1;
	return taken;
}

bool vcpu_irq_enabled(const struct vcpu *vcpu)
{
	check_cpu(vcpu);
	return vcpu->irq_enabled;
}

void vcpu_inject_nmi(struct vcpu *vcpu)
{
	check_cpu(vcpu);
	vcpu->nmis++;
}

unsigned vcpu_task_priority(const struct vcpu *vcpu)
{
	return vcpu->task_priority;
}

void vcpu_set_task_priority(struct vcpu *vcpu, unsigned priority)
{
	vcpu->task_priority = priority;
}

void vcpu_set_time_offset(struct vcpu *vcpu, uint64_t cycles)
{
	vcpu->time_offset = cycles;
}

enum vcpu_counter vcpu_counter(void)
{
	return VCPU_COUNTER_X86_TSC;
}

uint64_t vcpu_counter_at(const struct vcpu *vcpu, uint64_t cycles)
{
	return cycles + vcpu->time_offset;
}

size_t vcpu_stats(const struct vcpu *vcpu, struct vcpu_stat *stats, size_t max)
{
	if (!vcpu->runs || max < 1)
		return 0;
	stats[0] = (struct vcpu_stat){.name = "script", .count = vcpu->runs};
	return 1;
}

unsigned vcpu_page_sizes(void)
{
	return 4096 | 65536;
}

uint64_t vcpu_pc(const struct vcpu *vcpu)
{
	return vcpu->entry + vcpu->next;
}
