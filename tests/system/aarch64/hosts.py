#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The host's own parts on machines of all kinds, without guests: ACPI and device tree, GICv2 with its message frame and
GICv3 with its ITS, with and without VHE, 1 to 4 CPUs. The uplink's DHCP needs the network card's interrupts, the monitor
the serial line's, the power-off PSCI."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import Failure, Machine, main

NO_GUESTS = b"[hypervisor]\nuplink = dhcp\non-last-exit = monitor\n"

MACHINES = [  # arguments of tools/qemu, and what the first line says
    (("--cpus", "1"), r" \(VHE\), GICv3, from ACPI"),
    (("--cpus", "4", "--device-tree"), r" \(VHE\), GICv3, from the device tree"),
    (("--cpus", "4", "--gic", "2"), r" \(VHE\), GICv2, from ACPI"),
    (("--cpus", "2", "--gic", "2", "--device-tree", "--cpu", "cortex-a57"), r", GICv2, from the device tree"),
]


def test():
    for qemu, line in MACHINES:
        with Machine("hosts", qemu=qemu, replace=[("vireo.ini", NO_GUESTS)]) as machine:
            machine.expect(r"^vireo\| AArch64 at EL2" + line, 90)
            machine.expect(r"^vireo\| Vireo on %s CPUs" % qemu[1], 30)
            machine.expect(r"uplink: address 10\.0\.2\.15", 60)
            if "pages:" not in machine.monitor("list"):
                raise Failure("the monitor does not answer")
            machine.send("poweroff\r")
            if machine.ended() != 0:
                raise Failure("the machine ended with an error")


main(test, "hosts")
