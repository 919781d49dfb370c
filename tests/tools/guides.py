#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The guides in guest-devices/ say what the code says.

Above each C excerpt stands the file that it is from, as the last `path` of the line; the excerpt is in
that file as it stands, where a line of three dots means that something is left out. Each `path/file` and
each `function()` that a guide names exists; `make`'s targets and links to other files too.
"""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
FENCE = re.compile(r"^([^\n]*)\n\n?```c\n(.*?)^```$", re.M | re.S)


def lines_of(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def pieces(excerpt):
    """The excerpt, cut where something is left out."""
    found = [[]]
    for line in lines_of(excerpt):
        if line == "...":
            found.append([])
        else:
            found[-1].append(line)
    return [piece for piece in found if piece]


def in_order(wanted, lines):
    """Does each piece stand in these lines, one behind the other?"""
    at = 0
    for piece in wanted:
        while lines[at:at + len(piece)] != piece:
            at += 1
            if at >= len(lines):
                return False
        at += len(piece)
    return True


def wrong_excerpts(text, read):
    if len(FENCE.findall(text)) != text.count("```c\n"):
        yield "an excerpt has no line above it"
    for above, excerpt in FENCE.findall(text):
        path = (re.findall(r"`([^`]+)`", above) or [""])[-1]
        source = read(path)
        if source is None:
            yield "no file is named above an excerpt, but: " + above
        elif not in_order(pieces(excerpt), lines_of(source)):
            yield "%s has not:\n%s" % (path, excerpt)


def wrong_names(text, exists, functions, targets):
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    for name in re.findall(r"`([^`\n]+)`", prose):
        if call := re.match(r"(\w+)\(\)$", name):
            if call[1] not in functions:
                yield "there is no function " + name
        elif make := re.match(r"make ([\w-]+)", name):
            if make[1] not in targets:
                yield "there is no `%s`" % name
        elif re.match(r"[\w.*/-]+/[\w.*-]*(\.\w+)?$", name) and not exists(name):
            yield "there is no file " + name
    for link in re.findall(r"\]\(([^)#:]+)\)", prose):
        if not exists("guest-devices/" + link):
            yield "there is no file behind the link " + link


def check_itself():
    source = "int one(void)\n{\n\treturn 1;\n}\n\nint two;\n"

    def excerpts(text):
        return len(list(wrong_excerpts(text, lambda path: source if path == "a.c" else None)))

    good = "From `a.c`:\n\n```c\nint one(void)\n{\n\t...\n}\nint two;\n```\n"
    for text, count in [(good, 0), (good.replace("int two", "int too"), 1), (good.replace("`a.c`", "`b.c`"), 1),
                        (good.replace("\t...\n", ""), 1), ("```c\nint two;\n```\n", 1)]:
        if excerpts(text) != count:
            sys.exit("guides: %d mistakes found, not %d, in:\n%s" % (excerpts(text), count, text))
    names = "`one()` `no()` `a/b.c` `no/b.c` `make test` `make no` `a / b` [x](no.md)"
    wrong = list(wrong_names(names, lambda path: path == "a/b.c", {"one"}, {"test"}))
    if len(wrong) != 4:
        sys.exit("guides: names are judged as %s" % wrong)


def read(path):
    if not os.path.isfile(path):
        return None
    with open(path) as file:
        return file.read()


def main():
    check_itself()
    os.chdir(ROOT)
    names = subprocess.run(["grep", "-rhoE", r"\w+\(", "guest-devices", "hv", "tests/lib", "tests/unit", "--include=*.[ch]"],
                           capture_output=True, text=True, check=True).stdout
    functions = {name[:-1] for name in names.split()}
    targets = set(re.findall(r"^([\w-]+):", read("Makefile"), re.M))
    wrong = []
    guides = sorted(glob.glob("guest-devices/*.md"))
    for guide in guides:
        text = read(guide)
        found = list(wrong_excerpts(text, read)) + list(wrong_names(text, glob.glob, functions, targets))
        wrong += ["%s: %s" % (guide, what) for what in found]
    print("\n".join(wrong))
    return 1 if wrong or not guides else 0


if __name__ == "__main__":
    sys.exit(main())
