/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/machine/files.h"

#include <arch/err.h>
#include <arch/log.h>

int guest_files_refuse(const struct vm *vm, bool initrd, const char *wrong)
{
	const struct vm_config *config = vm->config;

	log_error("vireo.ini:%u: [vm %s] %s: %s %s",
	          initrd ? config->initrd_line : config->kernel_line, config->name,
	          initrd ? "initrd" : "kernel", initrd ? config->initrd : config->kernel, wrong);
	return ERR_INVALID;
}

static int missing(const struct vm *vm, bool initrd)
{
	guest_files_refuse(vm, initrd,
	                   "is not on the EFI system partition; copy it beside vireo.ini");
	return ERR_NOT_FOUND;
}

int guest_files_find(const struct vm *vm, struct guest_files *files)
{
	const struct vm_config *config = vm->config;

	files->kernel = boot_file_find(vm->boot, config->kernel);
	files->initrd = config->initrd[0] ? boot_file_find(vm->boot, config->initrd) : NULL;
	if (!files->kernel)
		return missing(vm, false);
	if (config->initrd[0] && !files->initrd)
		return missing(vm, true);
	return 0;
}
