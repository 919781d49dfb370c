#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Linux drives every device over every transport that there is, with both rings: seven guests, each with another of them.
Legacy drivers (a transitional PCI device with virtio_pci.force_legacy=1, a legacy one, legacy MMIO) know split rings
only. The guests check themselves (tests/guest/linux/devices-check); their consoles' second ports and their balloons
need somebody at the other end."""
import os
import re
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import Failure, Guest, Machine, main
from servers import HOST, HttpServer, digest, free_port, pattern

GUEST = """
[vm {name}]
memory  = 128M
kernel  = vmlinuz
initrd  = alpha.cpio.gz
cmdline = console=hvc0 quiet no_timer_check hostname={name} virtio_pci.force_legacy={force}
disk    = ram:16M
disk    = ram:8M
scsi    = ram:16M
net     = nat
rng     = yes
balloon = yes
port    = data
port    = talk
ring    = {ring}
virtio  = {virtio}
"""
# no_timer_check: while so many guests start, one may not get the five ticks in 40 ms without which an x86 kernel panics.
DEVICES = 7  # console, two disks, SCSI host, network, entropy, balloon
# name, virtio, ring, force_legacy, VERSION_1
GUESTS = (
    ("alpha", "pci", "packed", 0, 1),
    ("beta", "pci", "split", 0, 1),
    ("gamma", "mmio", "split", 0, 1),
    ("delta", "mmio", "packed", 0, 1),
    ("epsilon", "pci-transitional", "split", 1, 0),
    ("zeta", "pci-legacy", "split", 0, 0),
    ("theta", "mmio-legacy", "split", 0, 0),
)
CONFIG = "[hypervisor]\nuplink = dhcp\n" + "".join(
    GUEST.format(name=name, virtio=virtio, ring=ring, force=force) for name, virtio, ring, force, _ in GUESTS)
CONFIG = CONFIG.replace("net     = nat\n", "net     = nat\nforward = tcp:8080:80\n", 1)
SIZE = 1 << 20


def check(guest, bus, modern, packed, url, data):
    guest.run("devices-check %s %d %d %d %s %s >/tmp/wrong 2>&1 & true" % (bus, modern, packed, DEVICES, url, digest(data)))


def result(guest):
    """What devices-check had to say."""
    text = guest.run("wait; cat /tmp/wrong", 300)
    if re.sub(r"\[\d+\].*", "", text).strip():
        raise Failure("%s: %s" % (guest.name, text))


def talk(machine, guest):
    """There and back through the second of its further ports."""
    guest.run("port-talk talk >/tmp/wrong 2>&1 & true")
    machine.key("m")
    machine.expect(r"^%s\.talk\| %s speaks" % (guest.name, guest.name))
    machine.send("console %s.talk\r" % guest.name)
    machine.expect("console of %s.talk" % guest.name)
    machine.send("good day\n")
    machine.expect("^%s heard: good day" % guest.name)


def shrunk(machine, name):
    match = re.search(r"(\d+) of .* says (\d+) of", machine.monitor("balloon " + name))
    return match and int(match.group(2)) >= 8 * 256


def balloons(machine):
    for name, *_ in GUESTS:
        machine.monitor("balloon %s 120M" % name)
    for name, *_ in GUESTS:
        end = time.monotonic() + 120
        while not shrunk(machine, name):
            if time.monotonic() > end:
                raise Failure("%s gives no memory away: %s" % (name, machine.monitor("balloon " + name)))
            time.sleep(0.2)


def test():
    port = free_port()
    data = pattern(SIZE)
    with Machine("transports", CONFIG, qemu=("--net-forward", "tcp:127.0.0.1:%d-:8080" % port)) as machine, \
            HttpServer(data) as server:
        url = "http://%s:%d/file" % (HOST, server.port)
        guests = [Guest(machine, name, n + 1) for n, (name, *_) in enumerate(GUESTS)]
        for guest, (_, virtio, ring, _, modern) in zip(guests, GUESTS):
            guest.wait_side_by_side(300)
            check(guest, virtio[:4].rstrip("-"), modern, ring == "packed", url, data)
        for guest in guests:
            result(guest)
            talk(machine, guest)
        balloons(machine)
        with urllib.request.urlopen("http://127.0.0.1:%d/file" % port, timeout=240) as answer:
            if answer.read() != data:
                raise Failure("HTTP through the port forward: wrong bytes")


main(test, "transports")
