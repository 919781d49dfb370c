/* SPDX-License-Identifier: BSD-2-Clause */
/* Message-signalled interrupts of PCI functions: a write to FEExxxxx is a message to the local
 * APICs (SDM vol. 3, 11.11; no remapping). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest-devices/irq.h"
#include "guest-devices/irqchip/lapic.h"

/* The message that (address, data) stands for; false: malformed (outside FEExxxxx, a reserved
 * delivery mode, ExtINT, SMI, INIT or STARTUP, an illegal vector). */
bool msi_decode(uint64_t address, uint32_t data, struct lapic_message *message);

struct msi_receiver {
	struct lapic_group *group;
	uint64_t dropped; /* malformed, or nobody took them */
};

struct msi_target msi_receiver_target(struct msi_receiver *receiver);
