#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/image: what it says about a wrong configuration, and what it puts into an image."""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOOD = "[vm alpha]\nmemory = 64M\nkernel = images/kernel.bin\n"
# a wrong configuration, and what the one line about it contains
BAD = [
    ("[vm alpha]\nmemory = 12Q\nkernel = k\n", ["lab.ini:2:", "[vm alpha]", "memory", "12Q"]),
    ("[vm alpha]\nmemory = 64M\nkernel = nothing.bin\n", ["lab.ini:3:", "[vm alpha]", "kernel", "nothing.bin"]),
    ("[vm alpha]\nmemory = 64M\nkernel = images/kernel.bin\ncolour = red\n", ["lab.ini:4:", "[vm alpha]", "colour"]),
    ("[hypervisor]\nuplink = maybe\n" + GOOD, ["lab.ini:2:", "[hypervisor]", "uplink", "maybe"]),
    (GOOD + "net = bridge\n", ["lab.ini:4:", "[vm alpha]", "net", "bridge"]),
    (GOOD + "disk = ram:lots\n", ["lab.ini:4:", "[vm alpha]", "disk", "lots"]),
    (GOOD + "forward = tcp:99999:80\n", ["lab.ini:4:", "[vm alpha]", "forward", "99999"]),
    (GOOD + "cpus = 0\n", ["lab.ini:4:", "[vm alpha]", "cpus"]),
    ("[guest alpha]\nmemory = 64M\n", ["lab.ini:1:", "guest alpha"]),
]


def image(folder, text, *arguments):
    with open(os.path.join(folder, "lab.ini"), "w") as out:
        out.write(text)
    command = [os.path.join(ROOT, "tools/image")] + list(arguments or ["lab.ini", "out.img"])
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_errors(folder):
    for text, words in BAD:
        code, said = image(folder, text)
        lines = [line for line in said.splitlines() if "lab.ini:" in line]
        if code == 0 or not any(all(word in line for word in words) for line in lines):
            yield "%r: expected a line with %s, got %d:\n%s" % (text, words, code, said)
        if os.path.exists(os.path.join(folder, "out.img")):
            yield "%r: an image was written" % text


def test_good(folder):
    code, said = image(folder, GOOD)
    if code != 0:
        yield "a good configuration is refused:\n" + said
        return
    for name, size in (("EFI/BOOT/BOOTX64.EFI", None), ("vireo.ini", len(GOOD)), ("images/kernel.bin", 5000)):
        done = subprocess.run(["mtype", "-i", "out.img@@1M", "::/" + name], cwd=folder, capture_output=True)
        if done.returncode or size not in (None, len(done.stdout)):
            yield "%s is not on the partition as it should be" % name
    code, said = image(folder, GOOD, "--to", "esp", "lab.ini")
    if code or not os.path.exists(os.path.join(folder, "esp/EFI/BOOT/BOOTX64.EFI")):
        yield "--to: " + said


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "images"))
        with open(os.path.join(folder, "images/kernel.bin"), "wb") as out:
            out.write(bytes(5000))
        wrong = [*test_errors(folder), *test_good(folder)]
    for text in wrong:
        print(text)
    return 1 if wrong else 0


sys.exit(main())
