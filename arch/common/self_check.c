/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A watch over the hypervisor's own code and constants: our page tables keep us from writing there,
 * but not firmware's management mode, nor a device.
 */
#include <arch/cpu.h>
#include <arch/pages.h>

#include "arch/common/image.h"
#include "arch/common/self_check.h"

#define PAGES_MAX 512 /* 2 MiB; what is beyond is not watched */
#define CALLS     60  /* for all pages */

static uint64_t sums[PAGES_MAX];
static size_t page_count, next_page;

/* FNV-1a over words: a changed bit always changes it. */
static uint64_t sum_of(size_t page)
{
	const uint64_t *word = (const uint64_t *)(image_text + page * PAGE_SIZE);
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		sum = (sum ^ word[i]) * 0x100000001b3;
	return sum;
}

void self_check_init(void)
{
	page_count = (size_t)(image_data - image_text) / PAGE_SIZE;
	if (page_count > PAGES_MAX)
		page_count = PAGES_MAX;
	for (size_t i = 0; i < page_count; i++)
		sums[i] = sum_of(i);
}

void machine_self_check(void)
{
	for (size_t i = 0; i < (page_count + CALLS - 1) / CALLS; i++) {
		if (sum_of(next_page) != sums[next_page])
			panic("the hypervisor's code at image+%#lx has changed",
			      (uint64_t)(image_text - image_start) + next_page * PAGE_SIZE);
		next_page = (next_page + 1) % page_count;
	}
}
