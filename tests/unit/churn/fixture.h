/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest with every device, made and ended by the test itself: no loop of a CPU runs. */
#pragma once

#include <criterion/criterion.h>

#include "arch/hosted/hosted.h"
#include "hv/config.h"
#include "hv/vm.h"

extern struct vm vm;
extern struct boot_info info;
extern struct vm_config guest;

/* What must be the same before and after. */
struct base_line {
	size_t pages;
	unsigned objects;
};
struct base_line base_line(void);
bool same_base(struct base_line a, struct base_line b);

void churn_setup(void); /* hypervisor started, no guest */
void create(void);      /* vm_create() of the guest */

/* Device in a PCI slot of the guest: console 1, disk 2 and 3, net 4, rng 5, balloon 6, SCSI 7,
 * clock 8, sockets 9, example 10. */
struct virtio_device *device_in(unsigned slot);
