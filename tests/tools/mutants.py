#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/mutants finds every operand of every condition, and only those."""
import importlib.machinery
import importlib.util
import os
import sys

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/mutants")
CASES = [
    ("if (a)\n\tb();", ["a"]),
    ("if (a || (b && c == d(1, 2)))", ["a", "b", "c == d(1, 2)"]),
    ("while (a < 3 && b)", ["a < 3", "b"]),
    ("while (a)", []),
    ("return a && !b;", ["a", "!b"]),
    ("return a;", []),
    ("if (a) /* if (b) */ puts(\"if (c)\");", ["a"]),
    ("if (f(a, b || c))", ["f(a, b || c)"]),
]
REMOVED = [("if (a || b)", [0, 0]), ("if (a && b)", [1, 1]), ("if (a)", [0])]


def load():
    spec = importlib.util.spec_from_loader("mutants", importlib.machinery.SourceFileLoader("mutants", TOOL))
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module


def expect(truth, what):
    if not truth:
        sys.exit("mutants: " + what)


mutants = load()
for text, checks in CASES:
    switches = []
    mutated = mutants.mutate("x.c", text, switches)
    expect(sorted(s.check for s in switches) == sorted(checks), "%s gives %s" % (text, [s.check for s in switches]))
    expect(mutated.count("MUTANT(") == len(checks) + 1, "%s becomes %s" % (text, mutated))
for text, removed in REMOVED:
    switches = []
    mutants.mutate("x.c", text, switches)
    expect([s.removed for s in switches] == removed, "%s is removed as %s" % (text, [s.removed for s in switches]))
