#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest writes its disk, reads it back past its own cache, and keeps a file system on it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Failure, Guest, Machine, main


def test():
    with Machine("disk") as machine:
        alpha = Guest(machine, "alpha", 1)
        alpha.wait_shell()
        if alpha.run("cat /sys/block/vda/size").strip() != str(64 * 2048):
            raise Failure("the disk is not of 64 MiB")
        alpha.run("dd if=/dev/urandom of=/tmp/data bs=1M count=16 2>/dev/null")
        alpha.run("dd if=/tmp/data of=/dev/vda bs=1M seek=40 conv=fsync 2>/dev/null", 60)
        alpha.run("echo 3 >/proc/sys/vm/drop_caches")
        alpha.run("dd if=/dev/vda bs=1M skip=40 count=16 2>/dev/null | cmp - /tmp/data", 60)
        alpha.run("dd if=/dev/vda of=/tmp/direct bs=4k skip=10240 count=256 iflag=direct 2>/dev/null")
        alpha.run("head -c 1048576 /tmp/data | cmp - /tmp/direct")
        alpha.run("mke2fs /dev/vda 30000 >/dev/null && mount /dev/vda /mnt", 60)
        alpha.run("cp /tmp/data /mnt/ && umount /mnt && mount /dev/vda /mnt && cmp /mnt/data /tmp/data", 60)
        alpha.run("umount /mnt")
        # What is discarded reads as zeroes, and its neighbours stay; past the guest's own cache.
        if alpha.run("cat /sys/block/vda/queue/write_cache").strip() != "write back":
            raise Failure("the disk has no write cache")
        alpha.run("dd if=/tmp/data of=/dev/vda bs=1M seek=40 conv=fsync 2>/dev/null", 60)
        alpha.run("blkdiscard -o 44040192 -l 8388608 /dev/vda && echo 3 >/proc/sys/vm/drop_caches")
        alpha.run("dd if=/dev/vda bs=1M skip=42 count=8 2>/dev/null | cmp -n 8388608 - /dev/zero", 60)
        alpha.run("dd if=/dev/vda bs=1M skip=40 count=2 2>/dev/null | cmp -n 2097152 - /tmp/data", 60)
        # Write-through instead: each write is followed by a flush of the device's own.
        alpha.run("echo 'write through' >/sys/block/vda/cache_type")
        alpha.run("dd if=/tmp/data of=/dev/vda bs=1M seek=40 count=4 conv=fsync 2>/dev/null", 60)
        # The last sector exists and the one after it does not.
        alpha.run("dd if=/dev/vda of=/dev/null bs=512 skip=131071 count=1 2>/dev/null")
        if alpha.status("dd if=/dev/zero of=/dev/vda bs=512 seek=131072 count=1 2>/dev/null")[0] == 0:
            raise Failure("a write past the end succeeded")


main(test, "disk")
