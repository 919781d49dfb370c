#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest behind the hypervisor's NAT: ping, UDP, 16 MiB over HTTP, and a server behind a port forward."""
import hashlib
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Failure, Guest, Machine, main
from servers import HOST, HttpServer, TftpServer, digest, free_port, pattern

SIZE = 16 << 20


def expect_digest(what, text, data):
    if digest(data) not in text:
        raise Failure("%s: wrong checksum: %s" % (what, text))


def test():
    port = free_port()
    rule = "tcp:127.0.0.1:%d-:8080" % port
    data, small = pattern(SIZE), pattern(100000, seed=2)
    with Machine("network", qemu=("--net-forward", rule)) as machine:
        alpha = Guest(machine, "alpha", 1)
        alpha.wait_shell()
        gateway = alpha.run("ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p'").split()[-1]
        alpha.run("ping -c 3 -W 5 " + gateway)
        alpha.run("ping -c 3 -W 5 " + HOST)
        with TftpServer(small) as server:
            text = alpha.run("tftp -g -l /tmp/udp -r x %s %d && sha256sum /tmp/udp" % (HOST, server.port), 60)
            expect_digest("UDP", text, small)
        with HttpServer(data) as server:
            text = alpha.run("wget -qO /www/file http://%s:%d/file && sha256sum /www/file" % (HOST, server.port), 240)
            expect_digest("HTTP through NAT", text, data)
        with urllib.request.urlopen("http://127.0.0.1:%d/file" % port, timeout=240) as answer:
            if hashlib.sha256(answer.read()).hexdigest() != digest(data):
                raise Failure("HTTP through the port forward: wrong checksum")
        alpha.run("true")


main(test, "network")
