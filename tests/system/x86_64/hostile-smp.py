#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest whose two CPUs are rude to each other (tests/guest/bare/x86_64/hostile-smp.c), beside one with two CPUs that
does not notice. Rows: X8-030 X8-038 SR-043, and translations that change under another CPU."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import GUESTS, Failure, Guest, Machine, main

CONFIG = """
[hypervisor]
uplink       = dhcp
on-last-exit = poweroff
[vm evil]
cpus    = 2
memory  = 32M
kernel  = hostile-smp.bin
disk    = ram:1M
[vm beta]
cpus    = 2
memory  = 128M
kernel  = vmlinuz
initrd  = beta.cpio.gz
cmdline = console=hvc0 quiet
"""


def test():
    evil = os.path.join(GUESTS, "hostile-smp.bin")
    with Machine("hostile-smp", CONFIG, files=[evil]) as machine:
        for _ in range(2):  # it begins anew by an INIT to its first CPU
            match = machine.expect(r"^evil\| hostile-smp: (\d+) passed, (\d+) failed", 240)
            if int(match[2]):
                raise Failure("the guest complains:\n" + "\n".join(
                    re.findall(r"evil\| .*", machine.text.decode(errors="replace"))))
            machine.expect(r"evil: reset: INIT of its first CPU", 30)
        beta = Guest(machine, "beta", 2)
        beta.run("test $(nproc) = 2 && cat /proc/uptime", 180)
        machine.monitor("stop evil")
        beta.run("true", 60)


main(test, "hostile-smp")
