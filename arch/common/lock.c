/* SPDX-License-Identifier: BSD-2-Clause */
#include <arch/lock.h>

/*
 * Wait until it is the ticket's turn. Arm: the load watches the word, and the store that drops the
 * lock is the event that WFE waits for.
 */
static inline void wait_turn(atomic_uint *owner, unsigned ticket)
{
#if defined(__aarch64__)
	unsigned now;

	__asm__ volatile("sevl\n"
	                 "1: wfe\n\t"
	                 "ldaxr %w0, %1\n\t"
	                 "cmp %w0, %w2\n\t"
	                 "b.ne 1b"
	                 : "=&r"(now), "+Q"(*owner)
	                 : "r"(ticket)
	                 : "cc", "memory");
#else
	while (atomic_load_explicit(owner, memory_order_acquire) != ticket)
		__builtin_ia32_pause();
#endif
}

void lock_take(struct lock *lock)
{
	unsigned ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);

	if (atomic_load_explicit(&lock->owner, memory_order_acquire) != ticket)
		wait_turn(&lock->owner, ticket);
}

void lock_drop(struct lock *lock)
{
	unsigned owner = atomic_load_explicit(&lock->owner, memory_order_relaxed);

	atomic_store_explicit(&lock->owner, owner + 1, memory_order_release);
}
