#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every fuzzer's header names a bug that can still be planted: the code that it changes is there, once."""
import importlib.machinery
import importlib.util
import os
import sys

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/fuzz")
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_loader("fuzz", importlib.machinery.SourceFileLoader("fuzz", TOOL))
fuzz = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzz)
os.chdir(fuzz.ROOT)
for name in fuzz.targets():
    path, before, after = fuzz.planted(name)
    if before == after:
        sys.exit("fuzz: the bug of %s changes nothing" % name)
