/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/registers.h"

#include <arch/time.h>
#include <string.h>

#include "arch/aarch64/host.h"
#include "arch/aarch64/image.h"

/* CPTR_EL2 that traps floating point and what grew out of it, in its two layouts. */
#define CPTR_ALL     0x37fful
#define CPTR_ALL_VHE 0ul
#define PAN_ON       (1ul << 22)

/* A function that changes the key, or whether there is signing, and returns. */
#define UNSIGNED __attribute__((target("branch-protection=none")))

bool host_vhe, host_pauth;
uint64_t host_hcr;

void arch_start_boot_cpu(void (*main)(struct boot_info *info), const struct boot_info *info)
    __attribute__((visibility("hidden")));

static bool has_pauth(void)
{
	uint64_t isar1 = sysreg_read(id_aa64isar1_el1);

	return id_field(isar1, ID_ISAR1_APA) || id_field(isar1, ID_ISAR1_API) ||
	       id_field(sysreg_read(ID_AA64ISAR2_EL1), ID_ISAR2_APA3);
}

static UNSIGNED void load_common(void)
{
	sysreg_write(vbar_el2, (uint64_t)trap_vectors);
	if (host_pauth) {
		sysreg_write(APIAKEYLO_EL1, cpu_by_id(0)->pauth_key[0]);
		sysreg_write(APIAKEYHI_EL1, cpu_by_id(0)->pauth_key[1]);
	}
	isb();
}

/* Firmware's random bytes, stirred so that they cannot be told from the key. */
static uint64_t make_key(const struct boot_info *info, uint64_t sum)
{
	for (unsigned i = 0; i < info->entropy_size; i++)
		sum = (sum ^ info->entropy[i]) * 0x100000001b3;
	return sum;
}

static void choose_key(const struct boot_info *info)
{
	uint64_t *key = cpu_by_id(0)->pauth_key;

	if (cpu_random(key, 16) == 16)
		return;
	key[0] = make_key(info, time_cycles());
	key[1] = make_key(info, ~key[0]);
}

/* Still in firmware's translation, on our stack; entry.S calls it. */
UNSIGNED void arch_start_boot_cpu(void (*main)(struct boot_info *info),
                                  const struct boot_info *info)
{
	struct host_cpu *cpu = cpu_by_id(0);

	(void)main;
	host_vhe = id_field(sysreg_read(id_aa64mmfr1_el1), ID_MMFR1_VH) > 0;
	host_pauth = has_pauth();
	host_hcr = HCR_RW | HCR_SWIO | HCR_IMO | HCR_FMO | HCR_AMO | (host_vhe ? HCR_E2H : 0);
	cpu->panic_stack_top = (uintptr_t)boot_panic_stack_top;
	cpu->mpidr = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
	sysreg_write(tpidr_el2, (uint64_t)cpu);
	choose_key(info);
	load_common();
	if (host_pauth)
		sysreg_write(sctlr_el2, sysreg_read(sctlr_el2) | SCTLR_ENIA);
	isb();
}

UNSIGNED void registers_init(void)
{
	struct host_cpu *cpu = this_cpu();

	memcpy(cpu->pauth_key, cpu_by_id(0)->pauth_key, sizeof(cpu->pauth_key));
	load_common();
	sysreg_write(cptr_el2, host_vhe ? CPTR_ALL_VHE : CPTR_ALL);
	if (host_vhe && id_field(sysreg_read(id_aa64mmfr1_el1), ID_MMFR1_PAN))
		sysreg_write(SYSREG_PAN, PAN_ON);
	isb();
}
