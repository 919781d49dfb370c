#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/coverage counts what ran, from gcc's own counters, and what did not; below an aim it says so."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tempfile

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/coverage")
SOURCE = """int twice(int a)
{
	if (a > 3)
		return 0;
	return a < 0 || a == 2 ? 5 : 2 * a;
}
"""
HEADER = "static inline int one(int a)\n{\n\treturn a ? 1 : 2;\n}\n"
MAIN = '#include "guest-devices/head.h"\nint twice(int a);\nint main(void)\n{\n\treturn twice(1) + one(1) != 3;\n}\n'
NEVER = '#include "guest-devices/head.h"\nint never(void)\n{\n\treturn one(0);\n}\n'


def expect(truth, what):
    if not truth:
        sys.exit("coverage: " + what)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def compile(coverage, name):
    out = "%s/%s.o" % (coverage.OBJECTS, name)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    subprocess.run(["gcc", "-O1", "-g", "-I.", *coverage.COUNTERS.split(), "-c", name + ".c", "-o", out], check=True)
    return out


sys.dont_write_bytecode = True
spec = importlib.util.spec_from_loader("coverage", importlib.machinery.SourceFileLoader("coverage", TOOL))
coverage = importlib.util.module_from_spec(spec)
spec.loader.exec_module(coverage)

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name, text in {"guest-devices/a.c": SOURCE, "guest-devices/never.c": NEVER, "guest-devices/head.h": HEADER,
                       "main.c": MAIN}.items():
        write(folder + "/" + name, text)
    objects = [compile(coverage, name) for name in ("guest-devices/a", "guest-devices/never", "main")]
    subprocess.run(["gcc", "--coverage", *objects, "-o", "program"], check=True)
    subprocess.run(["./program"], check=True)
    files = coverage.collect(coverage.gcov_files())
    expect(set(files) == {"guest-devices/a.c", "guest-devices/never.c", "guest-devices/head.h"}, "files: %s" % set(files))
    run = {number for number, count in files["guest-devices/a.c"].lines.items() if count}
    expect(run == {1, 3, 5}, "lines that ran: %s" % run)
    # a > 3 went one way; a < 0 and a == 2 one way each
    expect(files["guest-devices/a.c"].counts()[2:] == [3, 6], "branches: %s" % files["guest-devices/a.c"].counts())
    expect(files["guest-devices/never.c"].counts()[0] == 0, "what never ran is counted")
    expect(files["guest-devices/head.h"].lines[3] == 1, "a header's function runs in the file that calls it")
    misses = files["guest-devices/a.c"].misses()
    expect(misses[4] == "not run" and misses[5].startswith("way ") and 1 not in misses, "misses: %s" % misses)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        coverage.show("guest-devices/a.c", files["guest-devices/a.c"])
        coverage.table(files)
    expect("a.c:4: not run: return 0;" in out.getvalue(), "misses are not shown")

expect(coverage.judge([95, 100, 90, 100]) == [], "aims that are met are called missed")
expect(len(coverage.judge([94, 100, 90, 100])) == 1 and len(coverage.judge([95, 100, 89, 100])) == 1, "a miss passes")
expect(coverage.matches("guest-devices/virtio/blk_space.c", "blk"), "blk is not the files that begin so")
expect(coverage.matches("guest-devices/timer/pit.c", "timer"), "a folder is not its files")
expect(not coverage.matches("guest-devices/timer/pit.c", "blk"), "everything is blk")
