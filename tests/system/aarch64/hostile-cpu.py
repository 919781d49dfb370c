#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest misuses every part of its CPUs and of its interrupt controller: each row ends as on hardware, and the guest
beside it does not notice. Rows: A6-*, MM-001 to MM-004, TM-014 (tests/guest/bare/aarch64/hostile)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import GUESTS, Failure, Guest, Machine, main

ROWS = 26
CONFIG = """
[hypervisor]
uplink       = dhcp
on-last-exit = poweroff
[vm evil]
cpus    = 2
memory  = 64M
kernel  = hostile-cpu.bin
disk    = ram:1M
[vm beta]
memory  = 128M
kernel  = vmlinuz
initrd  = beta.cpio.gz
cmdline = console=hvc0 quiet
"""


def test():
    evil = os.path.join(GUESTS, "hostile-cpu.bin")
    with Machine("hostile-cpu", CONFIG, files=[evil]) as machine:
        machine.expect(r"guests started", 60)
        machine.key("1")  # its own console, where no line is cut
        match = machine.expect(r"hostile-cpu: (\d+) passed, (\d+) failed", 400)
        said = machine.text.decode(errors="replace")
        said = said[said.index("guests started"):]
        if int(match[1]) < ROWS or int(match[2]) or "wrong: " in said:
            raise Failure("the guest complains:\n" + said)
        beta = Guest(machine, "beta", 2)
        beta.run("cat /proc/uptime", 120)
        if "running" not in machine.monitor("list"):
            raise Failure("beta does not run any more")


main(test, "hostile-cpu")
