#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest with two CPUs gives memory away while it works and gets it back; nothing that it holds changes. Then it starts
anew with most of its memory still away."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Failure, Guest, Machine, main

CONFIG = """
[vm alpha]
cpus    = 2
memory  = 384M
balloon = yes
kernel  = vmlinuz
initrd  = alpha.cpio.gz
cmdline = console=hvc0 quiet
"""
MB = 256  # pages of 4 KiB

FILL = "for n in 1 2 3 4 5 6; do head -c 4000000 /dev/urandom >/tmp/%s.$n; done; sha256sum /tmp/%s.* >/tmp/%s"
WORK = "(while :; do for n in 1 2 3; do cat /tmp/keep.$n >/tmp/work.$n; done; sha256sum -c /tmp/keep >/tmp/sums || echo bad >>/tmp/bad; rm -f /tmp/work.*; done) & true"


def free_pages(machine):
    return int(re.search(r"pages: (\d+) free", machine.monitor("list")).group(1))


def pages(machine):
    """Away, and in the balloon as its driver says."""
    match = re.search(r"alpha: (\d+) of .* says (\d+) of", machine.monitor("balloon alpha"))
    return int(match.group(1)), int(match.group(2))


def wait_for(what, true, seconds=300):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise Failure("not in time: " + what)
        time.sleep(1)


def check(guest, name):
    guest.run("sha256sum -c /tmp/%s" % name, 60)


def shrink_and_grow(machine, alpha):
    machine.monitor("balloon alpha 192M")
    wait_for("alpha is at 192 MiB", lambda: pages(machine)[1] == 192 * MB)
    if pages(machine)[0] < 192 * MB - 64:
        raise Failure("the pages did not come to the machine")
    free = free_pages(machine)
    check(alpha, "keep")
    machine.monitor("balloon alpha 384M")
    wait_for("alpha has its memory back", lambda: pages(machine)[1] == 0)
    alpha.run(FILL % (("more",) * 3), 120)
    check(alpha, "more")
    check(alpha, "keep")
    if free_pages(machine) > free - 16 * MB:
        raise Failure("what alpha has filled did not come out of the pool")
    alpha.run("rm /tmp/more*")


def test():
    with Machine("balloon", CONFIG, qemu=("--net-forward", "none")) as machine:
        alpha = Guest(machine, "alpha", 1)
        alpha.wait_shell(180)
        alpha.run(FILL % (("keep",) * 3), 60)
        alpha.run(WORK)
        for _ in range(2):
            shrink_and_grow(machine, alpha)
        if "not a size" not in machine.monitor("balloon alpha 1G"):
            raise Failure("alpha may have more than it was given")
        if not re.search(r"own figures: \d+ MiB free", machine.monitor("balloon alpha")):
            raise Failure("no statistics")
        if alpha.status("cat /tmp/bad")[0] == 0:
            raise Failure("alpha's memory changed under its hands")
        machine.monitor("balloon alpha 160M")
        wait_for("alpha is small again", lambda: pages(machine)[1] == 224 * MB)
        machine.monitor("reset alpha")
        machine.key("l")
        alpha.wait_shell(180)
        wait_for("the new kernel is as small", lambda: pages(machine)[1] == 224 * MB)
        alpha.run(FILL % (("keep",) * 3), 60)
        check(alpha, "keep")
        if alpha.status("dmesg | grep -E 'Bad page|BUG:|orrupt|page allocation failure'")[0] == 0:
            raise Failure("alpha's kernel complains")


main(test, "balloon")
