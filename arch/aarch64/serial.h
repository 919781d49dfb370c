/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <arch/io.h>

/*
 * Where the first serial port is, and that it can be reached: what was written before goes out now.
 * Called again when the port has been mapped anew.
 */
void serial_found(const struct host_serial *serial);
