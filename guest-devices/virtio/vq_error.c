/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest-devices/virtio/virtqueue.h"

const char *vq_error_name(enum vq_error error)
{
	static const char *const names[] = {
	    [VQ_OK] = "OK",
	    [VQ_SIZE] = "RING_SIZE",
	    [VQ_ALIGN] = "RING_ALIGN",
	    [VQ_MEM_RANGE] = "MEM_RANGE",
	    [VQ_MEM_NOT_RAM] = "MEM_NOT_RAM",
	    [VQ_MEM_RO] = "MEM_RO",
	    [VQ_AVAIL_JUMP] = "RING_AVAIL_JUMP",
	    [VQ_HEAD_RANGE] = "RING_HEAD_RANGE",
	    [VQ_NEXT_RANGE] = "RING_NEXT_RANGE",
	    [VQ_LOOP] = "RING_LOOP",
	    [VQ_ORDER] = "RING_ORDER",
	    [VQ_TOTAL] = "RING_TOTAL",
	    [VQ_CHAIN_LONG] = "RING_CHAIN_LONG",
	    [VQ_INDIRECT_OFF] = "RING_INDIRECT_OFF",
	    [VQ_INDIRECT_NEST] = "RING_INDIRECT_NEST",
	    [VQ_INDIRECT_NEXT] = "RING_INDIRECT_NEXT",
	    [VQ_INDIRECT_LEN] = "RING_INDIRECT_LEN",
	    [VQ_DUP_ID] = "RING_DUP_ID",
	    [VQ_WRAP] = "RING_WRAP",
	    [VQ_BUS_MASTER_OFF] = "BUS_MASTER_OFF",
	    [VQ_STOPPED] = "STOPPED",
	};

	return error < sizeof(names) / sizeof(names[0]) ? names[error] : "?";
}
