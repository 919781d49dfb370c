/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Arm host's ACPI tables, whole and damaged. The random damage was shown to find planted
 * mistakes: a node of IORT believed longer than the table, a mapping count believed as it stands.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include <arch/err.h>

#include "arch/aarch64/description.h"
#include "arch/common/acpi.h"
#include "arch/hosted/hosted.h"
#include "tests/lib/fake_acpi.h"

#define MADT 0x1000
#define GTDT 0x2000
#define SPCR 0x3000
#define FADT 0x4000
#define MCFG 0x5000
#define IORT 0x6000

static struct host_description host;

static void put_into(uint8_t *entry, unsigned at, unsigned size, uint64_t value)
{
	memcpy(entry + at, &value, size);
}

static void add_gicc(uint32_t flags, uint64_t mpidr)
{
	uint8_t entry[80] = {11, 80};

	put_into(entry, 12, 4, flags);
	put_into(entry, 32, 8, 0x08010000);
	put_into(entry, 40, 8, 0x08040000);
	put_into(entry, 48, 8, 0x08030000);
	put_into(entry, 56, 4, 25);
	put_into(entry, 68, 8, mpidr);
	fake_acpi_append(MADT, entry, sizeof(entry));
}

static void add_gicd(uint64_t base, uint8_t version)
{
	uint8_t entry[24] = {12, 24};

	put_into(entry, 8, 8, base);
	entry[20] = version;
	fake_acpi_append(MADT, entry, sizeof(entry));
}

static void add_redistributors(uint64_t base, uint32_t size)
{
	uint8_t entry[16] = {14, 16};

	put_into(entry, 4, 8, base);
	put_into(entry, 12, 4, size);
	fake_acpi_append(MADT, entry, sizeof(entry));
}

static void add_frame(uint64_t base, uint32_t flags, uint16_t count, uint16_t first)
{
	uint8_t entry[24] = {13, 24};

	put_into(entry, 8, 8, base);
	put_into(entry, 16, 4, flags);
	put_into(entry, 20, 2, count);
	put_into(entry, 22, 2, first);
	fake_acpi_append(MADT, entry, sizeof(entry));
}

static void add_its(uint64_t base)
{
	uint8_t entry[20] = {15, 20};

	put_into(entry, 8, 8, base);
	fake_acpi_append(MADT, entry, sizeof(entry));
}

struct mapping {
	uint32_t first, count, output, to;
};

/* Returns the node's offset in the table. */
static uint32_t add_node(uint8_t type, uint16_t size, const struct mapping *mappings,
                         uint32_t count)
{
	uint8_t node[256] = {type};
	uint32_t at = *(uint32_t *)(fake_acpi + IORT + 4);

	put_into(node, 1, 2, size + 20 * count);
	put_into(node, 8, 4, count);
	put_into(node, 12, 4, size);
	for (uint32_t i = 0; i < count; i++) {
		put_into(node, size + 20 * i, 4, mappings[i].first);
		put_into(node, size + 20 * i + 4, 4, mappings[i].count - 1);
		put_into(node, size + 20 * i + 8, 4, mappings[i].output);
		put_into(node, size + 20 * i + 12, 4, mappings[i].to);
	}
	fake_acpi_append(IORT, node, size + 20 * count);
	fake_acpi_put(IORT + 36, 4, *(uint32_t *)(fake_acpi + IORT + 36) + 1);
	fake_acpi_finish(IORT, *(uint32_t *)(fake_acpi + IORT + 4), 9);
	return at;
}

static void write_small_tables(void)
{
	fake_acpi_put(GTDT + 64, 4, 27);
	fake_acpi_put(GTDT + 72, 4, 26);
	fake_acpi_table(GTDT, "GTDT", 96);
	fake_acpi[SPCR + 36] = 3;
	fake_acpi_put(SPCR + 44, 8, 0x09000000);
	fake_acpi_put(SPCR + 54, 4, 33);
	fake_acpi_table(SPCR, "SPCR", 80);
	fake_acpi_put(FADT + 129, 2, 1);
	fake_acpi_table(FADT, "FACP", 244);
	fake_acpi_put(MCFG + 44, 8, 0x4010000000);
	fake_acpi[MCFG + 55] = 255;
	fake_acpi_table(MCFG, "MCFG", 60);
}

static void write_iort(void)
{
	struct mapping to_its = {0x100, 0x100, 0x2000, 0}, to_smmu = {0, 0x1000, 0, 0};
	uint32_t its, smmu;

	fake_acpi_put(IORT + 40, 4, 48);
	fake_acpi_table(IORT, "IORT", 48);
	its = add_node(0, 24, NULL, 0);
	to_its.to = its;
	smmu = add_node(4, 68, &to_its, 1);
	to_smmu.to = smmu;
	add_node(2, 36, &to_smmu, 1);
}

static void setup(void)
{
	hosted_reset();
	fake_acpi_start();
	fake_acpi_table(MADT, "APIC", 44);
	add_gicc(1, 0);
	add_gicc(1, 1);
	add_gicd(0x08000000, 3);
	add_redistributors(0x080a0000, 0xf60000);
	add_its(0x08080000);
	write_small_tables();
	write_iort();
	for (uint64_t table = MADT; table <= IORT; table += 0x1000)
		fake_acpi_list(table);
}

TestSuite(arm_acpi, .init = setup, .fini = fake_acpi_end, .timeout = 60);

Test(arm_acpi, whole_tables_with_gicv3)
{
	cr_assert_eq(acpi_host_read(&host, FAKE_RSDP), 0);
	cr_assert_str_eq(host.source, "ACPI");
	cr_assert_eq(host.cpu_count, 2);
	cr_assert_eq(host.mpidrs[1], 1);
	cr_assert_eq(host.gic_version, 3);
	cr_assert_eq(host.gicd, 0x08000000);
	cr_assert_eq(host.gicr_count, 1);
	cr_assert_eq(host.gicr[0].base, 0x080a0000);
	cr_assert_eq(host.gicr[0].size, 0xf60000);
	cr_assert_eq(host.its_count, 1);
	cr_assert_eq(host.its[0], 0x08080000);
	cr_assert_eq(host.maintenance_irq, 25);
	cr_assert_eq(host.virtual_timer_irq, 27);
	cr_assert_eq(host.hyp_timer_irq, 26);
	cr_assert_eq(host.psci, PSCI_SMC);
	cr_assert_eq(host.serial.kind, HOST_SERIAL_PL011);
	cr_assert_eq(host.serial.base, 0x09000000);
	cr_assert_eq(host.serial.line, 33);
	cr_assert_eq(host.ecam_base, 0x4010000000);
	cr_assert_eq(host.ecam_buses, 256);
}

Test(arm_acpi, gicv2_with_message_frames)
{
	fake_acpi_table(MADT, "APIC", 44);
	add_gicc(1, 0);
	add_gicd(0x08000000, 2);
	add_frame(0x08020000, 1, 64, 80);
	add_frame(0x08030000, 0, 64, 80);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.gic_version, 2);
	cr_assert_eq(host.gicc, 0x08010000);
	cr_assert_eq(host.gich, 0x08030000);
	cr_assert_eq(host.gicv, 0x08040000);
	cr_assert_eq(host.v2m_count, 2);
	cr_assert_eq(host.v2m[0].first, 80);
	cr_assert_eq(host.v2m[0].count, 64);
	cr_assert_eq(host.v2m[1].count, 0, "the frame itself is to be asked");
}

Test(arm_acpi, a_gic_that_does_not_tell_its_version)
{
	fake_acpi_table(MADT, "APIC", 44);
	add_gicc(1, 0);
	add_gicd(0x08000000, 0);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.gic_version, 2);
	add_redistributors(0x080a0000, 0x20000);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.gic_version, 3);
}

Test(arm_acpi, gicv4_is_used_as_gicv3)
{
	fake_acpi_table(MADT, "APIC", 44);
	add_gicc(1, 0);
	add_gicd(0x08000000, 4);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.gic_version, 3);
}

Test(arm_acpi, CP_001_disabled_cpus_do_not_count)
{
	add_gicc(0, 2);
	add_gicc(8, 3); /* can be switched on */
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.cpu_count, 3);
	cr_assert_eq(host.mpidrs[2], 3);
}

Test(arm_acpi, CP_002_a_cpu_listed_twice_counts_once)
{
	add_gicc(1, 1);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.cpu_count, 2);
}

Test(arm_acpi, more_of_everything_than_we_have_room_for)
{
	for (unsigned i = 2; i < CPU_MAX + 5; i++)
		add_gicc(1, i);
	for (unsigned i = 0; i < 40; i++) {
		add_redistributors(0x20000000 + 0x20000 * i, 0x20000);
		add_its(0x30000000);
		add_frame(0x40000000, 0, 0, 0);
	}
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.cpu_count, CPU_MAX);
	cr_assert_eq(host.cpus_left_out, 5);
	cr_assert_eq(host.gicr_count, HOST_GICR_RANGES);
	cr_assert_eq(host.its_count, HOST_ITS_MAX);
	cr_assert_eq(host.v2m_count, HOST_V2M_MAX);
}

Test(arm_acpi, an_entry_shorter_than_its_type_is_none)
{
	fake_acpi_table(MADT, "APIC", 44);
	for (uint8_t type = 11; type <= 15; type++)
		fake_acpi_append(MADT, (uint8_t[]){type, 8, 0, 0, 1, 1, 1, 1}, 8);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.cpu_count, 0);
	cr_assert_eq(host.gic_version, 0);
	cr_assert_eq(host.gicr_count + host.its_count + host.v2m_count, 0);
}

Test(arm_acpi, psci_and_its_conduit)
{
	fake_acpi_put(FADT + 129, 2, 3);
	fake_acpi_table(FADT, "FACP", 244);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.psci, PSCI_HVC);
	fake_acpi_put(FADT + 129, 2, 2);
	fake_acpi_table(FADT, "FACP", 244);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.psci, PSCI_NONE);
}

Test(arm_acpi, a_serial_port_of_another_kind)
{
	fake_acpi[SPCR + 36] = 0x12;
	fake_acpi_table(SPCR, "SPCR", 80);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.serial.kind, HOST_SERIAL_NONE);
	fake_acpi[SPCR + 36] = 0x0e;
	fake_acpi[SPCR + 40] = 1; /* port space */
	fake_acpi_table(SPCR, "SPCR", 80);
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.serial.kind, HOST_SERIAL_NONE);
}

Test(arm_acpi, requester_ids_go_through_an_smmu_to_the_its)
{
	acpi_host_read(&host, FAKE_RSDP);
	cr_assert_eq(host.msi_map_count, 1);
	cr_assert_eq(host.msi_maps[0].first, 0x100);
	cr_assert_eq(host.msi_maps[0].count, 0x100);
	cr_assert_eq(host.msi_maps[0].device, 0x2000);
}

Test(arm_acpi, an_smmu_that_leads_to_itself)
{
	uint32_t smmu = 48 + 24;
	struct mapping round = {0, 0x10000, 0, smmu};

	fake_acpi_put(IORT + 36, 4, 0);
	fake_acpi_table(IORT, "IORT", 48);
	add_node(0, 24, NULL, 0);
	cr_assert_eq(add_node(3, 60, &round, 1), smmu);
	add_node(2, 36, &round, 1);
	cr_assert_eq(acpi_host_read(&host, FAKE_RSDP), 0);
	cr_assert_eq(host.msi_map_count, 0);
}

Test(arm_acpi, no_root_pointer)
{
	cr_assert_eq(acpi_host_read(&host, 0), ERR_NOT_FOUND);
	fake_acpi[FAKE_RSDP]++;
	cr_assert_eq(acpi_host_read(&host, FAKE_RSDP), ERR_NOT_FOUND);
	cr_assert_eq(host.cpu_count, 0);
}

/* Nothing but the sanitizers and the bounds to satisfy: any byte may be anything. */
Test(arm_acpi, random_damage_with_right_checksums)
{
	uint8_t *whole = malloc(FAKE_ACPI_SIZE);

	memcpy(whole, fake_acpi, FAKE_ACPI_SIZE);
	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		fake_acpi_damage(whole, 0x1000 * (1 + (unsigned)rand() % 6));
		acpi_host_read(&host, FAKE_RSDP);
		fake_acpi_drop_views();
		cr_assert_leq(host.cpu_count, CPU_MAX);
		cr_assert_leq(host.gic_version, 3);
		cr_assert_leq(host.msi_map_count, HOST_MSI_MAPS);
		cr_assert_leq(host.ecam_buses, 256);
	}
	free(whole);
}
