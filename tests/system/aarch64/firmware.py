#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Machines that cannot run Vireo: one line says what is missing, and firmware gets its machine back.

Row BT-006 (no EL2). Less memory than we need is also less than this firmware needs.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import Failure, Machine, main

MACHINES = [
    ("BT-006", (), ("-machine", "virtualization=off"), r"started us at EL1.*virtualization=on"),
    ("BT-006", ("--device-tree",), ("-machine", "virtualization=off"), r"started us at EL1.*virtualization=on"),
]


def test():
    for row, qemu, arguments, line in MACHINES:
        with Machine("firmware", qemu=qemu, arguments=arguments) as machine:
            machine.expect(r"^vireo\| .*" + line, 60)
            machine.expect(r"UEFI Interactive Shell", 60)
            if b"panic" in machine.text:
                raise Failure(row + ": " + machine.text.decode(errors="replace"))


main(test, "firmware")
