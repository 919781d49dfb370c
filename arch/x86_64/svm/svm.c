/* SPDX-License-Identifier: BSD-2-Clause */
/* AMD Secure Virtual Machine behind the vendor seam: APM volume 2, chapter 15. */
#include <arch/err.h>
#include <arch/log.h>
#include <string.h>

#include "arch/x86_64/host.h"
#include "arch/x86_64/svm/svm.h"

#define VM_CR_R_INIT (1ul << 1)

struct svm_features svm_features;
static uint64_t host_vmcbs[CPU_MAX];

static const struct nested_format npt_format = {
    .table = 0x27, /* present, writable, user, accessed */
    .leaf = 0x65,  /* present, user, accessed, dirty */
    .large = 1u << 7,
    .kind = 1u << 7,
    .kind_large = 1u << 7,
    .write = 1u << 1,
    .exec = 0,
    .no_exec = 1ull << 63,
    .device = 0x18, /* uncached */
    .leaf_levels = 2,
    .top = 3,
    .address_bits = 48,
};

static int read_features(void)
{
	uint64_t vm_cr;
	if (cpuid(0x80000000, 0).eax < 0x8000000a || !(cpuid(0x80000001, 0).ecx & 1u << 2)) {
		log_error("this CPU has no AMD SVM");
		return ERR_UNSUPPORTED;
	}
	if (!rdmsr_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVMDIS)) {
		log_error("SVM is disabled by the firmware's set-up: enable it there");
		return ERR_UNSUPPORTED;
	}
	struct cpuid_regs svm = cpuid(0x8000000a, 0);
	if (!(svm.edx & 1)) {
		log_error("SVM of this CPU has no nested paging");
		return ERR_UNSUPPORTED;
	}
	svm_features = (struct svm_features){
	    .next_rip = svm.edx & 1u << 3, .decode_assists = svm.edx & 1u << 7, .asids = svm.ebx};
	return svm.ebx > 1 ? svm_permission_init() : ERR_UNSUPPORTED;
}

static int svm_cpu_enable(void)
{
	if (!svm_iopm) {
		int err = read_features();
		if (err)
			return err;
	}
	if (host_vmcbs[cpu_id()])
		return 0;
	uint8_t *pages = pages_alloc(2, PAGE_SIZE);
	if (!pages)
		return ERR_NO_MEMORY;
	uint64_t vm_cr;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	if (!rdmsr_safe(MSR_VM_CR, &vm_cr))
		wrmsr_safe(MSR_VM_CR, vm_cr | VM_CR_R_INIT);
	wrmsr(MSR_VM_HSAVE_PA, (uintptr_t)pages);
	uint64_t host = (uintptr_t)pages + PAGE_SIZE;
	__asm__ volatile("vmsave %0" : : "a"(host) : "memory");
	host_vmcbs[cpu_id()] = host;
	return 0;
}

static int svm_create(struct vcpu *vcpu)
{
	vcpu->svm = pages_alloc(1, PAGE_SIZE);
	if (!vcpu->svm)
		return ERR_NO_MEMORY;
	vcpu->svm->vmcb = pages_alloc(1, PAGE_SIZE);
	return vcpu->svm->vmcb ? 0 : ERR_NO_MEMORY;
}

static void svm_destroy(struct vcpu *vcpu)
{
	if (!vcpu->svm)
		return;
	if (vcpu->svm->vmcb)
		pages_free(vcpu->svm->vmcb, 1);
	pages_free(vcpu->svm, 1);
	vcpu->svm = NULL;
}

static void intercept(struct vmcb *vmcb, unsigned exit_code)
{
	unsigned bit = exit_code - VMEXIT_INTR;
	vmcb->intercept[bit / 32] |= 1u << bit % 32;
}

static void svm_reset(struct vcpu *vcpu)
{
	static const uint8_t codes[] = {
	    VMEXIT_INTR,   VMEXIT_NMI,     VMEXIT_SMI,      VMEXIT_INIT,   VMEXIT_RDPMC,
	    VMEXIT_CPUID,  VMEXIT_RSM,     VMEXIT_INVD,     VMEXIT_HLT,    VMEXIT_INVLPGA,
	    VMEXIT_IOIO,   VMEXIT_MSR,     VMEXIT_SHUTDOWN, VMEXIT_VMRUN,  VMEXIT_VMMCALL,
	    VMEXIT_VMLOAD, VMEXIT_VMSAVE,  VMEXIT_STGI,     VMEXIT_CLGI,   VMEXIT_SKINIT,
	    VMEXIT_WBINVD, VMEXIT_MONITOR, VMEXIT_MWAIT,    VMEXIT_XSETBV, VMEXIT_RDPRU,
	};
	struct svm_vcpu *svm = vcpu->svm;
	struct vmcb *vmcb = svm->vmcb;
	memset(vmcb, 0, sizeof(*vmcb));
	for (unsigned i = 0; i < sizeof(codes); i++)
		intercept(vmcb, codes[i]);
	vmcb->intercept_cr = 1u << 16 | 1u << 20; /* writes of CR0 and CR4 */
	vmcb->intercept_exceptions = 1u << VECTOR_DB | 1u << VECTOR_AC | 1u << VECTOR_MC;
	vmcb->iopm_base_pa = svm_iopm;
	vmcb->msrpm_base_pa = svm_msrpm;
	vmcb->int_ctl = V_INTR_MASKING;
	vmcb->nested_control = NP_ENABLE;
	vmcb->nested_cr3 = (uintptr_t)vcpu->s2->tables.root;
	svm->requested = svm->asid_cpu = -1;
}

/* What this CPU has cached of the VMCB may be older than what another has written since. */
static void svm_arrive(struct vcpu *vcpu)
{
	vcpu->svm->vmcb->clean = 0;
}

static void svm_run(struct vcpu *vcpu, struct x86_exit *exit)
{
	struct vmcb *vmcb = vcpu->svm->vmcb;
	svm_asid_prepare(vcpu);
	svm_prepare_events(vcpu);
	vmcb->rax = vcpu->regs.gpr[REG_RAX];
	vmcb->rsp = vcpu->regs.gpr[REG_RSP];
	vmcb->rip = vcpu->regs.rip;
	vmcb->rflags = vcpu->regs.rflags;
	svm_enter((uintptr_t)vmcb, vcpu->regs.gpr, host_vmcbs[vcpu->cpu]);
	vcpu->regs.gpr[REG_RAX] = vmcb->rax;
	vcpu->regs.gpr[REG_RSP] = vmcb->rsp;
	vcpu->regs.rip = vmcb->rip;
	vcpu->regs.rflags = vmcb->rflags;
	vmcb->clean = CLEAN_ALL;
	svm_finish_events(vcpu);
	svm_read_exit(vcpu, exit);
	if (exit->kind == X86_HOST) { /* let what ended the run be handled */
		if (exit->code == VMEXIT_EXCEPTION + VECTOR_MC)
			__asm__ volatile("int %0" : : "i"(VECTOR_MC) : "memory");
		interrupts_on();
		__asm__ volatile("nop");
		interrupts_off();
	}
}

static bool svm_irq_enabled(const struct vcpu *vcpu)
{
	return (vcpu->regs.rflags & RFLAGS_IF) && !(vcpu->svm->vmcb->interrupt_shadow & 1);
}

static void svm_set_pat(struct vcpu *vcpu, uint64_t pat)
{
	vcpu->svm->vmcb->g_pat = pat;
	vcpu->svm->vmcb->clean &= ~(uint32_t)CLEAN_NP;
}

static void svm_set_tsc_offset(struct vcpu *vcpu, uint64_t offset)
{
	vcpu->svm->vmcb->tsc_offset = offset;
	vcpu->svm->vmcb->clean &= ~(uint32_t)CLEAN_INTERCEPTS;
}

static uint64_t svm_get_cr4(const struct vcpu *vcpu)
{
	return vcpu->svm->vmcb->cr4;
}

static void svm_skip(struct vcpu *vcpu)
{
	vcpu->svm->vmcb->interrupt_shadow &= ~1ull;
}

static void svm_flush(struct vcpu *vcpu)
{
	vcpu->svm->asid_cpu = -1;
}

static unsigned svm_get_tpr(const struct vcpu *vcpu)
{
	return vcpu->svm->vmcb->int_ctl & V_TPR;
}

static void svm_set_tpr(struct vcpu *vcpu, unsigned priority)
{
	struct vmcb *vmcb = vcpu->svm->vmcb;
	if ((vmcb->int_ctl & V_TPR) == priority)
		return;
	vmcb->int_ctl = (vmcb->int_ctl & ~V_TPR) | (priority & V_TPR);
	vmcb->clean &= ~(uint32_t)CLEAN_TPR;
}

const struct hvm_ops svm_ops = {
    .name = "AMD SVM",
    .format = &npt_format,
    .cpu_enable = svm_cpu_enable,
    .create = svm_create,
    .destroy = svm_destroy,
    .reset = svm_reset,
    .arrive = svm_arrive,
    .run = svm_run,
    .get_state = svm_get_state,
    .set_state = svm_set_state,
    .get_paging = svm_get_paging,
    .get_cr4 = svm_get_cr4,
    .set_cr2 = svm_set_cr2,
    .set_pat = svm_set_pat,
    .set_tsc_offset = svm_set_tsc_offset,
    .irq_enabled = svm_irq_enabled,
    .inject = svm_inject,
    .skip = svm_skip,
    .flush = svm_flush,
    .get_tpr = svm_get_tpr,
    .set_tpr = svm_set_tpr,
};
