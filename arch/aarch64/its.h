/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt Translation Service, IHI 0069 chapter 5: a message of a device becomes an LPI of a CPU.
 * One ITS, the first that firmware names, serves all devices. Callers hold message.c's lock.
 */
#pragma once

#include "arch/aarch64/message.h"

/* ERR_UNSUPPORTED: there is none, or none that can be used; ERR_NO_MEMORY. */
int its_init(const struct host_description *host);

/* As message_alloc(). */
int its_alloc(unsigned cpu, struct irq_message *message, uint32_t *intid);
