#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Plants one violation of each include rule and expects tools/check-includes to name it."""
import os
import subprocess
import sys
import tempfile

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/check-includes")
GOOD = {
    "boot/main.c": '#include <efi.h>\n#include "hv/vm.h"\n',
    "hv/vm.h": "#include <stdint.h>\n",
    "hv/vm.c": '#include "hv/vm.h"\n#include <arch/cpu.h>\n#include "guest-devices/bus.h"\n',
    "hv/word.c": "#include <stdio.h>\n",
    "arch/common/libc/stdio.h": "",
    "hv/net/nat.c": '#include "lwip/ip.h"\n',
    "arch/include/arch/cpu.h": "#include <stddef.h>\n",
    "arch/x86_64/cpu.c": "#include <arch/cpu.h>\n#ifdef __x86_64__\n#endif\n",
    "guest-devices/bus.h": "#include <stdint.h>\n",
    "guest-devices/virtio/blk.c": '#include "guest-devices/bus.h"\n/* specification, precision */\n',
    "guest-devices/virtio/pci.c": "/* the pci transport */\n",
    "tests/unit/vm/a.c": '#include "hv/vm.h"\n#include <stdio.h>\n',
}
# file, its text, what the complaint says
BAD = [
    ("hv/a.c", '#include "boot/b.h"\n', "hv may not include boot/b.h"),
    ("hv/a.c", '#include "tests/lib/t.h"\n', "hv may not include tests/lib/t.h"),
    ("hv/a.c", '#include "arch/x86_64/svm.h"\n', "hv may not include arch/x86_64/svm.h"),
    ("hv/a.c", "#include <unistd.h>\n", "neither ours nor freestanding"),
    ("guest-devices/a.c", "#include <stdio.h>\n", "neither ours nor freestanding"),
    ("hv/a.c", "#include <lwip/ip.h>\n", "not for this folder"),
    ("hv/a.c", "#if defined(__x86_64__)\n", "#if on the machine"),
    ("guest-devices/a.c", "#ifdef __aarch64__\n", "#if on the machine"),
    ("guest-devices/a.c", '#include "hv/vm.h"\n', "guest-devices may not include hv/vm.h"),
    ("guest-devices/a.c", "#include <arch/cpu.h>\n", "guest-devices may not include arch/include"),
    ("guest-devices/virtio/rng.c", "/* over MMIO */\n", "does not know its transport"),
    ("guest-devices/virtio/rng.c", "int virtio_pci_thing;\n", "does not know its transport"),
    ("arch/x86_64/a.c", '#include "hv/vm.h"\n', "arch/x86_64 may not include hv/vm.h"),
    ("arch/x86_64/a.c", '#include "guest-devices/bus.h"\n', "may not include guest-devices/bus.h"),
    ("arch/aarch64/a.c", '#include "arch/x86_64/svm.h"\n', "arch/aarch64 may not include arch/x86_64/svm.h"),
    ("guest-devices/bus.h", '#include "guest-devices/loop.h"\n', "include cycle between headers"),
    ("hv/blk/a.c", '#include "hv/drivers/d.h"\n', "include cycle between folders"),
]
EXTRA = {
    "boot/b.h": "", "tests/lib/t.h": "", "arch/x86_64/svm.h": "", "hv/drivers/d.h": "", "hv/blk/b.h": "",
    "guest-devices/loop.h": '#include "guest-devices/bus.h"\n', "hv/drivers/d.c": '#include "hv/blk/b.h"\n',
}


def complaints(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w") as out:
                out.write(text)
        done = subprocess.run([TOOL, root], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def main():
    wrong = 0
    code, text = complaints({**EXTRA, **GOOD})
    if code != 0:
        wrong += 1
        print("a good tree is refused:\n" + text)
    for path, line, expected in BAD:
        code, text = complaints({**EXTRA, **GOOD, path: line})
        if code != 1 or expected not in text:
            wrong += 1
            print("%s with %r: expected '%s', got %d: %s" % (path, line, expected, code, text))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
