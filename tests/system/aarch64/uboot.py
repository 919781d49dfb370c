#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's U-Boot, unmodified, as the firmware of guests: its virtio drivers read, write and ping over each transport;
its variables stay in the guest's flash over a reset; it starts Linux from a disk."""
import os
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from fat_disk import make_disk
from machine import LAB, ROOT, Failure, Guest, Machine, main

UBOOT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"
DISK = os.path.join(ROOT, "build", "system", "uboot.img")
TRANSPORTS = ["pci", "mmio", "pci-legacy", "mmio-legacy"]
GUEST = """
[vm g%d]
memory   = 128M
firmware = u-boot.bin
virtio   = %s
disk     = image:uboot.img
net      = nat
"""


class Prompt:
    """U-Boot's command line, on the console of guest n."""

    def __init__(self, machine, number):
        self.machine, self.number = machine, number
        machine.monitor("reset g%d" % number)
        machine.key(str(number))
        self.catch()

    def catch(self):
        """It waits two seconds for somebody who types."""
        self.machine.expect(r"Hit any key", 60)
        self.machine.send("\r")
        self.machine.expect(r"^=> ", 60)

    def run(self, command, seconds=30):
        """What a command says; a Failure if it does not end with 0."""
        self.machine.forget()
        start = self.machine.seen
        self.machine.send(command + "; echo end=$?\r")
        match = self.machine.expect(r"^end=(\d+)\n=> ", seconds)
        text = self.machine.text[start:match.start()].decode(errors="replace")
        if match[1] != b"0":
            raise Failure("g%d: '%s' failed:\n%s" % (self.number, command, text))
        return text


def check_devices(prompt):
    """A file's bytes, sectors there and back, and the network; the file is more than the device moves at once."""
    with open(os.path.join(LAB, "vmlinuz"), "rb") as kernel:
        crc = "%08x" % zlib.crc32(kernel.read())
    prompt.run("load virtio 0:1 $kernel_addr_r vmlinuz")
    if crc not in prompt.run("crc32 $kernel_addr_r $filesize"):
        raise Failure("g%d: the file's bytes are not right" % prompt.number)
    prompt.run("mw.l 46000000 %x 4000; virtio write 46000000 3 80; virtio read 46800000 3 80; "
               "cmp.l 46000000 46800000 4000" % (0xabcd00 + prompt.number))
    if TRANSPORTS[prompt.number - 1] != "pci-legacy":  # there this U-Boot writes each byte of its address to the first
        prompt.run("setenv autoload no; dhcp; ping 10.77.%d.1" % (prompt.number - 1))


def check_variables(prompt):
    """Flash is written, and read again by the next start."""
    prompt.run("setenv kept 'over the reset'; saveenv", 60)
    prompt.machine.send("reset\r")
    prompt.catch()
    if "kept=over the reset" not in prompt.run("printenv kept"):
        raise Failure("the variable is gone")


def boot_linux(machine, prompt):
    prompt.run("load virtio 0:1 $kernel_addr_r vmlinuz; load virtio 0:1 $ramdisk_addr_r alpha.cpio.gz")
    machine.send("setenv bootargs console=hvc0 quiet; booti $kernel_addr_r $ramdisk_addr_r:$filesize $fdtcontroladdr\r")
    machine.key("l")
    guest = Guest(machine, "g1", 1)
    guest.machine.expect(r"type 'exit'", 120)


def test():
    make_disk(DISK)
    config = "[hypervisor]\non-last-exit = poweroff\n" + "".join(
        GUEST % (i + 1, name) for i, name in enumerate(TRANSPORTS))
    with Machine("uboot", config, files=[UBOOT, DISK]) as machine:
        machine.expect("4 of 4 guests started", 120)
        for number in range(len(TRANSPORTS), 0, -1):
            prompt = Prompt(machine, number)
            check_devices(prompt)
            if number > 1:
                machine.send("poweroff\r")
        check_variables(prompt)
        boot_linux(machine, prompt)
        machine.key("1")
        machine.send("exit\r")
        if machine.ended(60) != 0:
            raise Failure("the machine ended with an error")


main(test, "uboot")
