#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Guests that start in SeaBIOS: its drivers for virtio disks, on every transport, find one that they boot from."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import GUESTS, Failure, Machine, main

BIOS = "/usr/share/seabios/bios-256k.bin"
DISK = os.path.join(GUESTS, "bios-disk.img")  # tests/guest/bios

PLACES = {
    "pci": "disk = image:bios-disk.img",
    "trans": "disk = image:bios-disk.img\nvirtio = pci-transitional\nqueues = 4",
    "legacy": "disk = image:bios-disk.img\nvirtio = pci-legacy",
    "mmio": "disk = image:bios-disk.img\nvirtio = mmio",
    "scsi": "scsi = image:bios-disk.img\nring = packed",
}
CONFIG = "".join("[vm %s]\nmemory = 16M\nfirmware = bios-256k.bin\n%s\n" % place for place in PLACES.items())


def test():
    with Machine("bios", CONFIG, files=[BIOS, DISK]) as machine:
        for name in PLACES:
            # read from the disk; then written, and read again
            machine.hear(name, "a sector by the BIOSa sector by the BIOS", 60)
        if code := machine.ended(30):
            raise Failure("QEMU ended with %d" % code)


main(test, "bios")
