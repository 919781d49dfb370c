/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's pages on their way to the pool and back, behind a balloon, in front of the guest's own
 * devices. Each page that was given back is poisoned: who still touches it ends the test.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <arch/pages.h>

#include "arch/hosted/hosted.h"
#include "guest-devices/virtio/virtio_pci.h"
#include "hv/balloon.h"
#include "hv/console.h"
#include "hv/machine/board.h"
#include "hv/machine/pc/pc.h"
#include "hv/machine/virtio_set.h"
#include "hv/monitor.h"
#include "hv/net/net.h"
#include "hv/sched.h"
#include "hv/vm_pages.h"

enum { PAGE = 4096, AT = 0x400000 }; /* where the test's pages are: nothing is loaded there */

static struct vm vm;
static struct boot_info info;
static struct config config;
static struct balloon *balloon;
static size_t before;
static uint8_t kernel[4096];

static const char text[] = "[vm alpha]\nmemory = 16M\ncpus = 2\nkernel = vmlinuz\n"
                           "disk = ram:64K\nscsi = ram:64K\nballoon = yes\n";

static void report(void *context, const char *line)
{
	(void)context;
	cr_assert_fail("%s", line);
}

/* The least that passes for a bzImage. */
static void make_kernel(void)
{
	static const uint8_t header[] = {0x55, 0xaa, 0x66, 0, 'H', 'd', 'r', 'S', 15, 2};

	kernel[0x1f1] = 1;
	memcpy(kernel + 0x1fe, header, sizeof(header));
	kernel[0x211] = 1;
	memset(kernel + 0x22c, 0x7f, 4);
	kernel[0x239] = 7;
	strcpy(info.files[0].name, "vmlinuz");
	info.files[0].data = kernel;
	info.files[0].size = sizeof(kernel);
	info.file_count = 1;
}

static void setup(void)
{
	hosted_reset();
	make_kernel();
	config_parse(&config, "vireo.ini", text, strlen(text), report, NULL);
	console_start(monitor_command);
	net_start(NULL, &config.uplink);
	vms = &vm;
	vm_count = 1;
	before = pages_free_count();
	vm_create(&vm, &config.vms[0], &info, 0, 0);
	cr_assert_eq(vm.state, VM_RUNNING);
	balloon = virtio_set_balloon(vm.virtio);
	cr_assert_not_null(balloon);
}

TestSuite(vm_pages, .init = setup, .timeout = 60);

static bool away(uint64_t address)
{
	return stage2_lookup(vm.stage2, address) == ~0ull;
}

static bool release(uint64_t address)
{
	return balloon->backend.release(&balloon->backend, &address, 1);
}

static bool restore(uint64_t address)
{
	return balloon->backend.restore(&balloon->backend, &address, 1);
}

Test(vm_pages, a_page_goes_to_the_pool_and_comes_back_zeroed)
{
	size_t pages = pages_free_count();
	uint8_t byte = 0x55;

	guest_mem_write(&vm.mem, AT, &byte, 1);
	cr_assert(release(AT));
	cr_expect(away(AT) && !away(AT - PAGE) && !away(AT + PAGE));
	cr_expect_eq(pages_free_count(), pages + 1);
	cr_expect_eq(vm.pages_missing, 1);
	cr_assert(restore(AT));
	cr_expect_eq(pages_free_count(), pages);
	cr_expect_eq(vm.pages_missing, 0);
	guest_mem_read(&vm.mem, AT, &byte, 1);
	cr_expect_eq(byte, 0);
	guest_mem_write(&vm.mem, AT, "x", 1);
	cr_expect_eq(*(uint8_t *)(uintptr_t)stage2_lookup(vm.stage2, AT), 'x');
}

Test(vm_pages, MM_014_who_has_the_page_next_finds_zeroes)
{
	static uint8_t full[PAGE], empty[PAGE];
	uint8_t *host = (uint8_t *)(uintptr_t)stage2_lookup(vm.stage2, AT), *next;

	memset(full, 0x55, sizeof(full));
	guest_mem_write(&vm.mem, AT, full, sizeof(full));
	cr_assert_eq(host[PAGE - 1], 0x55);
	cr_assert(release(AT));
	next = pages_alloc_at(host);
	cr_assert_eq(next, host);
	cr_expect_arr_eq(next, empty, sizeof(empty));
	pages_free(next, 1);
}

Test(vm_pages, BL_002_what_is_no_ram_is_ignored)
{
	static const uint64_t odd[] = {PC_HIGH_RAM, 0xfee00000, 0xb0000000, 16 << 20,
	                               UINT64_MAX << 12};
	size_t pages = pages_free_count();

	cr_expect(balloon->backend.release(&balloon->backend, odd, 5));
	cr_expect(balloon->backend.restore(&balloon->backend, odd, 5));
	cr_expect_eq(pages_free_count(), pages);
}

Test(vm_pages, BL_004_twice_is_once)
{
	uint64_t both[2] = {AT, AT};
	size_t pages = pages_free_count();

	cr_assert(restore(AT));
	cr_assert(balloon->backend.release(&balloon->backend, both, 2));
	cr_assert(release(AT));
	cr_expect_eq(pages_free_count(), pages + 1);
	cr_assert(balloon->backend.restore(&balloon->backend, both, 2));
	cr_expect_eq(pages_free_count(), pages);
}

/* A device that reads or writes a missing page finds a new one. */
Test(vm_pages, devices_bring_pages_back)
{
	uint8_t bytes[3 * PAGE];

	memset(bytes, 1, sizeof(bytes));
	guest_mem_write(&vm.mem, AT, bytes, sizeof(bytes));
	release(AT + PAGE);
	cr_assert_eq(guest_mem_read(&vm.mem, AT, bytes, sizeof(bytes)), 0);
	cr_expect(bytes[PAGE - 1] == 1 && bytes[PAGE] == 0 && bytes[2 * PAGE - 1] == 0 &&
	          bytes[2 * PAGE] == 1);
	cr_expect(!away(AT + PAGE));
}

/* The place was taken meanwhile: the page is elsewhere, and the range still reads as one. */
Test(vm_pages, a_page_may_come_back_elsewhere)
{
	uint8_t bytes[2 * PAGE] = {0};
	uint64_t run, place = stage2_lookup(vm.stage2, AT + PAGE);
	void *taken;

	release(AT + PAGE);
	taken = pages_alloc_at((void *)(uintptr_t)place);
	cr_assert_eq((uintptr_t)taken, place);
	memset(taken, 0x77, PAGE);
	memset(bytes, 2, sizeof(bytes));
	cr_assert_eq(guest_mem_write(&vm.mem, AT + PAGE / 2, bytes, sizeof(bytes)), 0);
	cr_assert_not_null(guest_mem_reach(&vm.mem, AT, true, 2 * PAGE, &run));
	cr_expect_eq(run, PAGE);
	cr_expect_eq(*(uint8_t *)(uintptr_t)stage2_lookup(vm.stage2, AT + PAGE), 2);
	cr_expect_eq(*(uint8_t *)taken, 0x77, "it belongs to somebody else");
	pages_free(taken, 1);
}

static void run_exit(struct vcpu_exit exit)
{
	vm_lock(&vm);
	exit_handle(&vm.vcpus[0], &exit);
	vm_unlock(&vm);
}

Test(vm_pages, a_vcpu_brings_a_page_back)
{
	release(AT);
	run_exit((struct vcpu_exit){.kind = EXIT_PAGE, .access.address = AT + 123});
	cr_expect(!away(AT));
	cr_expect_eq(hosted_vcpu->finished_count, 0, "the access is repeated");
	run_exit((struct vcpu_exit){.kind = EXIT_PAGE, .access.address = AT + 123});
	cr_expect_eq(vm.request, VM_REQUEST_NONE);
}

/* An instruction that is emulated because its other end is a device. */
Test(vm_pages, emulated_accesses_bring_pages_back)
{
	uint32_t word = 0;

	release(AT);
	run_exit((struct vcpu_exit){
	    .kind = EXIT_MMIO,
	    .access = {.address = AT + 4, .value = 0x12345678, .size = 4, .write = true}});
	guest_mem_read(&vm.mem, AT + 4, &word, 4);
	cr_expect_eq(word, 0x12345678);
}

Test(vm_pages, BL_012_an_empty_pool_stops_that_guest_alone)
{
	release(AT);
	release(AT + PAGE);
	hosted_memory.fail_at = 1;
	run_exit((struct vcpu_exit){.kind = EXIT_PAGE, .access.address = AT});
	cr_expect_eq(vm.request, VM_REQUEST_STOP);
	cr_expect(hosted_log_has("alpha: it wants memory back that it gave away"));
	cr_expect(away(AT));
	hosted_memory.fail_at = 1;
	cr_expect(!restore(AT + PAGE), "the driver waits");
}

static struct virtio_device *disk(void)
{
	struct pci_function *function = vm.board->pci.slots[2];

	return ((struct virtio_pci *)((char *)function - offsetof(struct virtio_pci, function)))
	    ->device;
}

/* BL-005 */
Test(vm_pages, BL_005_not_while_a_device_is_at_work)
{
	virtio_hold(disk());
	cr_expect(!release(AT));
	cr_expect(!away(AT));
	virtio_release(disk());
	cr_expect(release(AT));
}

Test(vm_pages, rings_stay)
{
	struct virtqueue *vq = &disk()->queues[0];

	vq->desc = AT;
	vq->driver = AT + 2 * PAGE;
	vq->device = AT + 4 * PAGE - 2;
	vq->size = 256;
	cr_assert_eq(vq_enable(vq), VQ_ALIGN);
	vq->device = AT + 4 * PAGE - 8;
	cr_assert_eq(vq_enable(vq), VQ_OK);
	for (unsigned i = 0; i < 6; i++)
		cr_assert(release(AT + i * PAGE));
	for (unsigned i = 0; i < 6; i++)
		cr_expect_eq(away(AT + i * PAGE), i == 1 || i == 5, "page %u", i);
	vq_reset(vq);
}

/* BL-006, MM-004: another vCPU that runs has left before the page is free. */
static unsigned kicked_when_inside;

static void other_leaves(void)
{
	kicked_when_inside += vm.vcpus[1].inside;
	vm.vcpus[1].inside = false;
}

Test(vm_pages, BL_006_waits_for_other_vcpus)
{
	vm.vcpus[1].inside = true;
	hosted_cpu.kick = other_leaves;
	cr_assert(release(AT));
	cr_expect_eq(kicked_when_inside, 1);
	cr_expect(hosted_cpu.kicked[vm.vcpus[1].cpu]);
	cr_assert(release(AT + PAGE));
	cr_expect_eq(kicked_when_inside, 1);
}

Test(vm_pages, nothing_is_lost_over_resets_and_at_the_end)
{
	for (unsigned i = 0; i < 100; i++)
		release(AT + 3 * i * PAGE);
	vm_ask(&vm, VM_REQUEST_RESET, "test");
	vm_serve_request(&vm);
	cr_expect_eq(vm.state, VM_RUNNING);
	for (unsigned i = 0; i < 50; i++)
		restore(AT + 3 * i * PAGE);
	vm_ask(&vm, VM_REQUEST_STOP, "test");
	vm_serve_request(&vm);
	cr_assert_eq(vm_destroy(&vm), 0);
	cr_expect_eq(pages_free_count(), before);
}

/* Buffers whose pages lie apart are not cut into more pieces than a chain can have. */
Test(vm_pages, disks_ask_for_buffers_of_a_page)
{
	uint8_t size_max[4];

	virtio_config_read(disk(), 8, size_max, 4);
	cr_expect(memcmp(size_max, "\0\x10\0\0", 4) == 0);
}

Test(vm_pages, a_size_beyond_the_guests_memory_is_refused)
{
	cr_expect(!balloon_resize(balloon, 17 << 20));
	cr_expect(balloon_resize(balloon, 12 << 20));
	cr_expect_eq(virtio_balloon_target(&balloon->device), 1024);
}

Test(vm_pages, disks_get_another_size)
{
	uint8_t sectors[8];
	size_t pages = pages_free_count();

	monitor_command("resize alpha blk0 128K");
	virtio_config_read(disk(), 0, sectors, 8);
	cr_expect(sectors[0] == 0 && sectors[1] == 1);
	cr_expect_eq(pages_free_count(), pages - 16);
	monitor_command("resize alpha scsi0 32K");
	cr_expect_eq(pages_free_count(), pages - 8);
	monitor_command("resize alpha blk1 1M");
	monitor_command("resize alpha scsi1 1M");
	monitor_command("resize alpha blk0 1K5");
	monitor_command("resize alpha blk0 1G");
	cr_expect_eq(pages_free_count(), pages - 8);
}
