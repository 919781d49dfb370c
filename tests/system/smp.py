#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two guests with two CPUs each share two host CPUs: equal shares of work, a parallel load that finishes with the right
results, a ping-pong between CPUs, a restart; then a guest with more CPUs than the host has. No kernel complains.
What each part of the scheduler does for it is proven in tests/unit/smp."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "harness"))
from machine import ARCH, TARGET, TWO_GUESTS, Failure, Guest, Machine, main

CONFIG = TWO_GUESTS.replace("cpus    = 1\n", "").replace("memory  =", "cpus    = 2\nmemory  =")
FOUR = """
[vm alpha]
cpus    = 4
memory  = 256M
kernel  = vmlinuz
initrd  = alpha.cpio.gz
cmdline = console=hvc0 quiet
"""
SECONDS = 12  # of work that is compared
UNEVEN = 1.5  # by which one guest may do more than the other
ROUNDS = 500
COMPLAINTS = r"soft lockup|hard LOCKUP|rcu:? .*(INFO|stall)|rcu: INFO|Marking clocksource|hung_task|blocked for more"

# Processes that never end; each piece of work that is done adds a byte to a file.
START_WORK = ("for n in 1 2; do (while :; do head -c 100000 /bin/busybox | gzip | sha256sum >/dev/null; "
              "printf . >>/tmp/work; done) & done")
# A pipeline of processes for each source file, all at once, as a build has them.
BUILD = ("for n in 1 2 3 4 5 6; do (head -c ${n}00000 /bin/busybox | gzip -c | gunzip -c | sha256sum >/tmp/sum.$n) & done; wait; "
         "for n in 1 2 3 4 5 6; do head -c ${n}00000 /bin/busybox | sha256sum | cmp - /tmp/sum.$n || exit 1; done")
PING_PONG = ("mkfifo /tmp/there /tmp/back; "
             "taskset 2 sh -c 'while read n; do echo $n; done </tmp/there >/tmp/back' & "
             "taskset 1 sh -c 'exec 3>/tmp/there 4</tmp/back; n=0; while [ $n -lt %d ]; do echo $n >&3; read m <&4; "
             "[ $m = $n ] || exit 1; n=$((n+1)); done'; code=$?; rm /tmp/there /tmp/back; (exit $code)" % ROUNDS)


def check_cpus(guest, count):
    if guest.run("nproc").strip() != str(count):
        raise Failure(guest.name + " does not have %d CPUs online" % count)


def check_log(guest):
    if found := re.findall("^.*(?:%s).*$" % COMPLAINTS, guest.run("dmesg", 60), re.MULTILINE):
        raise Failure("%s: %s" % (guest.name, found))


def work_done(guest):
    return int(guest.run("wc -c </tmp/work", 60)), time.monotonic()


def compare_shares(guests):
    for guest in guests:
        guest.run(START_WORK)
    time.sleep(3)
    first = [work_done(guest) for guest in guests]
    time.sleep(SECONDS)
    last = [work_done(guest) for guest in guests]
    rates = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(first, last)]
    for guest in guests:
        guest.run("kill $(jobs -p); sleep 1; true", 60)
    print("work done: %s a second" % ", ".join("%.1f" % rate for rate in rates))
    if min(rates) * UNEVEN < max(rates):
        raise Failure("the guests' shares are not equal: %s" % rates)


def two_guests(machine):
    guests = alpha, beta = Guest(machine, "alpha", 1), Guest(machine, "beta", 2)
    for _ in guests:
        machine.expect(r"(alpha|beta)\|.*type 'exit'", 180)
    for guest in guests:
        check_cpus(guest, 2)
    compare_shares(guests)
    alpha.run("(%s; echo $? >/tmp/built) & true" % BUILD)
    beta.run("(%s)" % BUILD, 180)
    alpha.run("while [ ! -e /tmp/built ]; do sleep 1; done; exit_code=$(cat /tmp/built); (exit $exit_code)", 180)
    alpha.run("(%s) & true" % PING_PONG.replace("code=$?", "echo $? >/tmp/played"))
    beta.run("(%s)" % PING_PONG, 120)
    alpha.run("while [ ! -e /tmp/played ]; do sleep 1; done; (exit $(cat /tmp/played))", 120)
    alpha.run("cat /proc/sys/kernel/random/boot_id >/tmp/boot")
    beta.attach()
    machine.send("reboot\r")
    machine.key("l")
    beta.wait_shell(180)
    check_cpus(beta, 2)
    alpha.run("cmp /tmp/boot /proc/sys/kernel/random/boot_id")
    for guest in guests:
        check_log(guest)


def test():
    with Machine("smp", CONFIG) as machine:
        two_guests(machine)
    if TARGET != ARCH:
        return  # another interrupt controller or CPU schedules no differently
    with Machine("smp", FOUR) as machine:
        alpha = Guest(machine, "alpha", 1)
        machine.expect(r"type 'exit'", 240)
        check_cpus(alpha, 4)
        alpha.run("(%s)" % BUILD, 180)
        check_log(alpha)


main(test, "smp")
