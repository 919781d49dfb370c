# SPDX-License-Identifier: BSD-2-Clause
"""Drives Vireo in QEMU through its serial line, as a person at the terminal would.

Everything that was said stays in build/system/NAME/serial.log. A Failure carries the last lines. The variable MACHINE
chooses what the test runs on: a name of TARGETS.
"""
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# name -> architecture, and the arguments of tools/qemu
TARGETS = {
    "x86_64": ("x86_64", ()),
    "aarch64": ("aarch64", ()),
    "aarch64-gicv2": ("aarch64", ("--gic", "2")),
    "aarch64-a57": ("aarch64", ("--cpu", "cortex-a57")),
}
TARGET = os.environ.get("MACHINE", "x86_64")
ARCH, TARGET_OPTIONS = TARGETS[TARGET]
LAB = os.path.join(ROOT, "build", "lab", ARCH)
GUESTS = os.path.join(ROOT, "build", "guest", ARCH)
# Where the machine of a test keeps its files, below the root
FOLDER = os.path.join("build", "system", *([] if TARGET == "x86_64" else [TARGET]))
# How slow the machine may be: every limit below is multiplied by this. QEMU's Arm is the slower one.
PATIENCE = float(os.environ.get("PATIENCE", "1")) * (1 if ARCH == "x86_64" else 2)
ESCAPE = b"\x1d"  # Ctrl-]
CONTROL = re.compile(rb"\x1b\[[0-9;?=]*[A-Za-z]|\r|\x00")

TWO_GUESTS = """
[hypervisor]
uplink       = dhcp
on-last-exit = poweroff
[vm alpha]
cpus    = 1
memory  = 256M
kernel  = vmlinuz
initrd  = alpha.cpio.gz
cmdline = console=hvc0 quiet
disk    = ram:64M
net     = nat
forward = tcp:8080:80
rng     = yes
[vm beta]
memory  = 128M
kernel  = vmlinuz
initrd  = beta.cpio.gz
cmdline = console=hvc0 quiet
"""


class Failure(Exception):
    pass


class Machine:
    """One run of the reference machine. Use with `with`: the machine is gone afterwards."""

    def __init__(self, name, config=TWO_GUESTS, files=(), qemu=(), replace=(), arguments=("-no-reboot",)):
        self.folder = os.path.join(ROOT, FOLDER, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.image = os.path.join(self.folder, "disk.img")
        self.text = bytearray()  # what was received, without control sequences
        self.seen = 0  # how far expect() has consumed it
        self.marks = 0
        self.prepare(config, files, replace)
        self.log = open(os.path.join(self.folder, "serial.log"), "wb")
        self.chunks = queue.Queue()
        command = [os.path.join(ROOT, "tools", "qemu"), "--arch", ARCH, *TARGET_OPTIONS, *qemu, self.image, "--", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, cwd=ROOT)
        threading.Thread(target=self._read, daemon=True).start()

    def prepare(self, config, files, replace):
        """Make the disk image: `files` lie beside the configuration. replace: pairs of a name on the partition and
        its bytes, or None to delete it, behind the back of tools/image."""
        path = os.path.join(self.folder, "vireo.ini")
        with open(path, "w") as out:
            out.write(config)
        for file in [os.path.join(LAB, f) for f in ("vmlinuz", "alpha.cpio.gz", "beta.cpio.gz")] + list(files):
            os.symlink(os.path.abspath(file), os.path.join(self.folder, os.path.basename(file)))
        done = subprocess.run([os.path.join(ROOT, "tools", "image"), path, self.image],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure("tools/image: " + done.stdout + done.stderr)
        for name, data in replace:
            subprocess.run(["mdel", "-i", self.image + "@@1M", "::/" + name], check=True)
            if data is not None:
                subprocess.run(["mcopy", "-i", self.image + "@@1M", "-", "::/" + name], input=data, check=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.log.close()
        os.unlink(self.image)

    def _read(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            self.log.write(data)
            self.log.flush()
            self.chunks.put(data)
        self.chunks.put(None)

    def _more(self, limit):
        """Take what has arrived; False when nothing came in time or the machine has ended."""
        try:
            data = self.chunks.get(timeout=max(limit, 0.001))
        except queue.Empty:
            return False
        if data is None:
            self.chunks.put(None)
            return False
        self.text += CONTROL.sub(b"", data)
        return True

    def send(self, data):
        self.process.stdin.write(data.encode() if isinstance(data, str) else data)
        self.process.stdin.flush()

    def expect(self, pattern, seconds=30):
        """Wait for a regular expression in what has not been consumed yet; returns the match."""
        end = time.monotonic() + seconds * PATIENCE
        expression = re.compile(pattern.encode(), re.MULTILINE)
        while True:
            if match := expression.search(self.text, self.seen):
                self.seen = match.end()
                return match
            if not self._more(end - time.monotonic()) and (
                    time.monotonic() >= end or self.process.poll() is not None and self.chunks.qsize() <= 1):
                if match := expression.search(self.text, self.seen):
                    continue
                raise Failure("expected %r within %d s, the last lines were:\n%s" % (
                    pattern, seconds * PATIENCE, self.text[-3000:].decode(errors="replace")))

    def forget(self):
        """Consume everything that has arrived; a guest that never stops talking does not hold us here."""
        end = time.monotonic() + 0.3
        while time.monotonic() < end and self._more(0.05):
            pass
        self.seen = len(self.text)

    def said(self, name):
        """All that a guest has said in the view of all lines, without line ends: where several guests speak at once
        there are more of them than the guests have made."""
        prefix = name + "| "
        lines = self.text.decode(errors="replace").splitlines()
        return "".join(line[len(prefix):] for line in lines if line.startswith(prefix))

    def hear(self, name, text, seconds=30):
        """Wait until a guest has said it."""
        end = time.monotonic() + seconds * PATIENCE
        while text not in self.said(name):
            if not self._more(end - time.monotonic()) and time.monotonic() >= end:
                raise Failure("%s did not say %r within %d s:\n%s" % (name, text, seconds * PATIENCE, self.said(name)[-2000:]))

    def ended(self, seconds=30):
        """The exit code of QEMU, once the machine has powered off by itself."""
        try:
            code = self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure("the machine did not power off:\n" + self.text[-2000:].decode(errors="replace")) from None
        while self._more(0.2):
            pass
        return code

    # --- the console's keys and the monitor
    def key(self, key):
        self.forget()
        self.send(ESCAPE + key.encode())

    def monitor(self, command, seconds=20):
        """One monitor command; returns what it printed, without the prefix of its lines."""
        self.key("m")
        self.forget()
        start = self.seen
        # The answer to a command that does not exist marks the end of the answer to this one.
        self.marks += 1
        self.send("%s\r@%d\r" % (command, self.marks))
        match = self.expect(r"^.*\"@%d\" is not a command.*$" % self.marks, seconds)
        lines = self.text[start:match.start()].decode(errors="replace").splitlines()
        return "\n".join(line[7:] for line in lines if line.startswith("vireo| "))


class Guest:
    """The busybox shell of a Linux guest, on its own raw console."""

    def __init__(self, machine, name, number):
        self.machine, self.name, self.number = machine, name, number

    def wait_shell(self, seconds=120):
        """The line that init prints before the shell starts, in the view of all lines."""
        self.machine.expect(r"%s\|.*type 'exit'" % self.name, seconds)

    def wait_side_by_side(self, seconds=120):
        """The same where several guests start at once: the line may have come before another one's."""
        self.machine.key("l")
        self.machine.seen = 0
        self.wait_shell(seconds)

    def attach(self):
        self.machine.key(str(self.number))
        self.machine.send("\r")
        self.machine.expect(self.name + "# ")

    def run(self, command, seconds=30):
        """A shell command's output; a Failure if it does not end with 0."""
        code, text = self.status(command, seconds)
        if code != 0:
            raise Failure("%s: '%s' ended with %d:\n%s" % (self.name, command, code, text))
        return text

    def status(self, command, seconds=30):
        machine = self.machine
        self.attach()
        machine.forget()
        # The marks are split so that the echo of the typed line does not look like the answer.
        machine.send("echo '<''<'; %s; echo '>''>'$?'='\r" % command)
        machine.expect(r"^<<\n", seconds)
        start = machine.seen
        match = machine.expect(r">>(\d+)=", seconds)
        return int(match[1]), machine.text[start:match.start()].decode(errors="replace")


def main(test, name):
    """Run a test function as a script: prints why it failed and ends with 0 or 1."""
    start = time.monotonic()
    try:
        test()
    except Failure as failure:
        print("FAILED after %d s: %s" % (time.monotonic() - start, failure))
        print("log: %s/%s/serial.log" % (FOLDER, name))
        sys.exit(1)
    print("passed in %d s" % (time.monotonic() - start))
