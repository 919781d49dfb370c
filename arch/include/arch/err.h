/* SPDX-License-Identifier: BSD-2-Clause */
/* Error codes of hv/ and arch/: functions return 0 or one of these, negative. */
#pragma once

enum err {
	ERR_INVALID = -1,   /* an argument or input that cannot be right */
	ERR_NO_MEMORY = -2, /* the page pool or a fixed table is full */
	ERR_NOT_FOUND = -3,
	ERR_FAULT = -4, /* an address outside what it must be inside */
	ERR_BUSY = -5,  /* no room now: try again after the next completion */
	ERR_IO = -6,    /* the hardware failed */
	ERR_UNSUPPORTED = -7,
};
