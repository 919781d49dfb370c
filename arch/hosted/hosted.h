/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine made of C: what a test sets and looks at behind arch/include/arch/. One thread, no
 * interrupts; time stands still unless a test moves it.
 */
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <arch/io.h>
#include <arch/irq.h>
#include <arch/irq_list.h>
#include <arch/vcpu.h>

/* Everything back to the start: one CPU, time 0, no hooks, no timers, empty log. Pages stay. */
void hosted_reset(void);

/* ---- CPUs ---- */
struct hosted_cpu {
	unsigned id, count; /* what cpu_id() and cpu_count() say */
	bool kicked[64];
	void (*kick)(void);          /* what happens in cpu_kick(), may be NULL */
	void (*entry)(unsigned cpu); /* given to cpu_start_others(), not called */
	unsigned idles;              /* calls of cpu_idle() */
	void (*idle)(void);          /* what happens in cpu_idle(), may be NULL */
	uint64_t random;             /* state of cpu_random(), 0: there is no generator */
	/*
	 * Where panic(), machine_power_off(), machine_reset() and cpu_halt() go: with stop_armed
	 * they longjmp to stop with a STOP_ value, else they abort the program.
	 */
	jmp_buf stop;
	bool stop_armed;
	char panic_text[256];
};
enum { STOP_PANIC = 1, STOP_POWER_OFF, STOP_RESET, STOP_HALT };
extern struct hosted_cpu hosted_cpu;

/* ---- memory: page pool, stage 2s and vCPUs are one budget ---- */
struct hosted_memory {
	unsigned fail_at; /* the Nth allocation from now fails, once; 0: none */
	unsigned objects; /* stage 2s and vCPUs alive; not reset */
};
extern struct hosted_memory hosted_memory;
bool hosted_allocation_fails(void); /* counts one; for arch/hosted */

/* ---- time ---- */
struct hosted_time {
	uint64_t now_ns;   /* also the cycle counter: 1 GHz */
	int64_t wall;      /* seconds since 1970 at time 0 */
	uint64_t deadline; /* what timer_arm() was told last, UINT64_MAX: none */
};
extern struct hosted_time hosted_time;

/* ---- log: every line that passes the threshold, newline-separated, oldest dropped ---- */
extern char hosted_log[16384];
bool hosted_log_has(const char *text);

/* ---- ports and device memory: NULL hooks read as all ones ---- */
struct hosted_io {
	uint32_t (*port_read)(void *context, uint16_t port, unsigned size);
	void (*port_write)(void *context, uint16_t port, unsigned size, uint32_t value);
	/* Only for addresses from mmio_map(), which gives back the physical address. */
	uint64_t (*mmio_read)(void *context, uint64_t address, unsigned size);
	void (*mmio_write)(void *context, uint64_t address, unsigned size, uint64_t value);
	void *context;
	uint64_t ecam_base; /* host_ecam_base(): 0 unless set */
	unsigned ecam_buses;
	struct host_serial serial; /* a 16550 at 3f8, line 4, unless set */
};
extern struct hosted_io hosted_io;

/* ---- interrupts: data of a message is the index here; a test calls hosted_irq(data) ---- */
#define HOSTED_IRQS        64
#define HOSTED_LINES       64
#define HOSTED_IRQ_ADDRESS 0xfee00000ull
void hosted_irq(unsigned index);
void hosted_line_irq(unsigned line);

/* ---- a vCPU: exits come from a script, then from run(), else EXIT_SHUTDOWN "SCRIPT_END" ---- */
#define HOSTED_STEPS          256
#define HOSTED_LIST_REGISTERS 4
struct vcpu {
	struct stage2 *s2;
	unsigned index;
	int cpu; /* that it belongs to, -1: none; a call from another is a mistake */
	const struct vcpu_exit *script;
	size_t steps, next;
	void (*run)(struct vcpu *vcpu, struct vcpu_exit *exit); /* after the script; may be NULL */
	void *context;                                          /* for run() */
	uint64_t finished[HOSTED_STEPS]; /* values given to vcpu_finish_access() */
	size_t finished_count;
	bool irq_enabled; /* true: an offered vector is taken at the next vcpu_run() */
	int offered, taken;
	unsigned nmis, task_priority, resets, runs;
	unsigned refused; /* calls of vcpu_refuse_access() */
	uint64_t entry, argument, time_offset;
	uint64_t start_entry, start_argument; /* given to vcpu_set_start() */
	int call_result;                      /* given to vcpu_finish_call() last */
	uint64_t timer_deadline;              /* UINT64_MAX after creation and reset */
	bool timer_fired;
	unsigned timer_releases; /* calls of vcpu_timer_release() */
	struct irq_list list;    /* HOSTED_LIST_REGISTERS of them */
};

#define HOSTED_GICV 0x08040000ull
extern uint64_t hosted_gicv;        /* HOSTED_GICV unless set */
extern unsigned hosted_gic_version; /* 3 unless set to 2 */

/* The vCPU's next exits; the caller keeps the array. */
void hosted_script(struct vcpu *vcpu, const struct vcpu_exit *script, size_t steps);
/* What new vCPUs get as run(); NULL after hosted_reset(). */
extern void (*hosted_vcpu_run)(struct vcpu *vcpu, struct vcpu_exit *exit);

/* The vCPU created last, NULL after its destruction. */
extern struct vcpu *hosted_vcpu;
