#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Machines that cannot run Vireo: one line says what is missing, and firmware gets its machine back.

Rows BT-005 (too little memory), BT-006 (no SVM), BT-007 (no nested paging).
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import Failure, Machine, main

MACHINES = [
    ("BT-005", ("--memory", "64M"), (), r"needs 64 MiB of free memory, this machine has \d\d MiB"),
    ("BT-006", (), ("-cpu", "EPYC,-svm"), r"no AMD SVM.*switch on \"SVM Mode\""),
    ("BT-007", (), ("-cpu", "EPYC,+svm,-npt"), r"no nested paging"),
]


def test():
    for row, qemu, arguments, line in MACHINES:
        with Machine("firmware", qemu=qemu, arguments=arguments) as machine:
            machine.expect(r"^vireo\| .*" + line, 60)
            machine.expect(r"UEFI Interactive Shell", 60)
            if b"panic" in machine.text:
                raise Failure(row + ": " + machine.text.decode(errors="replace"))


main(test, "firmware")
