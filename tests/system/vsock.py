#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two guests talk through their socket devices, with each other and with the hypervisor. alpha has CID 3, is on PCI and
may connect to beta, which has CID 4, is on MMIO and may not connect to anybody."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import TWO_GUESTS, Failure, Guest, Machine, main

KEYS = {"alpha": "vsock   = 3\nvsock-peers = beta\n", "beta": "vsock   = 4\nvirtio  = mmio\n"}
CONFIG = TWO_GUESTS
for name, keys in KEYS.items():
    CONFIG = CONFIG.replace("[vm %s]\n" % name, "[vm %s]\n%s" % (name, keys))
SIZE = 300000


def transfer(alpha, beta, kind):
    """alpha sends, beta answers with the checksum of what it got."""
    beta.run("(vsock %s listen 5000 </dev/null >/tmp/got; sha256sum </tmp/got >/tmp/sum) & true" % kind)
    alpha.run("for n in 1 2 3 4 5; do vsock %s 4 5000 </tmp/sent && break; sleep 1; done" % kind, 60)
    beta.run("for n in 1 2 3 4 5; do [ -s /tmp/sum ] && break; sleep 1; done")
    if alpha.run("sha256sum </tmp/sent") != beta.run("cat /tmp/sum; rm /tmp/sum"):
        raise Failure("alpha to beta%s: wrong checksum" % (kind and ", seqpacket"))


def check(machine, alpha, beta):
    alpha.run("head -c %d /dev/urandom >/tmp/sent" % SIZE)
    transfer(alpha, beta, "")
    transfer(alpha, beta, "-q")
    alpha.run("vsock 2 7 </tmp/sent | cmp - /tmp/sent", 60)
    status = alpha.run("vsock 2 11 </dev/null")
    if "name: alpha" not in status or "peer beta: 4" not in status:
        raise Failure("the status service says:\n" + status)
    if beta.status("vsock 3 5000 </dev/null")[0] == 0 or beta.status("vsock 2 5000 </dev/null")[0] == 0:
        raise Failure("beta connected to somebody")
    if "vsock (19), runs" not in machine.monitor("devices beta"):
        raise Failure("the monitor does not show beta's socket device")
    for number, command in enumerate(("vsock alpha", "stop beta")):
        # alpha has said all; beta says nothing, and waits
        beta.run("mkfifo /tmp/in%d && (vsock listen 501%d <>/tmp/in%d >/dev/null) & sleep 1" % ((number,) * 3))
        alpha.run("(vsock 4 501%d </dev/null; echo gone >/tmp/gone%d) & sleep 1" % ((number,) * 2))
        if not re.search("alpha .*flows: 1 opened by it", machine.monitor("vsock")):
            raise Failure("the monitor does not show alpha's flow:\n" + machine.monitor("vsock"))
        machine.monitor(command)
        alpha.run("for n in 1 2 3 4 5 6 7 8 9; do [ -e /tmp/gone%d ] && break; sleep 1; done; cat /tmp/gone%d" % ((number,) * 2))


def test():
    with Machine("vsock", CONFIG, qemu=("--net-forward", "none")) as machine:
        for _ in range(2):
            machine.expect(r"(alpha|beta)\|.*type 'exit'", 180)
        check(machine, Guest(machine, "alpha", 1), Guest(machine, "beta", 2))


main(test, "vsock")
