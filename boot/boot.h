/* SPDX-License-Identifier: BSD-2-Clause */
/* The EFI program's parts. All of it runs once, under firmware. */
#pragma once

#include <efi.h>

#include <arch/boot_info.h>

extern EFI_BOOT_SERVICES *boot_services;

/* A line on firmware's console, as "vireo| text". */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Fill info->files: the configuration first, then all files that it names and that exist. What else
 * goes wrong is left in info->error.
 */
void files_load(struct boot_info *info, EFI_HANDLE program);
