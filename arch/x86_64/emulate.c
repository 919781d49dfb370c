/* SPDX-License-Identifier: BSD-2-Clause */
/* Device accesses of instructions with one memory operand, and of IN and OUT. */
#include "arch/x86_64/emulate.h"

#include "arch/x86_64/emulate_string.h"
#include "arch/x86_64/vcpu.h"

bool emulate_refuse(struct vcpu_exit *exit)
{
	exit->kind = EXIT_ERROR;
	exit->reason = "UNEMULATED";
	return false;
}

bool emulate_ask(struct vcpu_exit *exit, bool port, uint64_t address, unsigned size)
{
	exit->kind = port ? EXIT_PORT : EXIT_MMIO;
	exit->access.address = address;
	exit->access.size = (uint8_t)size;
	exit->access.write = false;
	exit->access.value = 0;
	return false;
}

static bool tell(const struct emulation *e, struct vcpu_exit *exit, unsigned size)
{
	emulate_ask(exit, e->to_port, e->target, size);
	exit->access.write = true;
	exit->access.value = e->value & insn_mask(size);
	return false;
}

static bool mmio(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	struct emulation *e = &vcpu->emulation;
	if (PAGE_SIZE - (x86->fault.gpa & (PAGE_SIZE - 1)) < e->insn.size)
		return emulate_refuse(exit);
	e->to_port = false;
	e->target = x86->fault.gpa;
	if (insn_reads(&e->insn)) {
		e->phase = EMULATE_READ;
		return emulate_ask(exit, false, e->target, e->insn.size);
	}
	e->phase = EMULATE_WRITE;
	e->value = insn_write_value(&e->insn, &vcpu->regs);
	e->write_out = true;
	return tell(e, exit, e->insn.size);
}

/* The access is repeated, an event that was being delivered too. */
static bool missing(uint64_t gpa, struct vcpu_exit *exit)
{
	exit->kind = EXIT_PAGE;
	exit->access.address = gpa;
	return false;
}

bool emulate_mmio(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	bool not_ram;
	enum nested_state state = nested_state(&vcpu->s2->tables, x86->fault.gpa);
	if (state == NESTED_MISSING)
		return missing(x86->fault.gpa, exit);
	if (state == NESTED_MAPPED)
		return true;
	if (x86->mid_event || x86->fault.table_walk || x86->fault.fetch)
		return emulate_refuse(exit);
	const struct insn *insn = emulate_fetch(vcpu, x86, &not_ram);
	if (!insn)
		return not_ram ? emulate_refuse(exit) : true;
	if (!insn_emulated(insn) || insn->kind == INSN_INS || insn->kind == INSN_OUTS)
		return emulate_refuse(exit);
	vcpu->emulation.insn = *insn;
	if (insn_is_string(insn))
		return emulate_string(vcpu, 0, exit);
	return mmio(vcpu, x86, exit);
}

bool emulate_port(struct vcpu *vcpu, const struct x86_exit *x86, struct vcpu_exit *exit)
{
	struct emulation *e = &vcpu->emulation;
	if (x86->port.string) {
		bool not_ram;
		const struct insn *insn = emulate_fetch(vcpu, x86, &not_ram);
		if (!insn)
			return not_ram ? emulate_refuse(exit) : true;
		if (insn->kind != INSN_INS && insn->kind != INSN_OUTS)
			return emulate_refuse(exit);
		e->insn = *insn;
		return emulate_string(vcpu, x86->port.port, exit);
	}
	e->phase = EMULATE_PORT;
	e->port_in = x86->port.in;
	e->port_size = x86->port.size;
	e->next_rip = x86->next_rip;
	emulate_ask(exit, true, x86->port.port, e->port_size);
	if (!e->port_in) {
		exit->access.write = true;
		exit->access.value = insn_get_reg(&vcpu->regs, REG_RAX, e->port_size, false);
	}
	return false;
}

/* The instruction, or this element of it, is done. */
void emulate_retire(struct vcpu *vcpu)
{
	struct emulation *e = &vcpu->emulation;
	e->phase = EMULATE_NOTHING;
	if (!insn_is_string(&e->insn) || insn_string_advance(&e->insn, &vcpu->regs))
		vcpu_skip(vcpu, &e->insn);
}

static void read_finished(struct vcpu *vcpu, uint64_t value)
{
	struct emulation *e = &vcpu->emulation;
	if (insn_is_string(&e->insn)) {
		emulate_string_read(vcpu, value);
	} else if (insn_read_done(&e->insn, &vcpu->regs, value, &e->value)) {
		e->phase = EMULATE_WRITE;
		e->write_out = false;
	} else {
		emulate_retire(vcpu);
	}
}

void emulate_finish(struct vcpu *vcpu, uint64_t value)
{
	struct emulation *e = &vcpu->emulation;
	switch (e->phase) {
	case EMULATE_NOTHING:
		break;
	case EMULATE_PORT:
		if (e->port_in)
			insn_set_reg(&vcpu->regs, REG_RAX, e->port_size, false, value);
		e->phase = EMULATE_NOTHING;
		vcpu_skip_to(vcpu, e->next_rip);
		break;
	case EMULATE_READ:
		read_finished(vcpu, value);
		break;
	case EMULATE_WRITE:
		if (e->write_out)
			emulate_retire(vcpu);
		break;
	}
}

static __attribute__((noinline)) bool write_next(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct emulation *e = &vcpu->emulation;
	if (!e->to_port && emulate_ram_write(vcpu)) {
		emulate_retire(vcpu);
		return false;
	}
	e->write_out = true;
	tell(e, exit, e->insn.size);
	return true;
}

bool emulate_next(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (vcpu->emulation.phase == EMULATE_WRITE)
		return write_next(vcpu, exit);
	vcpu->emulation.phase = EMULATE_NOTHING;
	return false;
}
