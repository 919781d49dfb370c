#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two guests share the only CPU: both go on while both compute."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Guest, Machine, main


def test():
    with Machine("one-cpu", qemu=("--cpus", "1")) as machine:
        alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 240)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 240)
        alpha.run("(while :; do :; done) & true")
        beta.run("(while :; do :; done) & true")
        for guest in (alpha, beta, alpha, beta):
            guest.run("date", 60)


main(test, "one-cpu")
