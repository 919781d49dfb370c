/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/*
 * Directly above a Test(): the statements of the VIRTIO checklist that it proves, that is, those
 * whose violation makes it fail.
 *
 *	PROVES("V14-CORE-012", "V14-CORE-013")
 *	Test(virtio, a_queue_that_was_reset_is_as_new)
 *
 * The compiler sees nothing; tools read the source.
 */
#define PROVES(...)
