/* SPDX-License-Identifier: BSD-2-Clause */
/* Host drivers: each ends in a back-end. The table of drivers is in drivers.c. Boot CPU only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "hv/net/net.h"

/* Find the host's PCI devices and start their drivers. Devices without a driver are named at debug
 * level. A driver that fails costs its device only, with one line that names it. */
void drivers_start(void);

struct host_nic *drivers_nic(void); /* first NIC, NULL if none */
/* Host disks come with the storage issue; first light only identifies them (capacity in the log).
 */

/* The first serial port, interrupt driven. received is called from serial_poll. */
void serial_start(void (*received)(const uint8_t *data, size_t size));
/* Queue text for output; never blocks: what does not fit is dropped and counted. Any CPU. */
void serial_write(const char *text, size_t size);
/* Move bytes both ways; boot CPU's loop. */
void serial_poll(void);
size_t serial_room(void); /* bytes that serial_write() takes now */
/* Send all that is queued, polled, as far as the line takes it within two seconds. Any CPU. */
void serial_drain(void);
