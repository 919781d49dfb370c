#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A statement counts as proved only through a test that ran and passed; mistakes in the marks are named."""
import os
import stat
import subprocess
import sys
import tempfile

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/conformance")
SOURCE = """PROVES("V14-A-001", "V14-A-002")
Test(one, good)
{
}
PROVES("V14-A-002")
Test(one, bad)
PROVES("V14-A-L01")
Test(one, never_ran)
"""
RESULT = """{"test_suites": [{"name": "one", "tests": [
{"name": "good", "status": "PASSED"}, {"name": "bad", "status": "FAILED"}]}]}"""
WANT = {"V14-A-001": "proved", "V14-A-002": "open", "V14-A-003": "open", "V14-A-L01": "open",
        "V14-A-004": "not applicable", "V14-A-005": "not applicable"}


def write(path, text, executable=False):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    if executable:
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


def lay_out(folder, source, excused):
    write(folder + "/rows/parts.tsv", "part\tA\t5\t1\n")
    write(folder + "/rows/not-applicable.tsv", excused)
    write(folder + "/tests/area/a.c", source)
    fake = "#!/bin/sh\nfor a; do case $a in --json=*) cat >${a#--json=} <<'E'\n%s\nE\n;; esac; done\n"
    write(folder + "/programs/area", fake % RESULT, True)


def conformance(folder):
    out = folder + "/out.tsv"
    done = subprocess.run([TOOL, "--rows", folder + "/rows", "--tests", folder + "/tests", "--programs",
                           folder + "/programs", "--out", out], capture_output=True, text=True)
    states = dict(line.split("\t")[:2] for line in open(out).read().splitlines())
    return done.returncode, states, done.stderr


def expect(truth, what):
    if not truth:
        sys.exit("conformance: " + what)


with tempfile.TemporaryDirectory() as folder:
    lay_out(folder, SOURCE, "V14-A-004..005\tnot offered\n")
    code, states, said = conformance(folder)
    expect(states == WANT, "states are %s" % states)
    expect(code == 1 and "one/bad" in said and "one/never_ran" in said, "failed tests are not named: " + said)
    lay_out(folder, 'PROVES("V14-A-009")\nTest(one, good)\n', "V14-A-004\tnot offered\n")
    code, states, said = conformance(folder)
    expect(code == 1 and "V14-A-009 is not a statement" in said, "an id that does not exist passes")
    lay_out(folder, 'PROVES("V14-A-001")\nstatic int x;\nTest(one, good)\n', "")
    code, states, said = conformance(folder)
    expect(code == 1 and "not directly above" in said, "a mark above no test passes")
    lay_out(folder, 'PROVES("V14-A-001")\nTest(one, good)\n', "V14-A-001\tno\n")
    code, states, said = conformance(folder)
    expect(code == 1 and "said not to apply" in said, "a statement is excused and proved")
    lay_out(folder, 'PROVES("V14-A-001")\nTest(one, good)\n', "")
    code, states, said = conformance(folder)
    expect(code == 0 and said == "", "a good run complains: " + said)
