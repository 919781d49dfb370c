/* SPDX-License-Identifier: BSD-2-Clause */
/* Message-signalled interrupts: by the ITS of a GICv3, or by the GICv2m frames beside a GICv2. */
#pragma once

#include <arch/irq.h>

#include "arch/aarch64/description.h"

#define MESSAGE_LPIS 1024 /* LPIs that the host uses at most */

void message_init(const struct host_description *host); /* boot CPU, once */

/*
 * A new message of message->requester, to a CPU: fills its address and data, and *intid, the
 * interrupt that it becomes. ERR_NO_MEMORY: no more of them; ERR_UNSUPPORTED: neither ITS nor
 * frame.
 */
int message_alloc(unsigned cpu, struct irq_message *message, uint32_t *intid);
