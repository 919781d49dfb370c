/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/sysreg_table.h"

#define READ  1u
#define WRITE 2u
#define BOTH  (READ | WRITE)

#define ANY_CRM SYSREG_KEY(0, 0, 0, 15, 0)

static const struct {
	uint32_t key, any; /* bits of the key that do not matter */
	enum sysreg_kind kind;
	unsigned rights;
	bool gicv3; /* only with its system registers */
} table[] = {
    {SYSREG_KEY(3, 0, 12, 11, 5), 0, SYSREG_SGI1R, WRITE, true},
    {SYSREG_KEY(3, 0, 12, 11, 6), 0, SYSREG_ZERO, WRITE, true}, /* ICC_ASGI1R: no other world */
    {SYSREG_KEY(3, 0, 12, 11, 7), 0, SYSREG_ZERO, WRITE, true}, /* ICC_SGI0R */
    {SYSREG_KEY(3, 0, 12, 12, 5), 0, SYSREG_ICC_SRE, BOTH, true},
    {SYSREG_KEY(3, 0, 0, 0, 6), 0, SYSREG_ZERO, READ, false}, /* REVIDR */
    {SYSREG_KEY(3, 1, 0, 0, 7), 0, SYSREG_ZERO, READ, false}, /* AIDR */
    {SYSREG_KEY(3, 0, 1, 0, 1), 0, SYSREG_ZERO, BOTH, false}, /* ACTLR */
    {SYSREG_KEY(3, 3, 14, 0, 1), 0, SYSREG_COUNTER, READ, false},
    /*
     * Cache maintenance by set and way is for one CPU's own caches at power down; what a guest can
     * mean by it is done by address.
     */
    {SYSREG_KEY(1, 0, 7, 6, 2), 0, SYSREG_ZERO, WRITE, false},
    {SYSREG_KEY(1, 0, 7, 10, 2), 0, SYSREG_ZERO, WRITE, false},
    {SYSREG_KEY(1, 0, 7, 14, 2), 0, SYSREG_ZERO, WRITE, false},
    /* Debug registers: no breakpoint is ever hit, no debugger ever comes. */
    {SYSREG_KEY(2, 0, 0, 2, 2), 0, SYSREG_MDSCR, BOTH, false},
    {SYSREG_KEY(2, 0, 0, 0, 4), ANY_CRM, SYSREG_ZERO, BOTH, false}, /* DBGBVR<n> */
    {SYSREG_KEY(2, 0, 0, 0, 5), ANY_CRM, SYSREG_ZERO, BOTH, false}, /* DBGBCR<n> */
    {SYSREG_KEY(2, 0, 0, 0, 6), ANY_CRM, SYSREG_ZERO, BOTH, false}, /* DBGWVR<n> */
    {SYSREG_KEY(2, 0, 0, 0, 7), ANY_CRM, SYSREG_ZERO, BOTH, false}, /* DBGWCR<n> */
    {SYSREG_KEY(2, 0, 0, 0, 2), 0, SYSREG_ZERO, BOTH, false},       /* OSDTRRX */
    {SYSREG_KEY(2, 0, 0, 2, 0), 0, SYSREG_ZERO, BOTH, false},       /* MDCCINT */
    {SYSREG_KEY(2, 0, 0, 3, 2), 0, SYSREG_ZERO, BOTH, false},       /* OSDTRTX */
    {SYSREG_KEY(2, 0, 0, 6, 2), 0, SYSREG_ZERO, BOTH, false},       /* OSECCR */
    {SYSREG_KEY(2, 0, 1, 0, 0), 0, SYSREG_ZERO, READ, false},       /* MDRAR */
    {SYSREG_KEY(2, 0, 1, 0, 4), 0, SYSREG_ZERO, WRITE, false},      /* OSLAR */
    {SYSREG_KEY(2, 0, 1, 1, 4), 0, SYSREG_OSLSR, READ, false},
    {SYSREG_KEY(2, 0, 1, 3, 4), 0, SYSREG_ZERO, BOTH, false},  /* OSDLR */
    {SYSREG_KEY(2, 0, 1, 4, 4), 0, SYSREG_ZERO, BOTH, false},  /* DBGPRCR */
    {SYSREG_KEY(2, 0, 7, 8, 6), 0, SYSREG_ZERO, BOTH, false},  /* DBGCLAIMSET */
    {SYSREG_KEY(2, 0, 7, 9, 6), 0, SYSREG_ZERO, BOTH, false},  /* DBGCLAIMCLR */
    {SYSREG_KEY(2, 0, 7, 14, 6), 0, SYSREG_ZERO, READ, false}, /* DBGAUTHSTATUS */
    {SYSREG_KEY(2, 3, 0, 1, 0), 0, SYSREG_ZERO, READ, false},  /* MDCCSR */
    {SYSREG_KEY(2, 3, 0, 4, 0), 0, SYSREG_ZERO, BOTH, false},  /* DBGDTR */
    {SYSREG_KEY(2, 3, 0, 5, 0), 0, SYSREG_ZERO, BOTH, false},  /* DBGDTRRX, DBGDTRTX */
};

/* The identification registers of CRm 1 to 7, those that are not given out included. */
static bool is_id(uint32_t key)
{
	return (key & ~(ANY_CRM | 7)) == SYSREG_KEY(3, 0, 0, 0, 0) && SYSREG_CRM(key) >= 1 &&
	       SYSREG_CRM(key) <= 7;
}

enum sysreg_kind sysreg_kind(uint32_t key, bool write, bool gicv3)
{
	if (is_id(key))
		return write ? SYSREG_UNDEFINED : SYSREG_ID;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if ((key & ~table[i].any) != table[i].key)
			continue;
		if (!(table[i].rights & (write ? WRITE : READ)) || (table[i].gicv3 && !gicv3))
			return SYSREG_UNDEFINED;
		return table[i].kind;
	}
	return SYSREG_UNDEFINED;
}
