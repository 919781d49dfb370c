/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers of GICv3 (IHI 0069 12.4) as those of GICv2 (IHI 0048 5.3.8). */
#include <criterion/criterion.h>

#include "arch/aarch64/pure/list_word.h"

#define PENDING (1ull << 62)
#define ACTIVE  (1ull << 63)
#define HW      (1ull << 61)
#define GROUP1  (1ull << 60)

Test(arm_list_word, fields_go_to_their_places)
{
	cr_assert_eq(list_word_v2(0), 0);
	cr_assert_eq(list_word_v2(PENDING | 0xa0ull << 48 | 34), 1u << 28 | 20u << 23 | 34);
	cr_assert_eq(list_word_v2(ACTIVE | GROUP1 | 1019), 2u << 28 | 1u << 30 | 1019);
	cr_assert_eq(list_word_v2(PENDING | HW | 27ull << 32 | 27),
	             1u << 28 | 1u << 31 | 27 << 10 | 27);
	cr_assert_eq(list_word_v2(PENDING | 1ull << 41 | 40), 1u << 28 | 1u << 19 | 40);
	cr_assert_eq(list_word_v2(PENDING | 5u << 10 | 3), 1u << 28 | 5u << 10 | 3);
}

/* With a physical interrupt there is neither an EOI bit nor a source. */
Test(arm_list_word, the_physical_interrupt_stands_alone)
{
	cr_assert_eq(list_word_v2(HW | 0x3ffull << 32 | 0x1fffu), 1u << 31 | 0x3ffu << 10 | 0x3ff);
}

Test(arm_list_word, only_the_state_comes_back)
{
	uint64_t lr = PENDING | GROUP1 | 0x80ull << 48 | 2u << 10 | 9;
	cr_assert_eq(list_word_state(lr, list_word_v2(lr)), lr);
	cr_assert_eq(list_word_state(lr, 2u << 28), (lr & ~PENDING) | ACTIVE);
	cr_assert_eq(list_word_state(lr, 3u << 28), lr | ACTIVE);
	cr_assert_eq(list_word_state(lr, ~0u & ~(3u << 28)), lr & ~PENDING);
}
