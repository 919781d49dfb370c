#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest finds the disks of its SCSI host, writes them past its own cache, clears blocks, and keeps a file system;
sg3-utils finds nothing wrong with them (tests/guest/linux/sg-check)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import LAB, Failure, Guest, Machine, main

CONFIG = """
[vm alpha]
memory  = 256M
kernel  = vmlinuz
initrd  = sg.cpio.gz
cmdline = console=hvc0 quiet hostname=alpha
scsi    = ram:64M
scsi    = ram:32M
scsi    = ram:8M ro
"""
DISCARD = "blkdiscard -o 44040192 -l 4194304 /dev/%s && echo 3 >/proc/sys/vm/drop_caches"


def want(guest, path, text):
    found = guest.run("cat " + path).strip()
    if found != text:
        raise Failure("%s is %r, not %r" % (path, found, text))


def disk(guest, target):
    """The name that the kernel has given to LUN 0 of the target; it looks at all of them at once."""
    return guest.run("ls /sys/bus/scsi/devices/*:0:%d:0/block" % target).strip()


def test():
    with Machine("scsi", CONFIG, files=[os.path.join(LAB, "sg.cpio.gz")], qemu=("--net-forward", "none")) as machine:
        alpha = Guest(machine, "alpha", 1)
        alpha.wait_shell(180)
        a, b, c = (disk(alpha, target) for target in range(3))
        want(alpha, "/sys/block/%s/size" % a, str(64 * 2048))
        want(alpha, "/sys/block/%s/size" % b, str(32 * 2048))
        want(alpha, "/sys/block/%s/device/vendor" % a, "VIREO")
        want(alpha, "/sys/block/%s/queue/write_cache" % a, "write back")
        want(alpha, "/sys/block/%s/queue/rotational" % a, "0")
        alpha.run("sg-check /dev/%s /dev/%s" % (a, c), 120)
        alpha.run("dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null", 60)
        alpha.run("dd if=/tmp/data of=/dev/%s bs=1M seek=40 conv=fsync 2>/dev/null" % a, 60)
        alpha.run("echo 3 >/proc/sys/vm/drop_caches")
        alpha.run("dd if=/dev/%s bs=1M skip=40 count=8 2>/dev/null | cmp - /tmp/data" % a, 60)
        alpha.run(DISCARD % a)
        alpha.run("dd if=/dev/%s bs=1M skip=42 count=4 2>/dev/null | cmp -n 4194304 - /dev/zero" % a, 60)
        alpha.run("dd if=/dev/%s bs=1M skip=40 count=2 2>/dev/null | cmp -n 2097152 - /tmp/data" % a, 60)
        alpha.run("mke2fs /dev/%s 30000 >/dev/null && mount /dev/%s /mnt" % (b, b), 60)
        alpha.run("cp /tmp/data /mnt/ && umount /mnt && mount /dev/%s /mnt && cmp /mnt/data /tmp/data" % b, 60)
        alpha.run("umount /mnt")
        if alpha.status("dd if=/dev/zero of=/dev/%s bs=512 seek=131072 count=1 2>/dev/null" % a)[0] == 0:
            raise Failure("a write past the end succeeded")
        machine.monitor("resize alpha scsi1 48M")
        alpha.run("for n in 1 2 3 4 5 6 7 8 9; do grep -q %d /sys/block/%s/size && break; sleep 1; done" % (48 * 2048, b))
        want(alpha, "/sys/block/%s/size" % b, str(48 * 2048))
        if alpha.status("dmesg | grep -iE 'sd[a-c].*(error|fail)|scsi.*(error|timeout)'")[0] == 0:
            raise Failure("alpha's kernel complains:\n" + alpha.run("dmesg | grep -E 'sd|scsi' | tail -20"))


main(test, "scsi")
