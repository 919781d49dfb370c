/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/lock.h>

/* Tell the CPU, and an emulator, that this is a spin loop. */
static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" : : : "memory");
#endif
}

void lock_take(struct lock *lock)
{
	unsigned ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);

	while (atomic_load_explicit(&lock->owner, memory_order_acquire) != ticket)
		relax();
}

void lock_drop(struct lock *lock)
{
	unsigned owner = atomic_load_explicit(&lock->owner, memory_order_relaxed);

	atomic_store_explicit(&lock->owner, owner + 1, memory_order_release);
}
