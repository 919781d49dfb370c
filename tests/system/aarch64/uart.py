#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A shell on a guest's PL011: both directions by interrupts, nothing lost; its clock is right, its kernel moves."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))
from machine import Failure, Guest, Machine, main

CONFIG = """
[vm alpha]
memory  = 256M
kernel  = vmlinuz
initrd  = alpha.cpio.gz
cmdline = console=ttyAMA0 quiet vireo.run=exec,setsid,sh,-c,"exec,sh,<>/dev/ttyAMA0,>&0,2>&1"
"""
TEXT = "0123456789" * 7


def test():
    with Machine("uart", CONFIG, qemu=("--cpus", "1")) as machine:
        machine.expect("built-in shell", 120)
        machine.key("1")
        alpha = Guest(machine, "alpha", 1)
        answer = alpha.run("; ".join(["echo " + TEXT] * 8), 60)  # more than its FIFOs hold
        if answer.split() != [TEXT] * 8:
            raise Failure("what was typed or answered was changed: " + answer)
        alpha.run("grep uart-pl011 /proc/interrupts")
        behind = time.time() - int(alpha.run("hwclock -u -r >/dev/null && cat /sys/class/rtc/rtc0/since_epoch"))
        if abs(behind) > 120:
            raise Failure("the PL031 is %d s behind" % behind)
        alpha.run("dmesg | grep 'KASLR enabled'")
        machine.send("exit\r")
        machine.expect("alpha: stopped: powered off by the guest", 60)


main(test, "uart")
