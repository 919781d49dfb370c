/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of a guest: its CPUs, its memory, what it starts. */
#include <string.h>

#include <arch/cpu.h>

#include "hv/config_parse.h"

#define MEMORY_UNIT (2ull << 20)
#define MEMORY_MIN  (16ull << 20)

static const char *read_cpus(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, CONFIG_CPUS, &number);

	if (!wrong && number == 0)
		wrong = "is too few";
	parser->vm->cpus = wrong ? 1 : (unsigned)number;
	return wrong;
}

static const char *read_cpu(struct config_parser *parser, const char *value)
{
	uint64_t number = 0;
	const char *wrong = value_number(value, CPU_MAX - 1, &number);

	parser->vm->cpu = wrong ? -1 : (int)number;
	return wrong;
}

static const char *read_memory(struct config_parser *parser, const char *value)
{
	const char *wrong = value_size(value, &parser->vm->memory);

	parser->vm->memory_line = parser->line;
	if (wrong)
		return wrong;
	if (parser->vm->memory < MEMORY_MIN)
		return "is less than 16M";
	return parser->vm->memory % MEMORY_UNIT ? "is not a multiple of 2M" : NULL;
}

static const char *read_kernel(struct config_parser *parser, const char *value)
{
	parser->vm->kernel_line = parser->line;
	return value_path(value, parser->vm->kernel);
}

static const char *read_initrd(struct config_parser *parser, const char *value)
{
	parser->vm->initrd_line = parser->line;
	return value_path(value, parser->vm->initrd);
}

static const char *read_firmware(struct config_parser *parser, const char *value)
{
	parser->vm->firmware_line = parser->line;
	return value_path(value, parser->vm->firmware);
}

static const char *read_cmdline(struct config_parser *parser, const char *value)
{
	if (strlen(value) >= CONFIG_CMDLINE)
		return "is longer than 1023 characters";
	memcpy(parser->vm->cmdline, value, strlen(value) + 1);
	return NULL;
}

#define PATH_RIGHT "write the path of a file, relative to this one and without .. in it"

const struct config_key config_guest_keys[] = {
    {"cpus", read_cpus, false, "write how many the guest has, 1 to 16"},
    {"cpu", read_cpu, false, "write the number of a host CPU, 0 to 63"},
    {"memory", read_memory, false, "write for example 256M"},
    {"kernel", read_kernel, false, PATH_RIGHT},
    {"initrd", read_initrd, false, PATH_RIGHT},
    {"cmdline", read_cmdline, false, "write the kernel's command line"},
    {"firmware", read_firmware, false, PATH_RIGHT},
    {0},
};
