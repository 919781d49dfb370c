/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/host_work.h"

#include <arch/cpu.h>
#include <arch/log.h>
#include <arch/time.h>

#include "hv/console.h"
#include "hv/drivers/drivers.h"
#include "hv/monitor.h"
#include "hv/net/net.h"
#include "hv/vm.h"

#define SELF_CHECK_NS 1000000000ul

/* With the last guest gone there is nothing left to do, unless somebody wants to look round. */
static void end_with_last_guest(void)
{
	static bool told;

	if (!vms_all_done()) {
		told = false;
	} else if (monitor_poweroff_on_last_exit) {
		log_info("no guest is running any more: powering off");
		monitor_power_off();
	} else if (!told) {
		log_info("no guest is running any more; Ctrl-] m is the monitor");
		told = true;
	}
}

/* When it wants to look again. */
static uint64_t watch_own_code(void)
{
	static uint64_t next;

	if (time_ns() >= next) {
		machine_self_check();
		next = time_ns() + SELF_CHECK_NS;
	}
	return next;
}

uint64_t host_work(unsigned cpu)
{
	uint64_t deadline, console, watch;

	if (cpu != 0)
		return UINT64_MAX;
	serial_poll();
	console_poll(); /* what found no room goes on when the serial line's interrupt makes some */
	console = console_deadline();
	deadline = net_poll() ? 0 : net_deadline();
	end_with_last_guest();
	watch = watch_own_code();
	deadline = watch < deadline ? watch : deadline;
	return console < deadline ? console : deadline;
}
