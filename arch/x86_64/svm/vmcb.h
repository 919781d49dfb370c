/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual machine control block: APM volume 2, appendix B. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct vmcb_segment {
	uint16_t selector, attributes;
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	/* Control area. */
	uint32_t intercept_cr; /* reads 15:0, writes 31:16 */
	uint32_t intercept_dr;
	uint32_t intercept_exceptions;
	uint32_t intercept[3]; /* offsets 0x0c, 0x10, 0x14: SVM_INTERCEPT */
	uint8_t reserved0[0x40 - 0x18];
	uint64_t iopm_base_pa;
	uint64_t msrpm_base_pa;
	uint64_t tsc_offset;
	uint32_t guest_asid;
	uint8_t tlb_control;
	uint8_t reserved1[3];
	uint32_t int_ctl;
	uint32_t int_vector;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1, exit_info2;
	uint64_t exit_int_info;
	uint64_t nested_control;
	uint8_t reserved2[0xa8 - 0x98];
	uint64_t event_inject;
	uint64_t nested_cr3;
	uint64_t virt_ext;
	uint32_t clean;
	uint32_t reserved3;
	uint64_t next_rip;
	uint8_t insn_count;
	uint8_t insn[15];
	uint8_t reserved4[0x400 - 0xe0];
	/* State save area, offset 0x400; segments in the order of enum x86_segment_id, but for
	 * these. */
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved5[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved6;
	uint64_t efer;
	uint8_t reserved7[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved8[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved9[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	uint8_t reserved10[0x668 - 0x648];
	uint64_t g_pat, dbgctl, br_from, br_to, last_excp_from, last_excp_to;
	uint8_t reserved11[0x1000 - 0x698];
} __attribute__((packed, aligned(4096)));

_Static_assert(sizeof(struct vmcb) == 4096, "one page");
_Static_assert(offsetof(struct vmcb, exit_code) == 0x70, "APM appendix B");
_Static_assert(offsetof(struct vmcb, event_inject) == 0xa8, "APM appendix B");
_Static_assert(offsetof(struct vmcb, es) == 0x400, "APM appendix B");
_Static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "APM appendix B");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "APM appendix B");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "APM appendix B");
_Static_assert(offsetof(struct vmcb, g_pat) == 0x668, "APM appendix B");

/* Exit codes: APM volume 2, appendix C. Those from VMEXIT_INTR on are also intercept bits: code -
 * 0x60 counts from bit 0 of intercept[0]. */
enum {
	VMEXIT_CR_WRITE = 0x10,
	VMEXIT_EXCEPTION = 0x40,
	VMEXIT_INTR = 0x60,
	VMEXIT_NMI = 0x61,
	VMEXIT_SMI = 0x62,
	VMEXIT_INIT = 0x63,
	VMEXIT_RDPMC = 0x6f,
	VMEXIT_CPUID = 0x72,
	VMEXIT_RSM = 0x73,
	VMEXIT_INVD = 0x76,
	VMEXIT_HLT = 0x78,
	VMEXIT_INVLPGA = 0x7a,
	VMEXIT_IOIO = 0x7b,
	VMEXIT_MSR = 0x7c,
	VMEXIT_SHUTDOWN = 0x7f,
	VMEXIT_VMRUN = 0x80,
	VMEXIT_VMMCALL,
	VMEXIT_VMLOAD,
	VMEXIT_VMSAVE,
	VMEXIT_STGI,
	VMEXIT_CLGI,
	VMEXIT_SKINIT,
	VMEXIT_RDTSCP,
	VMEXIT_ICEBP,
	VMEXIT_WBINVD,
	VMEXIT_MONITOR,
	VMEXIT_MWAIT,
	VMEXIT_MWAIT_ARMED,
	VMEXIT_XSETBV,
	VMEXIT_RDPRU,
	VMEXIT_NPF = 0x400,
};
#define VMEXIT_INVALID (~0ull)

/* int_ctl */
#define V_TPR          0x0fu
#define V_IRQ          (1u << 8)
#define V_INTR_PRIO(p) ((uint32_t)(p) << 16)
#define V_INTR_MASK    0x001f0000u /* priority and V_IGN_TPR */
#define V_INTR_MASKING (1u << 24)

#define TLB_FLUSH_ALL 1u
#define NP_ENABLE     1ull

/* EVENTINJ and EXITINTINFO */
#define EVENT_VECTOR    0xffull
#define EVENT_TYPE      (7ull << 8)
#define EVENT_INTR      (0ull << 8)
#define EVENT_NMI       (2ull << 8)
#define EVENT_EXCEPTION (3ull << 8)
#define EVENT_HAS_ERROR (1ull << 11)
#define EVENT_VALID     (1ull << 31)

/* clean: what the CPU may keep from the last run; a change clears the bit. */
enum {
	CLEAN_INTERCEPTS = 1u << 0, /* and TSC offset */
	CLEAN_IOPM = 1u << 1,
	CLEAN_ASID = 1u << 2,
	CLEAN_TPR = 1u << 3, /* all of int_ctl and int_vector */
	CLEAN_NP = 1u << 4,  /* nested paging, g_pat */
	CLEAN_CR = 1u << 5,  /* CR0, CR3, CR4, EFER */
	CLEAN_DR = 1u << 6,
	CLEAN_DT = 1u << 7,
	CLEAN_SEG = 1u << 8,
	CLEAN_CR2 = 1u << 9,
	CLEAN_ALL = 0x3ffu,
};

/* exit_info1 of VMEXIT_IOIO */
#define IOIO_IN     (1u << 0)
#define IOIO_STRING (1u << 2)
#define IOIO_SIZE   4 /* bits 6:4, one of which says 1, 2 or 4 bytes */

/* exit_info1 of VMEXIT_NPF: a page fault's error code, and */
#define NPF_FETCH      (1ull << 4)
#define NPF_TABLE_WALK (1ull << 33)
