#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest restarts a hundred times: the other does not notice, and no page of memory is lost."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import GUESTS, TWO_GUESTS, Failure, Guest, Machine, main

REBOOTS = 100
# A bare guest restarts itself at once; Debian has its devices running when it does, but takes seconds.
DEBIAN_REBOOTS = int(os.environ.get("DEBIAN_REBOOTS", "5"))
CONFIG = TWO_GUESTS + """
[vm gamma]
memory  = 32M
kernel  = hello.bin
"""


def free_pages(machine):
    return int(re.search(r"pages: (\d+) free", machine.monitor("list"))[1])


def resets(machine, name):
    return int(re.search(r"^%s +running .* (\d+) resets" % name, machine.monitor("list"), re.MULTILINE)[1])


def test():
    hello = os.path.join(GUESTS, "hello.bin")
    with Machine("reboot", CONFIG, files=[hello]) as machine:
        alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 120)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 120)
        alpha.run("echo here >/tmp/mark; cat /proc/sys/kernel/random/boot_id >/tmp/boot")
        before = free_pages(machine)
        machine.key("l")
        while resets(machine, "gamma") < REBOOTS:
            machine.key("l")
            machine.expect(r"^gamma\| hello", 30)
        machine.monitor("stop gamma")
        for _ in range(DEBIAN_REBOOTS):
            beta.attach()
            machine.send("reboot\r")
            machine.key("l")
            beta.wait_shell()
        if free_pages(machine) != before:
            raise Failure("%d pages were free, now %d" % (before, free_pages(machine)))
        alpha.run("test $(cat /tmp/mark) = here && cmp /tmp/boot /proc/sys/kernel/random/boot_id")


main(test, "reboot")
