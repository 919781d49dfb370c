/* SPDX-License-Identifier: BSD-2-Clause */
/* What this machine has for guests, and EL2's registers that are the same for all of them. */
#include <arch/err.h>
#include <arch/log.h>

#include "arch/aarch64/gic.h"
#include "arch/aarch64/pure/exception.h"
#include "arch/aarch64/pure/id_regs.h"
#include "arch/aarch64/pure/stage2_format.h"
#include "arch/aarch64/stage2.h"
#include "arch/aarch64/vcpu.h"

/* All that is not known here is trapped: Arm ARM D19.2.48. */
#define GUEST_HCR                                                                                  \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_IS |         \
	 HCR_TWI | HCR_TID1 | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_RW |       \
	 HCR_TLOR | HCR_TERR | HCR_TID5)
#define HCR_TID5 (1ul << 58)

/* CPTR_EL2: floating point is the guest's; SVE, SME, trace and activity monitors are nobody's. */
#define CPTR_VHE_FPEN (3ul << 20)
#define CPTR_VHE_TTA  (1ul << 28)
#define CPTR_TAM      (1ul << 30)
#define CPTR_RES1     0x22fful
#define CPTR_TZ       (1ul << 8)
#define CPTR_TSM      (1ul << 12)
#define CPTR_TTA      (1ul << 20)

/* MDCR_EL2: debug registers, counters, profiling and trace trap or are nobody's. */
#define MDCR_HPMN(n) ((uint64_t)(n))
#define MDCR_TPMCR   (1ul << 5)
#define MDCR_TPM     (1ul << 6)
#define MDCR_TDA     (1ul << 9)
#define MDCR_TDOSA   (1ul << 10)
#define MDCR_TDRA    (1ul << 11)
#define MDCR_TPMS    (1ul << 14)
#define MDCR_HPMD    (1ul << 17)
#define MDCR_TTRF    (1ul << 19)

#define ID_DFR0_PMUVER 8
#define ID_PFR1_SSBS   4
#define PMCR_N(pmcr)   ((pmcr) >> 11 & 31)
#define PARANGE_40     2u

#define HCRX_EL2    S3_4_C1_C2_2
#define HFGRTR_EL2  S3_4_C1_C1_4
#define HFGWTR_EL2  S3_4_C1_C1_5
#define HFGITR_EL2  S3_4_C1_C1_6
#define HDFGRTR_EL2 S3_4_C3_C1_4
#define HDFGWTR_EL2 S3_4_C3_C1_5
#define MPAM2_EL2   S3_4_C10_C5_0
#define MPAM_TRAPS  (3ul << 48)

struct guest_machine guest_machine;

/* Each of the identification registers, of which the assembler does not know all by name. */
#define ID_ROW(crm)                                                                                \
	{                                                                                          \
		sysreg_read(S3_0_C0_C##crm##_0), sysreg_read(S3_0_C0_C##crm##_1),                  \
		    sysreg_read(S3_0_C0_C##crm##_2), sysreg_read(S3_0_C0_C##crm##_3),              \
		    sysreg_read(S3_0_C0_C##crm##_4), sysreg_read(S3_0_C0_C##crm##_5),              \
		    sysreg_read(S3_0_C0_C##crm##_6), sysreg_read(S3_0_C0_C##crm##_7)               \
	}

static void read_ids(struct guest_machine *machine, const struct id_features *has)
{
	const uint64_t host[8][8] = {{0},       ID_ROW(1), ID_ROW(2), ID_ROW(3),
	                             ID_ROW(4), ID_ROW(5), ID_ROW(6), ID_ROW(7)};
	for (unsigned crm = 1; crm < 8; crm++)
		for (unsigned op2 = 0; op2 < 8; op2++)
			machine->id[crm][op2] = id_reg_guest(crm, op2, host[crm][op2], has);
}

static void find_features(struct guest_machine *machine)
{
	uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1), mmfr1 = sysreg_read(id_aa64mmfr1_el1);
	unsigned parange = id_field(mmfr0, ID_MMFR0_PARANGE);
	machine->pauth = host_pauth;
	machine->pan = id_field(mmfr1, ID_MMFR1_PAN);
	machine->ssbs = id_field(sysreg_read(id_aa64pfr1_el1), ID_PFR1_SSBS);
	machine->fwb = id_field(sysreg_read(id_aa64mmfr2_el1), ID_MMFR2_FWB);
	machine->midr = sysreg_read(midr_el1);
	machine->hcr = host_hcr | GUEST_HCR | (machine->pauth ? HCR_API | HCR_APK : 0) |
	               (machine->fwb ? HCR_FWB : 0);
	stage2_format_make(&machine->format, stage2_pa_bits(parange), machine->fwb);
	machine->format.invalidate = stage2_invalidate;
	machine->vtcr = stage2_vtcr(&machine->format, parange);
	struct id_features has = {.pauth = machine->pauth,
	                          .gicv3 = gic_version() >= 3,
	                          .pa_parange = parange < PARANGE_40 ? parange : PARANGE_40};
	read_ids(machine, &has);
}

static uint64_t debug_control(void)
{
	unsigned pmu = id_field(sysreg_read(id_aa64dfr0_el1), ID_DFR0_PMUVER);
	uint64_t counters = pmu && pmu != 15 ? PMCR_N(sysreg_read(pmcr_el0)) : 0;
	return MDCR_HPMN(counters) | MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA |
	       MDCR_TPMS | MDCR_TTRF | (pmu > 1 && pmu != 15 ? MDCR_HPMD : 0);
}

/* Registers that only newer CPUs have: what they enable stays off, no finer traps than ours. */
static void close_extensions(void)
{
	uint64_t mmfr0 = sysreg_read(id_aa64mmfr0_el1), mmfr1 = sysreg_read(id_aa64mmfr1_el1);
	if (id_field(mmfr1, ID_MMFR1_HCX))
		sysreg_write(HCRX_EL2, 0);
	if (id_field(mmfr0, ID_MMFR0_FGT)) {
		sysreg_write(HFGRTR_EL2, 0);
		sysreg_write(HFGWTR_EL2, 0);
		sysreg_write(HFGITR_EL2, 0);
		sysreg_write(HDFGRTR_EL2, 0);
		sysreg_write(HDFGWTR_EL2, 0);
	}
	if (id_field(sysreg_read(id_aa64pfr0_el1), ID_PFR0_MPAM))
		sysreg_write(MPAM2_EL2, MPAM_TRAPS);
}

/* CPTR_EL2 has another layout with E2H = 1; CNTHCTL_EL2 too, but there zero traps all in both. */
static void close_el2(void)
{
	sysreg_write(cptr_el2, host_vhe ? CPTR_VHE_FPEN | CPTR_VHE_TTA | CPTR_TAM
	                                : CPTR_RES1 | CPTR_TZ | CPTR_TSM | CPTR_TTA | CPTR_TAM);
	sysreg_write(mdcr_el2, debug_control());
	sysreg_write(hstr_el2, 0);
	sysreg_write(cnthctl_el2, 0);
	sysreg_write(vpidr_el2, guest_machine.midr);
	sysreg_write(vtcr_el2, guest_machine.vtcr);
	close_extensions();
	isb();
}

/* Each CPU has to be able to do what the first one can: guests see one kind of CPU. */
static bool same_kind(void)
{
	uint64_t mmfr2 = sysreg_read(id_aa64mmfr2_el1);
	return !guest_machine.fwb || id_field(mmfr2, ID_MMFR2_FWB);
}

int cpu_virt_enable(void)
{
	bool first = !guest_machine.hcr;
	if (first)
		find_features(&guest_machine);
	if (!same_kind()) {
		log_error("CPU %u cannot do what the boot CPU can; it runs no guests", cpu_id());
		return ERR_UNSUPPORTED;
	}
	close_el2();
	stage2_enable();
	int err = lists_enable();
	if (!err)
		err = vcpu_timer_enable();
	if (!err && first)
		log_info("virtualisation: Arm EL2%s, %u-bit guest addresses%s%s",
		         host_vhe ? " with VHE" : "", guest_machine.format.address_bits,
		         guest_machine.fwb ? ", forced write-back" : "",
		         guest_machine.pauth ? ", pointer authentication" : "");
	return err;
}
