#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/mutants finds every operand of every condition, and only those, and knows them by function and text."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile

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
    ("x = a ? b : c;", ["a"]),
    ("x = f(1) < 2 && b ? c : d == 3 ? e : f;", ["f(1) < 2", "b", "d == 3"]),
    ("x <<= y(a ? b : c);", ["a"]),
    ("if (a && (b ? c : d))", ["a", "b ? c : d", "b"]),
    ("if (a ? b : c)", ["a", "a ? b : c"]),
    ("bool x = a == b || c;", ["a == b", "c"]),
    ("x = a == b;", []),
    ("for (i = 0; i < n && a; i++)", ["i < n", "a"]),
    ("for (i = 0; i < n; i++)", []),
    ("if (a == '(' && b)", ["a == '('", "b"]),
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

FILE = """
static int one(struct thing *a)
{
	if (a)
		return 1;
	if (a)
		return 2;
}

int two(int b,
        int c)
{
	return b || c;
}
"""
switches = []
mutants.mutate("x.c", FILE, switches)
keys = [mutants.Mutant(switch, True).key for switch in switches]
expect(keys == [("x.c", "one", "inverted", "a"), ("x.c", "one", "inverted", "a #2"),
                ("x.c", "two", "inverted", "b"), ("x.c", "two", "inverted", "c")], "keys are %s" % keys)
moved, changed = [], []
mutants.mutate("x.c", "int x;\n" + FILE, moved)
mutants.mutate("x.c", FILE.replace("return 2", "return 3"), changed)
expect([s.text for s in moved] == [s.text for s in switches], "a moved line is a changed function")
expect(changed[0].text != switches[0].text and changed[2].text == switches[2].text, "a change is another function's")

with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
    file.write("# file\tfunction\thow\tcheck\treason\nx.c\tone\teither\ta\tbecause\nx.c\ttwo\tinverted\tb\twhy\n")
    file.flush()
    mutants.REASONS = file.name
    listed = mutants.reasons()
expect(set(listed) == {("x.c", "one", "removed", "a"), ("x.c", "one", "inverted", "a"), ("x.c", "two", "inverted", "b")},
       "rows are read as %s" % listed)


def judged(caught):
    """Is all well when these of the four checks are caught both ways?"""
    all_mutants = [mutants.Mutant(switch, inverted) for switch in switches for inverted in (False, True)]
    for mutant in all_mutants:
        mutant.caught = mutant.key[1:] in caught
    with contextlib.redirect_stdout(io.StringIO()) as out:
        return mutants.report(all_mutants, listed), out.getvalue()


every = {(f, how, c) for f, c in (("one", "a"), ("one", "a #2"), ("two", "b"), ("two", "c")) for how in ("removed", "inverted")}
known = {key[1:] for key in listed}
mutants.SETS["x"] = ["x.c"]
mutants.GOAL = 0
expect(judged(every - known)[0], "survivors with a reason are a failure")
expect("stale" in judged(every)[1] and not judged(every)[0], "a row whose mutant is caught is not stale")
expect(not judged(every - known - {("two", "removed", "c")})[0], "a survivor without a reason is none")
mutants.GOAL = 0.95
expect(not judged(every - known)[0], "too few are caught")
