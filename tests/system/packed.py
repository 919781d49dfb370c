#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""ring = packed: Linux takes packed rings on all its devices; disk, network and random numbers work over them."""
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import TWO_GUESTS, Failure, Guest, Machine, main
from servers import HOST, HttpServer, digest, free_port, pattern

SIZE = 4 << 20
RING_PACKED = 34


def test():
    port = free_port()
    config = TWO_GUESTS.replace("net     = nat\n", "net     = nat\nring    = packed\n")
    data = pattern(SIZE)
    with Machine("packed", config, qemu=("--net-forward", "tcp:127.0.0.1:%d-:8080" % port)) as machine:
        alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
        alpha.wait_shell()
        bits = "cut -c%d /sys/bus/virtio/devices/*/features" % (RING_PACKED + 1)
        if set(alpha.run(bits).split()) - {"1"}:
            raise Failure("a device of alpha has no packed rings")
        alpha.run("dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null")
        alpha.run("dd if=/tmp/data of=/dev/vda bs=1M seek=40 conv=fsync 2>/dev/null", 60)
        alpha.run("echo 3 >/proc/sys/vm/drop_caches")
        alpha.run("dd if=/dev/vda bs=1M skip=40 count=8 2>/dev/null | cmp - /tmp/data", 60)
        alpha.run("dd if=/dev/hwrng of=/dev/null bs=512 count=8 2>/dev/null")
        with HttpServer(data) as server:
            text = alpha.run("wget -qO /www/file http://%s:%d/file && sha256sum /www/file" % (HOST, server.port), 240)
            if digest(data) not in text:
                raise Failure("HTTP through NAT: wrong checksum: " + text)
        with urllib.request.urlopen("http://127.0.0.1:%d/file" % port, timeout=240) as answer:
            if answer.read() != data:
                raise Failure("HTTP through the port forward: wrong bytes")
        if set(beta.run(bits).split()) - {"0"}:
            raise Failure("beta has packed rings without having asked for them")


main(test, "packed")
