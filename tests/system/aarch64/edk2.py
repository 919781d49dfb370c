#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's EDK2, unmodified, as the firmware of a guest: its drivers take our virtio devices, its shell starts Linux from
a FAT partition, and Linux finds the clock, the variables and the devices of its firmware."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from fat_disk import make_disk
from machine import ROOT, Failure, Guest, Machine, main

FIRMWARE = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
DISK = os.path.join(ROOT, "build", "system", "edk2.img")
CONFIG = """[hypervisor]
on-last-exit = poweroff
[vm alpha]
memory   = 256M
firmware = QEMU_EFI.fd
disk     = image:edk2.img
scsi     = ram:8M
rng      = yes
"""
# What the shell runs by itself
SCRIPT = b"""drivers
fs0:
vmlinuz initrd=\\alpha.cpio.gz console=hvc0 quiet
"""
DRIVERS = ["Virtio Block Driver", "Virtio SCSI Host Driver", "Virtio Random Number Generator"]


def test():
    make_disk(DISK, {"startup.nsh": SCRIPT})
    with Machine("edk2", CONFIG, files=[FIRMWARE, DISK], qemu=("--cpus", "1")) as machine:
        machine.expect(r"alpha\| .*UEFI Interactive Shell", 120)
        start = machine.seen
        machine.expect(r"type 'exit'", 240)
        text = machine.text[start:machine.seen].decode(errors="replace")
        for driver in DRIVERS:
            if not re.search(r"[BD] - - +[1-9]\d* +(-|\d+) " + driver, text):  # type, ..., devices, children
                raise Failure("no device for the " + driver + ":\n" + text)
        alpha = Guest(machine, "alpha", 1)
        alpha.run("dmesg | grep 'efi: EFI v2'")
        alpha.run("cat /sys/firmware/efi/systab")
        machine.key("1")
        machine.send("exit\r")
        if machine.ended(60) != 0:
            raise Failure("the machine ended with an error")


main(test, "edk2")
