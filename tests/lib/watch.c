/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "tests/lib/watch.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { TRAP_FLAG = 0x100 };

static struct watch *volatile current;

static void protect(int prot)
{
	if (mprotect(current->start, current->size, prot))
		abort();
}

static void on_access(int signal, siginfo_t *info, void *context)
{
	ucontext_t *cpu = context;
	size_t offset = current ? (size_t)((uint8_t *)info->si_addr - current->start) : 0;

	(void)signal;
	if (!current || offset >= current->size)
		abort(); /* a real fault */
	protect(PROT_READ | PROT_WRITE);
	current->accesses++;
	if (current->before)
		current->before(current, offset);
	cpu->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void after_access(int signal, siginfo_t *info, void *context)
{
	ucontext_t *cpu = context;

	(void)signal;
	(void)info;
	cpu->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	if (current)
		protect(PROT_NONE);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

	if (sigaction(signal, &action, NULL))
		abort();
}

void watch_start(struct watch *watch)
{
	handle(SIGSEGV, on_access);
	handle(SIGTRAP, after_access);
	watch->accesses = 0;
	current = watch;
	protect(PROT_NONE);
}

void watch_stop(void)
{
	protect(PROT_READ | PROT_WRITE);
	current = NULL;
}
