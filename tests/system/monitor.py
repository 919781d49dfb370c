#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The monitor's commands, and the guests' consoles by its key sequence."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import ARCH, GUESTS, TWO_GUESTS, Failure, Guest, Machine, main


CONFIG = TWO_GUESTS.replace("poweroff\n", "monitor\n").replace("rng ", "clock   = yes\nexample = yes\nrng ") + """
[vm gamma]
memory  = 32M
kernel  = clock.bin
clock   = yes
"""


def want(text, *words):
    for word in words:
        if word not in text:
            raise Failure("expected '%s' in:\n%s" % (word, text))


def state(machine, name):
    return [line for line in machine.monitor("list").splitlines() if line.startswith(name + " ")][0]


def check_clock(machine):
    """gamma drives its clock device itself, and begins anew once. It is done long before Debian is."""
    if abs(int(machine.expect(r"^gamma\| clock: utc (\d+)\s", 120)[1]) - time.time()) > 600:
        raise Failure("gamma's UTC is not that of this machine")
    if int(machine.expect(r"^gamma\| clock: (\d+) passed, (\d+) failed", 60)[2]):
        raise Failure("gamma complains of its clock")


def test():
    with Machine("monitor", CONFIG, files=[os.path.join(GUESTS, "clock.bin")], arguments=()) as machine:
        alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
        check_clock(machine)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 120)
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 120)
        want(machine.monitor("help"), "list", "console", "stop", "reset", "stats", "log", "poweroff")
        want(machine.monitor("list"), "alpha", "beta", "running", "256 MiB", "128 MiB")
        want(machine.monitor("stats alpha"), {"x86_64": "cpuid", "aarch64": "hvc"}[ARCH], "blk", "net")
        want(machine.monitor("stats nobody"), "nobody")
        want(machine.monitor("devices alpha"), "blk0", "blk (2), runs", "VERSION_1", "queue 0: split")
        # Linux 6.1 has no driver for these two.
        want(machine.monitor("devices alpha"), "rtc (17), was found", "example (63), was found")
        want(machine.monitor("devices gamma"), "rtc (17), runs", "ALARM", "queue 1: split")
        want(machine.monitor("devices"), "alpha: virtio over", "beta: virtio over")
        want(machine.monitor("log loud"), "debug")
        machine.monitor("log warn")
        machine.monitor("log info")

        machine.monitor("resize alpha blk0 96M")
        want(machine.monitor("resize alpha blk7 1M"), "no such disk")
        want(machine.monitor("resize alpha blk0 12Q"), "resize:")
        machine.key("l")
        if alpha.run("sleep 1; cat /sys/block/vda/size").strip() != str(96 * 2048):
            raise Failure("the guest has not seen its disk grow")
        alpha.run("dd if=/dev/vda of=/dev/null bs=1M skip=95 count=1")
        machine.monitor("resize alpha blk0 64M")
        machine.key("l")
        if alpha.run("sleep 1; cat /sys/block/vda/size").strip() != str(64 * 2048):
            raise Failure("the guest has not seen its disk shrink")

        alpha.run("echo alpha >/tmp/mark")
        beta.run("echo beta >/tmp/mark")
        machine.monitor("stop beta")
        want(state(machine, "beta"), "stopped")
        want(state(machine, "alpha"), "running")
        machine.monitor("reset beta")
        machine.key("l")
        beta.wait_shell()
        if beta.status("cat /tmp/mark")[0] == 0:
            raise Failure("beta still has the file of its former life")
        machine.monitor("reset alpha")
        machine.key("l")
        alpha.wait_shell()
        if alpha.status("cat /tmp/mark")[0] == 0:
            raise Failure("alpha still has the file of its former life")

        machine.key("m")
        machine.send("console beta\r")
        machine.expect(r"console of beta")
        machine.send("\r")
        machine.expect("beta# ")
        for name in ("alpha", "beta", "gamma"):
            machine.monitor("stop " + name)
        want(machine.monitor("list"), "stopped")  # on-last-exit = monitor: it is still there
        machine.key("m")
        machine.send("reboot\r")
        machine.expect(r"Vireo on 2 CPUs", 60)
        machine.expect(r"alpha\|.*type 'exit'", 120)
        machine.key("m")
        machine.send("poweroff\r")
        if code := machine.ended():
            raise Failure("QEMU ended with %d" % code)


main(test, "monitor")
