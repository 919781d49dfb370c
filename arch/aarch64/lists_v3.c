/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3: system registers ICH_*, IHI 0069 12.4. */
#include "arch/aarch64/lists.h"

#define VMCR_VFIQEN   (1u << 3)
#define PRE_BITS(vtr) ((unsigned)((vtr) >> 26 & 7) + 1) /* bits of preemption priority */
#define SRE_ON        7u                                /* SRE, and no bypass */
#define SRE_ENABLE    8u                                /* EL1 reaches ICC_SRE_EL1 */

static unsigned apr_words; /* of each group */

static unsigned enable(void)
{
	sysreg_write(ICC_SRE_EL2, sysreg_read(ICC_SRE_EL2) | SRE_ON | SRE_ENABLE);
	isb();
	sysreg_write(ICC_SRE_EL1, SRE_ON);
	sysreg_write(ICC_SRE_EL2, sysreg_read(ICC_SRE_EL2) & ~(uint64_t)SRE_ENABLE);
	isb();
	uint64_t vtr = sysreg_read(ICH_VTR_EL2);
	apr_words = PRE_BITS(vtr) > 5 ? 1u << (PRE_BITS(vtr) - 5) : 1;
	sysreg_write(ICH_HCR_EL2, 0);
	return LIST_REGISTERS(vtr);
}

#define EACH_LR(X)                                                                                 \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

static void write_lr(unsigned n, uint64_t lr)
{
	switch (n) {
#define CASE(n)                                                                                    \
	case n:                                                                                    \
		sysreg_write(ICH_LR##n##_EL2, lr);                                                 \
		break;
		EACH_LR(CASE)
#undef CASE
	default:
		break;
	}
}

static uint64_t read_lr(unsigned n, uint64_t lr)
{
	switch (n) {
#define CASE(n)                                                                                    \
	case n:                                                                                    \
		return sysreg_read(ICH_LR##n##_EL2);
		EACH_LR(CASE)
#undef CASE
	default:
		return lr;
	}
}

static void set_control(uint64_t hcr)
{
	sysreg_write(ICH_HCR_EL2, hcr);
	isb();
}

static uint64_t control(void)
{
	return sysreg_read(ICH_HCR_EL2);
}

#define EACH_APR(X) X(0) X(1) X(2) X(3)

static void save(struct list_state *state)
{
	state->vmcr = sysreg_read(ICH_VMCR_EL2);
#define SAVE(n)                                                                                    \
	if (n < apr_words) {                                                                       \
		state->apr[0][n] = sysreg_read(ICH_AP0R##n##_EL2);                                 \
		state->apr[1][n] = sysreg_read(ICH_AP1R##n##_EL2);                                 \
	}
	EACH_APR(SAVE)
#undef SAVE
}

static void load(const struct list_state *state)
{
	sysreg_write(ICH_VMCR_EL2, state->vmcr | VMCR_VFIQEN);
#define LOAD(n)                                                                                    \
	if (n < apr_words) {                                                                       \
		sysreg_write(ICH_AP0R##n##_EL2, state->apr[0][n]);                                 \
		sysreg_write(ICH_AP1R##n##_EL2, state->apr[1][n]);                                 \
	}
	EACH_APR(LOAD)
#undef LOAD
}

const struct list_ops lists_v3 = {
    .enable = enable,
    .write = write_lr,
    .read = read_lr,
    .set_control = set_control,
    .control = control,
    .save = save,
    .load = load,
};
