/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/stage2_format.h"

#define BITS_MAX 40u

/* Descriptors: Arm ARM D8.3.1 and D8.3.2. */
#define DESC_TABLE     3u
#define DESC_PAGE      3u
#define DESC_BLOCK     1u
#define DESC_NOT_BLOCK (1u << 1)
#define MEMATTR(attr)  ((uint64_t)(attr) << 2)
#define S2AP_READ      (1u << 6)
#define S2AP_WRITE     (1u << 7)
#define SH_INNER       (3u << 8)
#define DESC_AF        (1u << 10)
#define XN_ALL         (2ull << 53) /* at EL1 and EL0 */
#define NORMAL_WB      0xfu
#define NORMAL_WB_FWB  0x6u
#define DEVICE_NGNRE   0x1u

/* VTCR_EL2 */
#define VTCR_SL0_1    (1u << 6) /* start at level 1 */
#define VTCR_IRGN0_WB (1u << 8)
#define VTCR_ORGN0_WB (1u << 10)
#define VTCR_SH0_IS   (3u << 12)
#define VTCR_PS       16
#define VTCR_RES1     (1u << 31)
#define PARANGE_48    5u

unsigned stage2_pa_bits(unsigned parange)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48};
	return parange < sizeof(bits) ? bits[parange] : 48;
}

void stage2_format_make(struct nested_format *format, unsigned pa_bits, bool fwb)
{
	*format = (struct nested_format){
	    .table = DESC_TABLE,
	    .leaf = DESC_AF | S2AP_READ,
	    .small = DESC_PAGE,
	    .large = DESC_BLOCK,
	    .kind = DESC_NOT_BLOCK,
	    .kind_large = 0,
	    .write = S2AP_WRITE,
	    .no_exec = XN_ALL,
	    .memory = MEMATTR(fwb ? NORMAL_WB_FWB : NORMAL_WB) | SH_INNER,
	    .device = MEMATTR(DEVICE_NGNRE),
	    .leaf_levels = 3,
	    .top = 2,
	    .address_bits = pa_bits < BITS_MAX ? pa_bits : BITS_MAX,
	};
}

uint64_t stage2_vtcr(const struct nested_format *format, unsigned parange)
{
	uint64_t ps = parange < PARANGE_48 ? parange : PARANGE_48;
	return VTCR_RES1 | ps << VTCR_PS | VTCR_SH0_IS | VTCR_ORGN0_WB | VTCR_IRGN0_WB |
	       VTCR_SL0_1 | (64 - format->address_bits);
}
