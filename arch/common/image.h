/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of the running program, page by page, in this order: header, text, constants, what
 * relocation wrote to and is constant since (from image_relro on), data. Symbols of the link
 * script.
 */
#pragma once

#include <stdint.h>

#pragma GCC visibility push(hidden)
extern uint8_t image_start[], image_text[], image_text_end[], image_relro[], image_data[],
    image_data_end[], image_end[];
#pragma GCC visibility pop
