/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/trap.h"

#include <arch/pages.h>

#include "arch/x86_64/apic.h"
#include "arch/x86_64/fixup.h"
#include "arch/x86_64/host.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/irq.h"
#include "arch/x86_64/panic.h"
#include "arch/x86_64/smp.h"

/* Interrupt gate, APM volume 2, 4.8.4. */
struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

#define GATE_INTERRUPT 0x8e /* present, DPL 0 */

static struct gate idt[256] __attribute__((aligned(16)));

static uint8_t ist_of(unsigned vector)
{
	switch (vector) {
	case VECTOR_NMI:
		return IST_NMI;
	case VECTOR_DF:
		return IST_DF;
	case VECTOR_MC:
		return IST_MC;
	case VECTOR_PF: /* so that a stack overflow can still be told */
		return IST_PF;
	default:
		return 0;
	}
}

void trap_init(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t at = (uint64_t)trap_vectors[i];

		idt[i] = (struct gate){
		    .offset_low = (uint16_t)at,
		    .selector = SELECTOR_CODE,
		    .ist = ist_of(i),
		    .type = GATE_INTERRUPT,
		    .offset_middle = (uint16_t)(at >> 16),
		    .offset_high = (uint32_t)(at >> 32),
		};
	}
}

void trap_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(idt) - 1, (uint64_t)idt};

	__asm__ volatile("lidt %0" : : "m"(pointer));
}

/* Nothing is logged here: the NMI may have come while this CPU holds the log's lock. */
static void handle_nmi(void)
{
	if (smp_stopping())
		cpu_halt();
	this_cpu()->nmis++;
	this_cpu()->woken = true;
}

void trap_dispatch(struct trap_frame *frame) __attribute__((visibility("hidden")));
void trap_dispatch(struct trap_frame *frame)
{
	uint64_t resume;

	if (frame->vector >= VECTOR_LEGACY) {
		irq_dispatch((uint8_t)frame->vector);
		return;
	}
	if (frame->vector == VECTOR_NMI) {
		handle_nmi();
		return;
	}
	resume = frame->vector == VECTOR_GP ? fixup_find(frame->rip) : 0;
	if (!resume)
		panic_frame(frame);
	frame->rip = resume;
}
