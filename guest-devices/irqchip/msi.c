/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/irqchip/msi.h"

#define ADDRESS_BASE    0xfee00000u
#define ADDRESS_MASK    0xfff00000u
#define ADDRESS_LOGICAL (1u << 2)
#define ADDRESS_HINT    (1u << 3) /* redirection: one of those meant */
#define DATA_LEVEL      (1u << 15)
#define DATA_ASSERT     (1u << 14)
#define VECTOR_MIN      16

bool msi_decode(uint64_t address, uint32_t data, struct lapic_message *message)
{
	if (address >> 32 || ((uint32_t)address & ADDRESS_MASK) != ADDRESS_BASE)
		return false;
	*message = (struct lapic_message){
	    .destination = (uint8_t)(address >> 12),
	    .logical = address & ADDRESS_LOGICAL,
	    .mode = (uint8_t)(data >> 8 & 7),
	    .vector = (uint8_t)data,
	};
	if (message->mode == LAPIC_NMI)
		return true;
	if (message->mode != LAPIC_FIXED && message->mode != LAPIC_LOWEST)
		return false;
	if ((address & ADDRESS_LOGICAL) && (address & ADDRESS_HINT))
		message->mode = LAPIC_LOWEST;
	return message->vector >= VECTOR_MIN;
}

static void send(void *context, uint64_t address, uint32_t data)
{
	struct msi_receiver *receiver = context;
	struct lapic_message message;

	/* A level message that is de-asserted means nothing: edges only. */
	if ((data & DATA_LEVEL) && !(data & DATA_ASSERT))
		receiver->dropped++;
	else if (!msi_decode(address, data, &message) || !lapic_deliver(receiver->group, &message))
		receiver->dropped++;
}

struct msi_target msi_receiver_target(struct msi_receiver *receiver)
{
	return (struct msi_target){send, receiver};
}
