#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""queues, mtu, a read-only disk: with eight CPUs Linux uses eight queues of the disk and eight pairs of the network, each
with interrupts of its own, and all bytes are right. And the network follows a guest to another Ethernet address."""
import os
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Failure, Guest, Machine, main
from servers import HOST, HttpServer, digest, free_port, pattern

# The MTU is not less than 1500: QEMU's user network sends full frames whatever segment size a guest offers.
CONFIG = """
[vm alpha]
cpus    = 8
queues  = 8
mtu     = 1500
memory  = 256M
kernel  = vmlinuz
initrd  = alpha.cpio.gz
cmdline = console=hvc0 quiet maxcpus=1
disk    = ram:8M ro
disk    = ram:64M
net     = nat
forward = tcp:8080:80
"""
CPUS = 8
ROUNDS = 15
SIZE = 256 << 10
NET_MTU = 3
NET_MQ, NET_RSS, NET_HASH_REPORT, BLK_MQ = 22, 60, 57, 12
# On every CPU in turn, $cpu says which: eight that fight for locks on two host CPUs would prove nothing about queues.
EVERYWHERE = "for cpu in 0 1 2 3 4 5 6 7; do taskset -c $cpu %s; done"
WRITE = EVERYWHERE % "dd if=/tmp/data of=/dev/vdb bs=64k seek=$((cpu * 100)) conv=fsync 2>/dev/null"
READ = EVERYWHERE % ("dd if=/dev/vdb bs=64k skip=$((cpu * 100)) count=16 iflag=direct 2>/dev/null |"
                     " cmp - /tmp/data && echo same")
FETCH = EVERYWHERE % "wget -qO /tmp/file$cpu http://%s:%d/file"
# Lines of /proc/interrupts with this name that have counted something.
BUSY = "awk '/%s/ { for (n = i = 0; i < " + str(CPUS) + "; i++) n += $(i + 2); if (n) busy++ } END { print busy + 0 }' /proc/interrupts"
MAC = "02:00:00:12:34:56"


def want(what, found, expected):
    if found.strip() != str(expected):
        raise Failure("%s: %s instead of %s" % (what, found.strip(), expected))


def features(alpha):
    bits = alpha.run("cat /sys/class/net/eth0/device/features").strip()
    for bit in (NET_MTU, NET_MQ, NET_RSS, NET_HASH_REPORT):
        want("feature %d" % bit, bits[bit], 1)
    want("disk feature", alpha.run("cut -c%d /sys/block/vdb/device/features" % (BLK_MQ + 1)), 1)


def disk(alpha):
    want("queues of the disk", alpha.run("ls /sys/block/vdb/mq | wc -l"), CPUS)
    alpha.run("dd if=/dev/urandom of=/tmp/data bs=64k count=16 2>/dev/null")
    alpha.run(WRITE, 120)
    want("right copies", alpha.run("(%s) | grep -c same" % READ, 120), CPUS)
    name = alpha.run("basename $(readlink -f /sys/block/vdb/device)").strip()
    want("queues of the disk with interrupts", alpha.run(BUSY % (name + "-req")), CPUS)


def online(alpha):
    """Linux boots on one CPU, which is quicker, and the others join in. A network driver that starts then has a pair for
    each; the disk's has had its queues from the start."""
    alpha.run("for n in 1 2 3 4 5 6 7; do echo 1 >/sys/devices/system/cpu/cpu$n/online; done", 120)
    want("CPUs", alpha.run("nproc"), CPUS)
    alpha.run("rmmod virtio_net && insmod /lib/modules/virtio_net.ko && ip link set eth0 address " + MAC)
    alpha.run("ip link set eth0 up && udhcpc -i eth0 -q -n -t 10 -T 1 -s /etc/udhcpc", 60)
    want("its address", alpha.run("cat /sys/class/net/eth0/address"), MAC)


def fetch(alpha, data, port):
    alpha.run(FETCH % (HOST, port), 120)
    text = alpha.run("sha256sum /tmp/file*")
    if text.count(digest(data)) != CPUS:
        raise Failure("HTTP: wrong checksums: " + text)


def visit(port):
    with urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=120) as answer:
        if b"alpha, a guest" not in answer.read():
            raise Failure("HTTP through the port forward: wrong bytes")


def network(alpha, forward):
    want("receive queues", alpha.run("ls -d /sys/class/net/eth0/queues/rx-* | wc -l"), CPUS)
    data = pattern(SIZE)
    with HttpServer(data) as server, ThreadPoolExecutor(4) as pool:
        fetch(alpha, data, server.port)
        # Which pair a connection gets is a matter of a random hash: there are more until each has had one.
        for _ in range(ROUNDS):
            list(pool.map(visit, [forward] * 16))
            if int(alpha.run(BUSY % "virtio.*-input[.]")) == CPUS:
                break
    want("pairs that receive", alpha.run(BUSY % "virtio.*-input[.]"), CPUS)
    want("pairs that send", alpha.run(BUSY % "virtio.*-output[.]"), CPUS)


def test():
    forward = free_port()
    with Machine("queues", CONFIG, qemu=("--net-forward", "tcp:127.0.0.1:%d-:8080" % forward)) as machine:
        alpha = Guest(machine, "alpha", 1)
        alpha.wait_shell(240)
        online(alpha)
        want("MTU", alpha.run("cat /sys/class/net/eth0/mtu"), 1500)
        want("read-only disk", alpha.run("cat /sys/block/vda/ro"), 1)
        if alpha.status("dd if=/dev/zero of=/dev/vda bs=512 count=1 2>/dev/null")[0] == 0:
            raise Failure("the read-only disk was written")
        features(alpha)
        disk(alpha)
        network(alpha, forward)


main(test, "queues")
