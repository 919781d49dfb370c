#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Host CPUs that firmware lists and that are not there (CP-001), and a storm of unknown NMIs (CP-008)."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from machine import TWO_GUESTS, Guest, Machine, main

BETA = TWO_GUESTS[TWO_GUESTS.index("[vm beta]"):]
NMIS = 1000


def storm(path):
    """NMIs through QEMU's own control socket; each answer is awaited, so that none is merged into the next."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(path)
        with control.makefile("rw") as lines:
            lines.readline()
            for command in ["qmp_capabilities"] + ["inject-nmi"] * NMIS:
                lines.write('{"execute": "%s"}\n' % command)
                lines.flush()
                while "return" not in lines.readline():
                    pass


def test():
    # A short path of its own: a socket's name may have 107 bytes.
    control = "/tmp/vireo-qmp-%d" % os.getpid()
    with Machine("host-cpus", BETA, qemu=("--cpus", "2,maxcpus=8"),
                 arguments=("-qmp", "unix:%s,server=on,wait=off" % control)) as machine:
        try:
            machine.expect(r"^vireo\| Vireo on 2 CPUs", 60)
            beta = Guest(machine, "beta", 1)
            beta.wait_shell()
            beta.run("true")
            storm(control)
            beta.run("true")
        finally:
            os.unlink(control)


main(test, "host-cpus")
