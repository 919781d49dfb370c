/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the local APIC share: registers in lapic.c, the timer, the group. */
#pragma once

#include "guest-devices/irqchip/lapic.h"

enum lapic_lvt { LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR };

#define LVT_MASKED         (1u << 16)
#define LVT_PERIODIC       (1u << 17)
#define SVR_ENABLE         (1u << 8)
#define ESR_SEND_VECTOR    (1u << 5)
#define ESR_RECEIVE_VECTOR (1u << 6)
#define ESR_REGISTER       (1u << 7)
#define LAPIC_VECTOR_MIN   16 /* vectors below are illegal for interrupts */

/* Note an error; raises the error interrupt if its LVT entry allows. */
void lapic_error(struct lapic *lapic, uint32_t bit);
/* Vector -> requested. false: switched off, or an illegal vector. */
bool lapic_request(struct lapic *lapic, uint8_t vector, bool level);
/* Priority class and subclass the processor works at. */
uint8_t lapic_priority(const struct lapic *lapic);
/* EOI: the highest one in service is finished. */
void lapic_end_of_interrupt(struct lapic *lapic);
void lapic_reset_registers(struct lapic *lapic, bool virtual_wire);

/* Handler of the register page. */
void lapic_access(void *lapic, struct bus_access *access);

/* Send what the ICR says. */
void lapic_send_ipi(struct lapic *lapic);

void lapic_timer_init(struct lapic *lapic);
void lapic_timer_set_initial(struct lapic *lapic, uint32_t count);
void lapic_timer_set_divide(struct lapic *lapic, uint32_t divide);
/* The timer's LVT entry changes to value. */
void lapic_timer_set_lvt(struct lapic *lapic, uint32_t value);
uint32_t lapic_timer_current(const struct lapic *lapic);
