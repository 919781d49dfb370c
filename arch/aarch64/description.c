/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/description.h"

void host_add_cpu(struct host_description *host, uint64_t mpidr, uint64_t gicr)
{
	for (unsigned i = 0; i < host->cpu_count; i++)
		if (host->mpidrs[i] == mpidr)
			return;
	if (host->cpu_count == CPU_MAX) {
		host->cpus_left_out++;
		return;
	}
	host->mpidrs[host->cpu_count] = mpidr;
	host->cpu_gicr[host->cpu_count++] = gicr;
}
