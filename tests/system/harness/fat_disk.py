# SPDX-License-Identifier: BSD-2-Clause
"""Disk images for guests that start in firmware."""
import os
import subprocess

from machine import LAB


def run(*command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)


def make_disk(path, files=()):
    """One FAT partition with a kernel, its initial RAM disk, and more files, by name."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    run("rm", "-f", path)
    run("truncate", "-s", "48M", path)
    run("sfdisk", "--quiet", path, input=b"start=2048, type=c\n")
    run("mkfs.fat", "-F", "32", "--offset", "2048", path, str(47 * 1024))
    for name in ("vmlinuz", "alpha.cpio.gz"):
        run("mcopy", "-i", path + "@@1M", os.path.join(LAB, name), "::/" + name)
    for name, data in dict(files).items():
        run("mcopy", "-i", path + "@@1M", "-", "::/" + name, input=data)
