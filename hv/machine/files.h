/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that a guest starts from, the same on every board. */
#pragma once

#include "hv/vm.h"

enum guest_file { GUEST_KERNEL, GUEST_INITRD, GUEST_FIRMWARE, GUEST_FILES };

/* Those that the configuration names: a kernel, perhaps with an initial RAM disk, or firmware. The
 * others are NULL. */
struct guest_files {
	const struct boot_file *file[GUEST_FILES];
};

/* ERR_NOT_FOUND after one line: which one is missing. */
int guest_files_find(const struct vm *vm, struct guest_files *files);

/* One line that names the configuration's line and the file, and says what is wrong with it.
 * Returns ERR_INVALID. */
int guest_files_refuse(const struct vm *vm, enum guest_file which, const char *wrong);
