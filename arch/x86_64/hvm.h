/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vendor seam: what SVM and VMX each provide below arch/x86_64/vcpu*.c. CPUID chooses at run
 * time. All functions run on the vCPU's CPU with interrupts off.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/common/nested.h"

struct vcpu;

enum x86_segment_id { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR, SEG_COUNT };

/* attributes: bits 7:0 and 11:8 are bits 47:40 and 55:52 of a descriptor (APM volume 2, 15.5.1). */
struct x86_segment {
	uint64_t base;
	uint32_t limit;
	uint16_t selector, attributes;
};

#define SEG_CODE16    0x09bu /* present, code, readable, accessed */
#define SEG_DATA16    0x093u
#define SEG_CODE32    0xc9bu
#define SEG_DATA32    0xc93u
#define SEG_LDT       0x082u
#define SEG_TSS_BUSY  0x08bu
#define SEG_ATTR_LONG (1u << 9)
#define SEG_ATTR_BIG  (1u << 10)

/* All but the general registers, RIP and RFLAGS, which struct vcpu holds between exits. */
struct x86_state {
	uint64_t cr0, cr2, cr3, cr4, efer, dr6, dr7;
	struct x86_segment segments[SEG_COUNT];
	struct x86_segment gdtr, idtr;
	uint8_t cpl;
};

/* What it takes to fetch the guest's instruction. */
struct x86_paging {
	uint64_t cr0, cr3, cr4, efer;
	uint64_t cs_base;
	uint16_t cs_attributes; /* as of struct x86_segment */
	uint8_t cpl;
	bool vm86; /* RFLAGS.VM */
};

enum x86_exit_kind {
	X86_HOST, /* a host interrupt came; it has been handled */
	X86_CPUID,
	X86_HLT,
	X86_RDMSR,
	X86_WRMSR,
	X86_PORT,
	X86_NESTED_FAULT,
	X86_WRITE_CR, /* CR0 or CR4, also by CLTS and LMSW */
	X86_XSETBV,
	X86_CACHE_FLUSH, /* INVD, WBINVD */
	X86_REFUSED,     /* an instruction that the guest's CPU does not have: #UD */
	X86_RDPMC,       /* #GP */
	X86_EXCEPTION, /* intercepted so that it cannot repeat for ever; to be given to the guest */
	X86_SHUTDOWN,
	X86_INVALID, /* the CPU refused the guest's state */
	X86_UNKNOWN,
	X86_EXIT_KINDS
};

/* The exit record that both vendors fill. */
struct x86_exit {
	enum x86_exit_kind kind;
	bool mid_event;    /* came while an event was being delivered to the guest */
	uint64_t next_rip; /* 0: not known, the instruction has to be decoded */
	uint64_t code;     /* the vendor's own reason, for messages */
	union {
		struct {
			uint16_t port;
			uint8_t size; /* bytes */
			bool in, string;
		} port;
		struct {
			uint64_t gpa;
			bool fetch;      /* of an instruction */
			bool table_walk; /* of the guest's own page tables */
		} fault;
		struct {
			uint8_t vector;
			bool has_error;
			uint32_t error;
		} exception;
	};
	uint8_t insn_count; /* instruction bytes that the hardware saved, 0: none */
	uint8_t insn[16];   /* of which 15 count */
};

struct hvm_ops {
	const char *name;
	const struct nested_format *format;
	int (*cpu_enable)(void);            /* on each CPU; ERR_UNSUPPORTED, ERR_NO_MEMORY */
	int (*create)(struct vcpu *vcpu);   /* ERR_NO_MEMORY */
	void (*destroy)(struct vcpu *vcpu); /* also after a create that failed */
	void (*reset)(struct vcpu *vcpu);   /* pending events and controls, not the state below */
	void (*arrive)(struct vcpu *vcpu);  /* the CPU may remember nothing of earlier runs */
	void (*run)(struct vcpu *vcpu, struct x86_exit *exit);
	void (*get_state)(struct vcpu *vcpu, struct x86_state *state);
	void (*set_state)(struct vcpu *vcpu, const struct x86_state *state);
	void (*get_paging)(const struct vcpu *vcpu, struct x86_paging *paging);
	uint64_t (*get_cr4)(const struct vcpu *vcpu);
	void (*set_cr2)(struct vcpu *vcpu, uint64_t linear);
	void (*set_pat)(struct vcpu *vcpu, uint64_t pat);
	void (*set_tsc_offset)(struct vcpu *vcpu, uint64_t offset);
	bool (*irq_enabled)(const struct vcpu *vcpu);
	/* An exception, or NMI as vector 2; delivered at the next entry. */
	void (*inject)(struct vcpu *vcpu, uint8_t vector, bool has_error, uint32_t error);
	void (*skip)(struct vcpu *vcpu);  /* an instruction was emulated: end the shadow */
	void (*flush)(struct vcpu *vcpu); /* the guest's cached translations, at next entry */
	unsigned (*get_tpr)(const struct vcpu *vcpu); /* CR8 */
	void (*set_tpr)(struct vcpu *vcpu, unsigned priority);
};

extern const struct hvm_ops svm_ops;
/* The vendor that this machine has; NULL before cpu_virt_enable(). */
extern const struct hvm_ops *hvm;
