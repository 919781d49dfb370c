/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that a guest starts from, the same on every board. */
#pragma once

#include <stdbool.h>

#include "hv/vm.h"

struct guest_files {
	const struct boot_file *kernel;
	const struct boot_file *initrd; /* NULL: the configuration names none */
};

/* ERR_NOT_FOUND after one line: which one is missing. */
int guest_files_find(const struct vm *vm, struct guest_files *files);

/* One line that names the configuration's line and the file, and says what is wrong with it.
 * Returns ERR_INVALID. */
int guest_files_refuse(const struct vm *vm, bool initrd, const char *wrong);
