#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""queues, mtu, a read-only disk: Linux uses a queue of each disk and a pair of the network for each of its CPUs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import TWO_GUESTS, Failure, Guest, Machine, main
from servers import HOST, HttpServer, digest, pattern

SIZE = 4 << 20
NET_MTU = 3
NET_MQ, NET_RSS, NET_HASH_REPORT, BLK_MQ = 22, 60, 57, 12


def want(what, found, expected):
    if found.strip() != str(expected):
        raise Failure("%s: %s instead of %s" % (what, found.strip(), expected))


def test():
    config = TWO_GUESTS.replace("cpus    = 1\n", "cpus    = 2\nqueues  = 2\nmtu     = 1500\ndisk    = ram:8M ro\n", 1)
    # Not less than 1500: QEMU's user network sends full frames whatever segment size a guest offers.
    data = pattern(SIZE)
    with Machine("queues", config) as machine:
        alpha = Guest(machine, "alpha", 1)
        alpha.wait_shell(480)
        want("CPUs", alpha.run("nproc"), 2)
        want("queues of the disk", alpha.run("ls /sys/block/vdb/mq | wc -l"), 2)
        want("receive queues", alpha.run("ls -d /sys/class/net/eth0/queues/rx-* | wc -l"), 2)
        want("MTU", alpha.run("cat /sys/class/net/eth0/mtu"), 1500)
        want("read-only disk", alpha.run("cat /sys/block/vda/ro"), 1)
        for bit in (NET_MTU, NET_MQ, NET_RSS, NET_HASH_REPORT):
            want("feature %d" % bit, alpha.run(
                "cut -c%d /sys/class/net/eth0/device/features" % (bit + 1)), 1)
        want("disk feature", alpha.run("cut -c%d /sys/block/vdb/device/features" % (BLK_MQ + 1)), 1)
        # Both CPUs at once, each with a part of its own.
        alpha.run("dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null")
        alpha.run("for cpu in 0 1; do taskset -c $cpu dd if=/tmp/data of=/dev/vdb bs=1M seek=$((cpu * 20 + 5)) "
                  "conv=fsync 2>/dev/null & done; wait", 60)
        alpha.run("echo 3 >/proc/sys/vm/drop_caches")
        for at in (5, 25):
            alpha.run("dd if=/dev/vdb bs=1M skip=%d count=8 2>/dev/null | cmp - /tmp/data" % at, 60)
        if alpha.status("dd if=/dev/zero of=/dev/vda bs=512 count=1 2>/dev/null")[0] == 0:
            raise Failure("the read-only disk was written")
        with HttpServer(data) as server:
            for cpu in (0, 1):
                text = alpha.run("taskset -c %d wget -qO /tmp/file http://%s:%d/file && sha256sum /tmp/file"
                                 % (cpu, HOST, server.port), 240)
                if digest(data) not in text:
                    raise Failure("HTTP on CPU %d: wrong checksum: %s" % (cpu, text))
        want("second pair", alpha.run("grep -c 'virtio.*-input.1' /proc/interrupts"), 1)


main(test, "queues")
