/* SPDX-License-Identifier: BSD-2-Clause */
/* One thread: a lock taken twice, or dropped when free, is a mistake. */
#include <arch/lock.h>

#include <arch/cpu.h>

void lock_take(struct lock *lock)
{
	CHECK(lock->next == lock->owner);
	lock->next++;
}

void lock_drop(struct lock *lock)
{
	CHECK(lock->next == lock->owner + 1);
	lock->owner++;
}
