/* SPDX-License-Identifier: BSD-2-Clause */
/* There is no errno; libraries only want the header. */
#pragma once
