#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the hypervisor's console says about a wrong configuration; the guests without a mistake start."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import TWO_GUESTS, Guest, Machine, main

BETA = TWO_GUESTS[TWO_GUESTS.index("[vm beta]"):]
MISTAKES = """[hypervisor]
on-last-exit = later
[vm size]
memory = 12Q
kernel = vmlinuz
[vm key]
memory = 64M
kernel = vmlinuz
colour = red
[vm file]
memory = 64M
kernel = nothing.bin
[vm greedy]
memory = 64G
kernel = vmlinuz
[vm kernel]
memory = 64M
kernel = beta.cpio.gz
"""


def test():
    wrong = (MISTAKES + BETA).encode()
    with Machine("config", TWO_GUESTS, replace=[("vireo.ini", wrong)]) as machine:
        Guest(machine, "beta", 6).wait_shell()
        machine.seen = 0
        for pattern in (r"vireo\.ini:2: \[hypervisor\] on-last-exit: .*later",
                        r"vireo\.ini:4: \[vm size\] memory: .*12Q",
                        r"vireo\.ini:9: \[vm key\] colour: "):
            machine.expect(r"^vireo\| .*" + pattern, 5)
            machine.seen = 0
        for pattern in (r"vireo\.ini:12: \[vm file\] kernel: .*nothing\.bin",
                        r"vireo\.ini:14: \[vm greedy\] memory: ",
                        r"vireo\.ini:18: \[vm kernel\] kernel: "):
            machine.expect(r"^vireo\| .*" + pattern, 5)
            machine.seen = 0
        Guest(machine, "beta", 6).run("true")
    with Machine("config-none", TWO_GUESTS, replace=[("vireo.ini", None)]) as machine:
        machine.expect(r"^vireo\| .*vireo\.ini.*not found", 60)


main(test, "config")
