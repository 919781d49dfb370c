/* SPDX-License-Identifier: BSD-2-Clause */
/* The EFI program: collects what the hypervisor needs, leaves firmware for good, hands over. */
#include <efi.h>

#include <arch/cpu.h>
#include <arch/format.h>
#include <arch/time.h>
#include <stdarg.h>
#include <string.h>

#include "boot/boot.h"
#include "boot/map.h"
#include "hv/hv.h"

#define MEMORY_MIN (64ul << 20) /* free RAM below which no guest of any use starts */

EFI_BOOT_SERVICES *boot_services;

static EFI_SYSTEM_TABLE *system_table;
static struct boot_info info;

void say(const char *fmt, ...)
{
	CHAR16 wide[200];
	char text[sizeof(wide) / sizeof(*wide)];
	va_list args;
	size_t i;

	format_text(text, sizeof(text), "vireo| ");
	va_start(args, fmt);
	format_text_va(text + 7, sizeof(text) - 9, fmt, args);
	va_end(args);
	for (i = 0; text[i]; i++)
		wide[i] = (CHAR16)(uint8_t)text[i];
	wide[i++] = '\r';
	wide[i++] = '\n';
	wide[i] = 0;
	system_table->ConOut->OutputString(system_table->ConOut, wide);
}

static void find_image(EFI_HANDLE program)
{
	static EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
	EFI_LOADED_IMAGE *image;

	if (EFI_ERROR(boot_services->HandleProtocol(program, &guid, (void **)&image)))
		return;
	info.image_base = (uint64_t)image->ImageBase;
	info.image_size = image->ImageSize;
}

static void find_tables(void)
{
	static const EFI_GUID acpi2 = ACPI_20_TABLE_GUID, acpi1 = ACPI_TABLE_GUID;
	static const EFI_GUID device_tree = {/* EBBR 2.3.1 */
	                                     0xb1b621d5,
	                                     0xf19c,
	                                     0x41a5,
	                                     {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};

	for (UINTN i = 0; i < system_table->NumberOfTableEntries; i++) {
		const EFI_CONFIGURATION_TABLE *table = &system_table->ConfigurationTable[i];

		if (!memcmp(&table->VendorGuid, &acpi2, sizeof(acpi2)))
			info.rsdp = (uint64_t)table->VendorTable;
		else if (!memcmp(&table->VendorGuid, &acpi1, sizeof(acpi1)) && !info.rsdp)
			info.rsdp = (uint64_t)table->VendorTable;
		else if (!memcmp(&table->VendorGuid, &device_tree, sizeof(device_tree)))
			info.device_tree = (uint64_t)table->VendorTable;
	}
}

static void read_entropy(void)
{
	static EFI_GUID guid = EFI_RNG_PROTOCOL_GUID;
	EFI_RNG_PROTOCOL *rng;

	if (!EFI_ERROR(boot_services->LocateProtocol(&guid, NULL, (void **)&rng)) &&
	    !EFI_ERROR(rng->GetRNG(rng, NULL, sizeof(info.entropy), info.entropy)))
		info.entropy_size = sizeof(info.entropy);
}

/* Days since 1970-01-01; years counted from March, so that the leap day is a year's last. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
	if (month <= 2) {
		year--;
		month += 12;
	}
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day -
	       1 - 719468;
}

static void read_clock(void)
{
	EFI_TIME now;
	int64_t seconds;

	if (EFI_ERROR(system_table->RuntimeServices->GetTime(&now, NULL)))
		return;
	seconds = days_since_1970(now.Year, now.Month, now.Day) * 86400 + now.Hour * 3600 +
	          now.Minute * 60 + now.Second;
	if (now.TimeZone != EFI_UNSPECIFIED_TIMEZONE)
		seconds -= now.TimeZone * 60;
	info.wall_clock = seconds > 0 ? seconds : 0;
}

/* No allocation between reading the map and leaving: the buffer is large and ours. */
static uint64_t read_map(struct map_firmware *firmware, const void **map, size_t *size,
                         size_t *entry_size, uint64_t *key)
{
	static uint8_t buffer[64 << 10] __attribute__((aligned(8)));
	UINT32 version;

	(void)firmware;
	*map = buffer;
	*size = sizeof(buffer);
	return boot_services->GetMemoryMap(size, (EFI_MEMORY_DESCRIPTOR *)buffer, key, entry_size,
	                                   &version);
}

static EFI_HANDLE this_program;

static uint64_t leave(struct map_firmware *firmware, uint64_t key)
{
	(void)firmware;
	return boot_services->ExitBootServices(this_program, key);
}

static bool enough_memory(struct map_firmware *firmware)
{
	const void *map;
	size_t size, entry_size;
	uint64_t key, found;

	if (firmware->read(firmware, &map, &size, &entry_size, &key)) {
		say("firmware does not tell its memory map");
		return false;
	}
	map_convert(&info, map, size, entry_size);
	found = map_free_bytes(&info);
	if (found < MEMORY_MIN)
		say("needs %lu MiB of free memory, this machine has %lu MiB", MEMORY_MIN >> 20,
		    found >> 20);
	return found >= MEMORY_MIN;
}

EFI_STATUS efi_main(EFI_HANDLE program, EFI_SYSTEM_TABLE *table)
{
	struct map_firmware firmware = {read_map, leave};
	const char *missing;
	EFI_STATUS error;

	info.entry_cycles = time_cycles();
	system_table = table;
	boot_services = table->BootServices;
	this_program = program;
	boot_services->SetWatchdogTimer(0, 0, 0, NULL);
	if (!enough_memory(&firmware))
		return EFI_OUT_OF_RESOURCES;
	find_tables();
	missing = arch_missing(&info);
	if (missing) {
		say("%s", missing);
		return EFI_UNSUPPORTED;
	}
	find_image(program);
	read_entropy();
	read_clock();
	info.runtime_services = (uint64_t)table->RuntimeServices;
	files_load(&info, program);
	error = map_leave(&firmware, &info, &info.odd_regions);
	if (error) {
		say("firmware does not let go, error %lx", error);
		return error;
	}
	arch_enter(hv_main, &info);
}
