/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's drivers; none yet. */
#include "hv/drivers/drivers.h"

void drivers_start(void)
{
}

struct host_nic *drivers_nic(void)
{
	return NULL;
}
