#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest with `virtio = mmio` finds all its devices by ACPI and uses each of them; the guest beside it is on PCI, and the
two have socket devices."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
import vsock
from machine import TWO_GUESTS, Failure, Guest, Machine, main

CONFIG = vsock.configured(
    TWO_GUESTS.replace("disk    = ram:64M\n", "disk    = ram:64M\ndisk    = ram:8M\nclock   = yes\nvirtio  = mmio\n"))


def test():
    with Machine("virtio-mmio", CONFIG) as machine:
        alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
        alpha.wait_shell()
        if alpha.run("ls /sys/bus/platform/drivers/virtio-mmio | grep -cE 'LNRO0005|virtio_mmio'").strip() != "7":
            raise Failure("not seven devices: console, two disks, network, entropy, clock, sockets")
        if alpha.run("ls -d /sys/bus/virtio/devices/*/driver | wc -l").strip() != "6":
            raise Failure("all but the clock have a driver in Linux 6.1")
        if alpha.run("ls /sys/bus/pci/drivers/virtio-pci | grep -c 0000:; true").strip() != "0":
            raise Failure("a device is on PCI")
        # The disks do not see each other's contents, and what is written comes back past the guest's cache.
        alpha.run("dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null")
        alpha.run("dd if=/tmp/data of=/dev/vda bs=1M seek=40 conv=fsync 2>/dev/null", 60)
        alpha.run("dd if=/dev/vda of=/tmp/back bs=64k skip=640 count=128 iflag=direct 2>/dev/null", 60)
        alpha.run("cmp /tmp/data /tmp/back")
        alpha.run("dd if=/dev/zero bs=1M count=8 2>/dev/null | cmp - /dev/vdb", 60)
        alpha.run("cat /sys/class/misc/hw_random/rng_current | grep virtio")
        alpha.run("head -c 4096 /dev/hwrng | wc -c | grep -x 4096", 60)
        gateway = alpha.run("ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p'").split()[-1]
        alpha.run("ping -c 3 -W 5 " + gateway, 60)
        # Drivers come and go: the queues are stopped one by one and set up again.
        alpha.run("rmmod virtio_blk && insmod /lib/modules/virtio_blk.ko", 60)
        alpha.run("dd if=/dev/vda bs=1M skip=40 count=8 2>/dev/null | cmp - /tmp/data", 60)
        beta.run("ls /sys/bus/pci/drivers/virtio-pci | grep 0000:")
        vsock.check(machine, alpha, beta)


main(test, "virtio-mmio")
