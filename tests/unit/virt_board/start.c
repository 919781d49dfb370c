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

	cr_assert_eq(vcpu->entry, VIRT_ROM);
	cr_assert_eq(guest_mem_read(mem, VIRT_ROM, rom, sizeof(rom)), 0);
	cr_assert_eq(memcmp(rom, firmware, sizeof(firmware)), 0);
	for (unsigned i = sizeof(firmware); i < sizeof(rom); i++)
		cr_assert_eq(rom[i], 0);
	cr_assert_neq(guest_mem_write(mem, VIRT_ROM, rom, 1), 0);
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
