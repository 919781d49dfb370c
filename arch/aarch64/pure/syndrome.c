/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/pure/syndrome.h"

#define ISS_ISV       (1u << 24)
#define ISS_SAS(iss)  ((iss) >> 22 & 3)
#define ISS_SSE       (1u << 21)
#define ISS_SRT(iss)  ((iss) >> 16 & 31)
#define ISS_SF        (1u << 15)
#define ISS_CM        (1u << 8)
#define ISS_S1PTW     (1u << 7)
#define ISS_WNR       (1u << 6)
#define ISS_DFSC_TYPE (15u << 2) /* without the level */
#define DFSC_LAST     (3u << 2)  /* permission fault */

static bool is_stage2(uint32_t iss)
{
	return (iss & ISS_DFSC_TYPE) <= DFSC_LAST;
}

enum abort_kind syndrome_data_abort(uint32_t iss, struct data_access *access)
{
	if (!is_stage2(iss))
		return ABORT_OTHER;
	if (iss & ISS_S1PTW)
		return ABORT_WALK;
	if (iss & ISS_CM)
		return ABORT_CACHE;
	if (!(iss & ISS_ISV))
		return ABORT_UNDECODED;
	*access = (struct data_access){
	    .size = (uint8_t)(1u << ISS_SAS(iss)),
	    .reg = (uint8_t)ISS_SRT(iss),
	    .write = iss & ISS_WNR,
	    .sign_extend = (iss & ISS_SSE) && !(iss & ISS_WNR),
	    .wide = iss & ISS_SF,
	};
	return ABORT_ACCESS;
}

enum abort_kind syndrome_fetch_abort(uint32_t iss)
{
	if (!is_stage2(iss))
		return ABORT_OTHER;
	return iss & ISS_S1PTW ? ABORT_WALK : ABORT_UNDECODED;
}

uint64_t syndrome_bus_order(const struct data_access *access, uint64_t value)
{
	unsigned unused = 64 - 8u * access->size;
	if (access->reversed)
		return __builtin_bswap64(value) >> unused;
	return value << unused >> unused;
}

uint64_t syndrome_extend(const struct data_access *access, uint64_t value)
{
	unsigned unused = 64 - 8u * access->size;
	value = syndrome_bus_order(access, value);
	value <<= unused;
	if (access->sign_extend)
		value = (uint64_t)((int64_t)value >> unused);
	else
		value >>= unused;
	return access->wide ? value : (uint32_t)value;
}

struct sysreg_access syndrome_sysreg(uint32_t iss)
{
	return (struct sysreg_access){
	    .key = SYSREG_KEY(iss >> 20 & 3, iss >> 14 & 7, iss >> 10 & 15, iss >> 1 & 15,
	                      iss >> 17 & 7),
	    .reg = (uint8_t)(iss >> 5 & 31),
	    .write = !(iss & 1),
	};
}
