/* SPDX-License-Identifier: BSD-2-Clause */
#include "hv/machine/files.h"

#include <arch/err.h>
#include <arch/log.h>

/* What the configuration says about one of them. */
struct named {
	const char *key, *path;
	unsigned line;
};

static struct named named(const struct vm_config *config, enum guest_file which)
{
	const struct named all[GUEST_FILES] = {
	    [GUEST_KERNEL] = {"kernel", config->kernel, config->kernel_line},
	    [GUEST_INITRD] = {"initrd", config->initrd, config->initrd_line},
	    [GUEST_FIRMWARE] = {"firmware", config->firmware, config->firmware_line},
	};

	return all[which];
}

int guest_files_refuse(const struct vm *vm, enum guest_file which, const char *wrong)
{
	struct named file = named(vm->config, which);

	log_error("vireo.ini:%u: [vm %s] %s: %s %s", file.line, vm->config->name, file.key,
	          file.path, wrong);
	return ERR_INVALID;
}

int guest_files_find(const struct vm *vm, struct guest_files *files)
{
	for (unsigned i = 0; i < GUEST_FILES; i++) {
		const char *path = named(vm->config, i).path;

		files->file[i] = path[0] ? boot_file_find(vm->boot, path) : NULL;
		if (!path[0] || files->file[i])
			continue;
		guest_files_refuse(vm, i,
		                   "is not on the EFI system partition; copy it beside vireo.ini");
		return ERR_NOT_FOUND;
	}
	return 0;
}
