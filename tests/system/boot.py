#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two unmodified Debian kernels reach their shell at once on two host CPUs, and the machine ends well."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import LAB, Failure, Guest, Machine, main


def test():
    with open(os.path.join(LAB, "lab.ini")) as config, Machine("boot", config.read()) as machine:
        alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
        machine.expect(r"^vireo\| ", 60)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 120)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 120)
        for guest in (alpha, beta):
            if "Debian" not in guest.run("cat /proc/version"):
                raise Failure(guest.name + " is not Debian's kernel")
            if guest.run("nproc").strip() != "1":
                raise Failure(guest.name + " sees another number of CPUs than 1")
        if len(alpha.run("head -c 16 /dev/hwrng | od -An -tx1").split()) != 16:
            raise Failure("alpha gets no entropy")
        alpha.attach()
        machine.send("exit\r")
        machine.key("l")
        machine.expect("alpha: stopped: powered off by the guest", 30)
        beta.attach()
        machine.send("exit\r")  # the last guest's end is the machine's
        if code := machine.ended(30):
            raise Failure("QEMU ended with %d" % code)


main(test, "boot")
