/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU's local interrupt controller, through memory or, where offered, through MSRs. */
#pragma once

#include <stdint.h>

/* Register offsets, APM volume 2, 16.3.2. */
#define APIC_ID        0x020
#define APIC_VERSION   0x030
#define APIC_TPR       0x080
#define APIC_EOI       0x0b0
#define APIC_SVR       0x0f0
#define APIC_ESR       0x280
#define APIC_ICR_LOW   0x300
#define APIC_ICR_HIGH  0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_INITIAL   0x380
#define APIC_CURRENT   0x390
#define APIC_DIVIDE    0x3e0

#define APIC_MASKED           (1u << 16)
#define APIC_TIMER_DEADLINE   (2u << 17)
#define APIC_DELIVERY_NMI     (4u << 8)
#define APIC_DELIVERY_INIT    (5u << 8)
#define APIC_DELIVERY_STARTUP (6u << 8)
#define APIC_LEVEL_ASSERT     (1u << 14)
#define APIC_DELIVERY_PENDING (1u << 12)
#define APIC_TO_OTHERS        (3u << 18)

void apic_init(void);  /* find it; boot CPU, once */
void apic_start(void); /* on each CPU */
uint32_t apic_read(unsigned reg);
void apic_write(unsigned reg, uint32_t value);
uint32_t apic_id(void); /* of this CPU */
/* command: delivery mode, vector and shorthand, as in the low half of ICR. */
void apic_send(uint32_t to, uint32_t command);
