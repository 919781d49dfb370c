/* SPDX-License-Identifier: BSD-2-Clause */
/* From the configuration's text to the end of the last guest. */
#include <string.h>

#include "tests/unit/virt_board/fixture.h"

TestSuite(virt_start, .init = fixture_reset);

Test(virt_start, ends_when_the_last_guest_has_powered_off)
{
	hosted_vcpu_run = power_off;
	cr_assert_eq(run(ALPHA BETA), STOP_POWER_OFF);
	cr_assert(hosted_log_has("2 of 2 guests started"));
	cr_assert(hosted_log_has("alpha: stopped: powered off by the guest"));
	cr_assert(hosted_log_has("beta: stopped: powered off by the guest"));
}

static void look_at_entry(struct vcpu *vcpu)
{
	cr_assert_eq(vcpu->entry, VIRT_RAM);
	cr_assert_gt(vcpu->argument, VIRT_RAM);
	cr_assert_lt(vcpu->argument, VIRT_RAM + (32u << 20));
}

Test(virt_start, the_kernel_starts_at_its_image_with_the_tree)
{
	static guest_step *const steps[] = {look_at_entry};

	cr_assert_eq(RUN_STEPS(ALPHA, steps), STOP_POWER_OFF);
}

Test(virt_start, a_kernel_that_is_not_one_costs_its_guest_only)
{
	static uint8_t wrong[4096];

	memcpy(wrong, kernel, sizeof(wrong));
	wrong[24] |= 1;
	add_file("big", wrong, sizeof(wrong));
	hosted_vcpu_run = power_off;
	cr_assert_eq(run(ALPHA "[vm beta]\nmemory = 32M\nkernel = big\n"), STOP_POWER_OFF);
	cr_assert(hosted_log_has("vireo.ini:6: [vm beta] kernel: big is a big-endian kernel"));
	cr_assert(hosted_log_has("1 of 2 guests started"));
	cr_assert(hosted_log_has("alpha: stopped: powered off by the guest"));
}

Test(virt_start, a_missing_file_costs_its_guest_only)
{
	hosted_vcpu_run = power_off;
	cr_assert_eq(run("[vm alpha]\nmemory = 32M\nkernel = Image\ninitrd = nothing\n" BETA),
	             STOP_POWER_OFF);
	cr_assert(hosted_log_has("vireo.ini:4: [vm alpha] initrd: nothing is not on the EFI"));
	cr_assert(hosted_log_has("1 of 2 guests started"));
	cr_assert(hosted_log_has("beta: stopped: powered off by the guest"));
}

Test(virt_start, an_initrd_that_does_not_fit_is_named)
{
	static uint8_t initrd[32u << 20];

	add_file("large", initrd, sizeof(initrd));
	hosted_vcpu_run = power_off;
	cr_assert_eq(run("[vm alpha]\nmemory = 32M\nkernel = Image\ninitrd = large\n" BETA),
	             STOP_POWER_OFF);
	cr_assert(hosted_log_has("vireo.ini:4: [vm alpha] initrd: large does not fit"));
}

Test(virt_start, gic_v2_has_room_for_eight_cpus)
{
	hosted_gic_version = 2;
	hosted_vcpu_run = power_off;
	cr_assert_eq(run("[vm alpha]\nmemory = 32M\nkernel = Image\ncpus = 9\n" BETA),
	             STOP_POWER_OFF);
	cr_assert(hosted_log_has("[vm alpha] cpus: 9 are too many"));
	cr_assert(hosted_log_has("1 of 2 guests started"));
	cr_assert(hosted_log_has("beta: stopped: powered off by the guest"));
}

Test(virt_start, a_gic_v2_that_cannot_be_shown_to_guests_is_named)
{
	static const uint64_t places[] = {0, HOSTED_GICV + 0x200};

	for (unsigned i = 0; i < 2; i++) {
		fixture_reset();
		hosted_gic_version = 2;
		hosted_gicv = places[i];
		run("[hypervisor]\non-last-exit = poweroff\n" ALPHA);
		cr_assert(
		    hosted_log_has("alpha: the virtual CPU interface of the machine's GICv2"));
		cr_assert(hosted_log_has("0 of 1 guests started"));
	}
}

static const uint8_t firmware[5000] = {0x12, 0x34, [4999] = 0x56};
#define FIRMWARE "[vm alpha]\nmemory = 32M\nballoon = yes\nfirmware = flash\n"

static void look_at_firmware(struct vcpu *vcpu)
{
	const struct guest_mem *mem = &vms[0].mem;
	uint8_t rom[8192], tree[4];
	uint64_t value;

	cr_assert_eq(vcpu->entry, VIRT_ROM);
	cr_assert_eq(guest_mem_read(mem, VIRT_ROM, rom, sizeof(rom)), 0);
	cr_assert_eq(memcmp(rom, firmware, sizeof(firmware)), 0);
	for (unsigned i = sizeof(firmware); i < sizeof(rom); i++)
		cr_assert_eq(rom[i], 0);
	cr_assert_neq(guest_mem_write(mem, VIRT_ROM, rom, 1), 0);
	cr_assert(guest_write(VIRT_ROM, 4, 0));
	cr_assert(guest_read(VIRT_ROM, 2, &value));
	cr_assert_eq(value, 0x3412);
	cr_assert_eq(guest_mem_read(mem, VIRT_RAM, tree, sizeof(tree)), 0);
	cr_assert_eq(memcmp(tree, "\xd0\x0d\xfe\xed", 4), 0);
}

Test(virt_start, firmware_starts_in_flash_with_the_tree_where_ram_begins)
{
	static guest_step *const steps[] = {look_at_firmware};

	add_file("flash", firmware, sizeof(firmware));
	cr_assert_eq(RUN_STEPS(FIRMWARE, steps), STOP_POWER_OFF);
	cr_assert(hosted_log_has("1 of 1 guests started"));
}

static bool flash_is_mapped(void)
{
	return stage2_lookup(vms[0].stage2, VIRT_FLASH) != ~0ull &&
	       stage2_lookup(vms[0].stage2, VIRT_FLASH + VIRT_FLASH_SIZE - 1) != ~0ull;
}

static void keep_a_variable(struct vcpu *vcpu)
{
	uint64_t value;

	(void)vcpu;
	cr_assert(flash_is_mapped());
	cr_assert(guest_write(VIRT_FLASH + 8, 4, 0x00400040));
	cr_assert(guest_write(VIRT_FLASH + 8, 4, 0x1234));
	cr_assert_not(flash_is_mapped());
	cr_assert(guest_read(VIRT_FLASH + 8, 4, &value));
	cr_assert_eq(value, 0x00800080, "its status");
	cr_assert(guest_write(VIRT_FLASH, 4, 0x00ff00ff));
	cr_assert(flash_is_mapped());
	cr_assert(guest_write(VIRT_FLASH, 4, 0x00900090));
}

static void reset_guest(struct vcpu *vcpu)
{
	(void)vcpu;
	vm_ask(&vms[0], VM_REQUEST_RESET, "test");
}

static void read_the_variable(struct vcpu *vcpu)
{
	uint32_t word = 0;

	(void)vcpu;
	cr_assert_eq(vms[0].resets, 1);
	cr_assert(flash_is_mapped());
	cr_assert_eq(guest_mem_read(&vms[0].mem, VIRT_FLASH + 8, &word, 4), 0);
	cr_assert_eq(word, 0x1234);
}

Test(virt_start, the_flash_is_read_like_memory_and_outlives_a_reset)
{
	static guest_step *const steps[] = {keep_a_variable, reset_guest, read_the_variable};

	add_file("flash", firmware, sizeof(firmware));
	cr_assert_eq(RUN_STEPS(FIRMWARE, steps), STOP_POWER_OFF);
}

/* The flash is memory that is there, but not the balloon's. */
static void give_a_command(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	static unsigned times;

	*exit = (struct vcpu_exit){
	    .kind = EXIT_MMIO,
	    .access = {.address = VIRT_FLASH, .value = 0x00900090, .size = 4, .write = true},
	};
	if (!times++)
		return;
	cr_assert_not(flash_is_mapped());
	power_off(vcpu, exit);
}

Test(virt_start, a_command_reaches_the_flash_of_a_guest_with_a_balloon)
{
	add_file("flash", firmware, sizeof(firmware));
	hosted_vcpu_run = give_a_command;
	cr_assert_eq(run(FIRMWARE), STOP_POWER_OFF);
}

static void refused_firmware(const char *line)
{
	hosted_vcpu_run = power_off;
	cr_assert_eq(run(FIRMWARE BETA), STOP_POWER_OFF);
	cr_assert(hosted_log_has(line));
	cr_assert(hosted_log_has("1 of 2 guests started"));
}

Test(virt_start, missing_firmware_costs_its_guest_only)
{
	refused_firmware("vireo.ini:4: [vm alpha] firmware: flash is not on the EFI");
}

Test(virt_start, firmware_that_does_not_fit_costs_its_guest_only)
{
	static uint8_t large[VIRT_ROM_MAX + 1];

	add_file("flash", large, sizeof(large));
	refused_firmware("vireo.ini:4: [vm alpha] firmware: flash is not from 1 byte to 64 MiB");
}

static unsigned starts;

static void reset_a_few_times(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (++starts <= 3)
		*exit = (struct vcpu_exit){.kind = EXIT_RESET};
	else
		power_off(vcpu, exit);
}

Test(virt_start, resets_by_the_guest)
{
	hosted_vcpu_run = reset_a_few_times;
	cr_assert_eq(run(ALPHA), STOP_POWER_OFF);
	cr_assert_eq(vms[0].resets, 3);
}
