/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests come and go. Proven by planted bugs: no net_port_close() in virtio_set_destroy() fails
 * RS_009; no console_port_unplug() in guest_machine_destroy() fails
 * typing_at_a_guest_that_is_gone; no quiesce() in vm_serve_request() fails
 * a_reset_waits_for_the_back_end; no stage2_destroy() fails RS_008 and RS_009.
 */
#include <string.h>

#include <arch/err.h>

#include "guest-devices/virtio/example.h"
#include "guest-devices/virtio/virtio.h"
#include "hv/console.h"
#include "hv/net/stack.h"
#include "tests/unit/churn/fixture.h"

enum { SLOT_DISK = 2, ROUNDS = 50 };

TestSuite(churn, .init = churn_setup, .timeout = 120);

static void expect_nothing_left(struct base_line before)
{
	cr_assert(same_base(base_line(), before));
	cr_assert_eq(vm.state, VM_FAILED);
	cr_assert_null(vm.vcpus[0].timers);
	cr_assert_null(vm.board);
	cr_assert_null(vm.stage2);
	cr_assert_eq(vm.vcpu_count, 0);
	cr_assert(vm.memory.count == 0 && vm.ports.count == 0);
	cr_assert_null(net_stack.ports[0]);
	cr_assert_null(hosted_vcpu);
}

/* The pool runs dry at every allocation in turn: one line that says so, and all pages are back. */
Test(churn, RS_008_create_fails_at_every_allocation)
{
	unsigned k = 0;

	for (;;) {
		struct base_line before = base_line();

		hosted_log[0] = 0;
		hosted_memory.fail_at = ++k;
		create();
		if (hosted_memory.fail_at)
			break;
		expect_nothing_left(before);
		cr_assert(hosted_log_has("alpha: not started: out of memory"), "allocation %u: %s",
		          k, hosted_log);
	}
	hosted_memory.fail_at = 0;
	cr_assert_gt(k, 10, "%u allocations", k);
	cr_assert_eq(vm.state, VM_RUNNING);
}

Test(churn, RS_008_pool_really_empty)
{
	struct base_line before = base_line();

	guest.memory = 1ull << 30;
	create();
	cr_assert(hosted_log_has("vireo.ini:2: [vm alpha] memory: 1024 MiB"));
	expect_nothing_left(before);
}

/* Once a guest runs, nothing that it or the monitor does with it takes a page. */
Test(churn, RS_008_a_running_guest_allocates_nothing)
{
	create();
	hosted_memory.fail_at = 1;
	for (unsigned i = 0; i < 10; i++) {
		vm_ask(&vm, i % 2 ? VM_REQUEST_STOP : VM_REQUEST_RESET, "test");
		vm_serve_request(&vm);
		vm_ask(&vm, VM_REQUEST_RESET, "test");
		vm_serve_request(&vm);
		cr_assert_eq(vm.state, VM_RUNNING);
	}
	cr_assert_eq(hosted_memory.fail_at, 1);
}

static void stop_guest(void)
{
	vm_ask(&vm, VM_REQUEST_STOP, "test");
	vm_serve_request(&vm);
	cr_assert_eq(vm.state, VM_STOPPED);
}

Test(churn, RS_009_create_and_destroy)
{
	struct base_line before = base_line();

	for (unsigned i = 0; i < ROUNDS; i++) {
		create();
		cr_assert_eq(vm.state, VM_RUNNING);
		cr_assert_not_null(net_stack.ports[0]);
		stop_guest();
		cr_assert_eq(vm_destroy(&vm), 0);
		expect_nothing_left(before);
	}
}

Test(churn, RS_009_create_and_fail_for_a_missing_kernel)
{
	struct base_line before = base_line();

	strcpy(guest.kernel, "nothing");
	for (unsigned i = 0; i < ROUNDS; i++) {
		create();
		expect_nothing_left(before);
	}
}

Test(churn, a_guest_has_what_its_section_asks_for)
{
	static const uint16_t types[] = {3, 2, 2, 1, 4, 5, 8, 17, 19, EXAMPLE_DEVICE_TYPE};

	create();
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		cr_expect_eq(device_in(1 + i)->type, types[i], "slot %u", 1 + i);
	cr_assert_str_eq(device_in(10)->name, "alpha example0");
}

static unsigned timers_armed(void)
{
	unsigned count = 0;

	for (struct port_timer *timer = vm.vcpus[0].timers; timer; timer = timer->next)
		count++;
	return count;
}

Test(churn, RS_009_reset_brings_timers_and_ports_to_the_base_line)
{
	struct base_line before;
	unsigned memory, ports, timers;

	create();
	before = base_line();
	memory = vm.memory.count;
	ports = vm.ports.count;
	timers = timers_armed();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct bus_access pit = {.address = 0x40, .size = 1, .value = 1, .write = true};

		vm_lock(&vm);
		bus_dispatch(&vm.ports, &pit); /* it ticks from the second byte on */
		bus_dispatch(&vm.ports, &pit);
		vm_unlock(&vm);
		hosted_time.now_ns += 2000000000;
		vm_ask(&vm, VM_REQUEST_RESET, "test");
		vm_serve_request(&vm);
		cr_assert_eq(vm.state, VM_RUNNING);
		cr_assert(same_base(base_line(), before));
		cr_assert(vm.memory.count == memory && vm.ports.count == ports);
		cr_assert_eq(timers_armed(), timers);
	}
	cr_assert_eq(vm.resets, ROUNDS);
}

Test(churn, a_running_guest_is_not_destroyed)
{
	create();
	cr_assert_eq(vm_destroy(&vm), ERR_BUSY);
	cr_assert_eq(vm.state, VM_RUNNING);
	cr_assert_not_null(vm.board);
}

/* A back-end still writes into the guest's RAM: no byte of it is given away or filled anew. */
Test(churn, a_reset_waits_for_the_back_end)
{
	struct virtio_device *disk;
	uint8_t *ram;

	create();
	disk = device_in(SLOT_DISK);
	ram = vm.mem.slots[0].host;
	virtio_hold(disk);
	memset(ram, 0x5a, 1 << 20);
	vm_ask(&vm, VM_REQUEST_RESET, "test");
	for (unsigned i = 0; i < 3; i++) {
		vm_serve_request(&vm);
		cr_assert_neq(vm.state, VM_RUNNING);
		cr_assert_not(vms_all_done());
		for (unsigned at = 0; at < 1 << 20; at++)
			cr_assert_eq(ram[at], 0x5a);
	}
	cr_assert_eq(vm.resets, 0);
	virtio_release(disk);
	vm_serve_request(&vm);
	cr_assert_eq(vm.state, VM_RUNNING);
	cr_assert_eq(vm.resets, 1);
	cr_assert_eq(vm.request, VM_REQUEST_NONE);
}

Test(churn, destruction_waits_for_the_back_end)
{
	struct base_line before = base_line();
	struct virtio_device *disk;

	create();
	disk = device_in(SLOT_DISK);
	virtio_hold(disk);
	stop_guest();
	cr_assert_eq(vm_destroy(&vm), ERR_BUSY);
	cr_assert_eq(vm.state, VM_STOPPED);
	virtio_release(disk);
	cr_assert_eq(vm_destroy(&vm), 0);
	expect_nothing_left(before);
}

Test(churn, typing_at_a_guest_that_is_gone)
{
	static const uint8_t keys[] = "\x1d"
	                              "1hello\r";

	strcpy(guest.kernel, "nothing");
	create();
	cr_assert_eq(vm.state, VM_FAILED);
	console_input(keys, sizeof(keys) - 1);
	while (console_poll())
		;
	cr_assert_eq(vm.state, VM_FAILED);
}
