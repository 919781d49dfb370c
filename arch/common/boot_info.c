/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/boot_info.h>
#include <string.h>

const struct boot_file *boot_file_find(const struct boot_info *info, const char *name)
{
	for (unsigned i = 0; i < info->file_count; i++)
		if (!strcmp(info->files[i].name, name))
			return &info->files[i];
	return NULL;
}
