/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2: the registers at GICH, IHI 0048 5.3. */
#include <arch/io.h>

#include "arch/aarch64/lists.h"
#include "arch/aarch64/pure/list_word.h"

#define GICH_SIZE 0x1000
#define GICH_HCR  0x000
#define GICH_VTR  0x004
#define GICH_VMCR 0x008
#define GICH_APR  0x0f0
#define GICH_LR   0x100

static uint8_t *gich;

static unsigned enable(void)
{
	if (!gich)
		gich = mmio_map(host_description.gich, GICH_SIZE);
	mmio_write32(gich + GICH_HCR, 0);
	return LIST_REGISTERS(mmio_read32(gich + GICH_VTR));
}

static void write_lr(unsigned n, uint64_t lr)
{
	mmio_write32(gich + GICH_LR + 4 * n, list_word_v2(lr));
}

static uint64_t read_lr(unsigned n, uint64_t lr)
{
	return list_word_state(lr, mmio_read32(gich + GICH_LR + 4 * n));
}

static void set_control(uint64_t hcr)
{
	mmio_write32(gich + GICH_HCR, (uint32_t)hcr);
	dsb();
}

static uint64_t control(void)
{
	return mmio_read32(gich + GICH_HCR);
}

static void save(struct list_state *state)
{
	state->vmcr = mmio_read32(gich + GICH_VMCR);
	state->apr[0][0] = mmio_read32(gich + GICH_APR);
}

static void load(const struct list_state *state)
{
	mmio_write32(gich + GICH_VMCR, (uint32_t)state->vmcr);
	mmio_write32(gich + GICH_APR, (uint32_t)state->apr[0][0]);
}

const struct list_ops lists_v2 = {
    .enable = enable,
    .write = write_lr,
    .read = read_lr,
    .set_control = set_control,
    .control = control,
    .save = save,
    .load = load,
};
