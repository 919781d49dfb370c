#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest misuses every part of its CPU, again and again: each probe ends as on hardware, and the guest beside it
does not notice. Rows: X8-001 X8-002 X8-004 X8-005 X8-008 X8-009 X8-012 X8-016 X8-017 X8-029 X8-036 EM-001 EM-002."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import GUESTS, Failure, Guest, Machine, main

CONFIG = """
[hypervisor]
uplink       = dhcp
on-last-exit = poweroff
[vm evil]
memory  = 32M
kernel  = hostile-cpu.bin
[vm beta]
memory  = 128M
kernel  = vmlinuz
initrd  = beta.cpio.gz
cmdline = console=hvc0 quiet
"""


def test():
    evil = os.path.join(GUESTS, "hostile-cpu.bin")
    with Machine("hostile-cpu", CONFIG, files=[evil]) as machine:
        for _ in range(2):
            machine.expect(r"^vireo\| evil: .*TRIPLE_FAULT", 120)
        beta = Guest(machine, "beta", 2)
        beta.run("true", 120)
        machine.key("l")
        machine.expect(r"^vireo\| evil: .*TRIPLE_FAULT", 120)
        if b"| wrong: " in machine.text or b" 0 wrong" not in machine.text:
            raise Failure("the guest complains:\n" + machine.text[-3000:].decode(errors="replace"))
        beta.run("cat /proc/uptime")


main(test, "hostile-cpu")
