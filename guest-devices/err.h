/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of functions of the device library: 0 or one of these, negative. */
#pragma once

enum gd_err {
	GD_FAULT = -1,   /* not guest RAM */
	GD_INVALID = -2, /* cannot be right */
	GD_FULL = -3,    /* a fixed table is full */
	GD_NOT_RAM = -4, /* a device's registers, never a target of DMA */
	GD_READ_ONLY = -5,
};
