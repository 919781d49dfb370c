#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Linux as a legacy driver of every device: a transitional PCI device (virtio_pci.force_legacy=1), a legacy one, and
legacy MMIO. None of them negotiates VERSION_1, and all devices work."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Failure, Guest, Machine, main

GUEST = """
[vm {name}]
memory  = 128M
kernel  = vmlinuz
initrd  = {initrd}.cpio.gz
cmdline = console=hvc0 quiet hostname={name} virtio_pci.force_legacy={force}
disk    = ram:16M
net     = nat
rng     = yes
virtio  = {virtio}
"""
GUESTS = (("alpha", "alpha", 1, "pci-transitional"), ("beta", "beta", 0, "pci-legacy"), ("gamma", "beta", 0, "mmio-legacy"))
CONFIG = "[hypervisor]\nuplink = dhcp\n" + "".join(
    GUEST.format(name=name, initrd=initrd, force=force, virtio=virtio) for name, initrd, force, virtio in GUESTS)
VERSION_1 = 32


def use(guest):
    """Each device once; what was written to the disk comes back past the guest's cache."""
    for device in range(4):
        features = guest.run("cat /sys/bus/virtio/devices/virtio%d/features" % device).strip()
        if features[VERSION_1] != "0":
            raise Failure("%s: device %d is driven by the modern interface: %s" % (guest.name, device, features))
    guest.run("dd if=/dev/urandom of=/tmp/data bs=1M count=4 2>/dev/null")
    guest.run("dd if=/tmp/data of=/dev/vda bs=1M seek=8 conv=fsync 2>/dev/null", 60)
    guest.run("dd if=/dev/vda of=/tmp/back bs=64k skip=128 count=64 iflag=direct 2>/dev/null", 60)
    guest.run("cmp /tmp/data /tmp/back")
    guest.run("head -c 4096 /dev/hwrng | wc -c | grep -x 4096", 60)
    gateway = guest.run("ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p'").split()[-1]
    guest.run("ping -c 3 -s 1200 -W 5 " + gateway, 60)
    guest.run("rmmod virtio_blk && insmod /lib/modules/virtio_blk.ko", 60)
    guest.run("dd if=/dev/vda bs=1M skip=8 count=4 2>/dev/null | cmp - /tmp/data", 60)


def test():
    with Machine("virtio-legacy", CONFIG) as machine:
        guests = [Guest(machine, name, n + 1) for n, (name, _, _, _) in enumerate(GUESTS)]
        guests[0].wait_shell()  # the others are up by the time it is done
        for guest in guests:
            use(guest)


main(test, "virtio-legacy")
