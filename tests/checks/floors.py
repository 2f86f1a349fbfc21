# SPDX-License-Identifier: BSD-2-Clause
"""Holds the table of floors (ARCHITECTURE.md): a file includes only what is below it.

Also: includes of our own are root-relative and exist, and the floors that run without a C library include
no header of one.

usage: floors.py BUILD_FOLDER...    generated headers are looked for there
"""

import os
import re
import sys

from checklib import ROOT, Tap, strip_c, texts, tracked

# Folder of the file -> folders (or single headers) it may include. The longest matching prefix counts.
SHAPES = ["lib", "abi", "arch", "kernel/model"]
ALLOWED = {
    "lib": ["lib"],
    "abi": ["lib", "abi"],
    "arch": ["lib", "abi", "arch"],
    # The host is the whole machine of a test: it holds kernel state per thread and plays the platform.
    "arch/host": ["lib", "abi", "arch", "plat", "kernel/model"],
    "plat": ["lib", "abi", "arch", "plat"],
    "kernel/model": ["lib", "abi", "arch", "kernel/model"],
    "mcs": SHAPES + ["mcs"],
    "smp": SHAPES + ["smp"],
    "kernel/cspace": SHAPES + ["kernel/cspace"],
    "kernel/ipc": SHAPES + ["mcs", "smp", "kernel/cspace", "kernel/ipc"],
    "kernel/object": SHAPES + ["mcs", "smp", "kernel/cspace", "kernel/ipc", "kernel/object", "plat/plat.h"],
    "kernel/invoke": SHAPES + ["mcs", "smp", "kernel/cspace", "kernel/ipc", "kernel/object", "kernel/invoke"],
    "kernel/entry": SHAPES + ["mcs", "smp", "kernel", "plat/plat.h"],
    "bootloader": ["lib", "abi", "arch", "plat", "bootloader"],
    "user": ["lib", "abi", "user"],
    "examples": ["lib", "abi", "user", "examples"],
    "benchmarks": ["lib", "abi", "user", "benchmarks"],
    # The last two say where in a program's image the tool writes, and what it writes for the monitor.
    "tools": ["lib", "abi", "tools", "user/microkit/layout.h", "user/init/watch.h"],
}
# These have a C library; the others only what a freestanding compiler brings.
HOSTED = ["arch/host", "plat/host", "user", "examples", "benchmarks", "tools"]
FREESTANDING = {"float.h", "iso646.h", "limits.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h",
                "stddef.h", "stdint.h", "stdnoreturn.h"}

# Tests see everything; goldens are copies of generated text, which belongs to the folder that includes it.
EXEMPT = ("tests/", "abi/golden/")

BUILD_FOLDERS = sys.argv[1:]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)


def is_below(path, folder):
    return path == folder or path.startswith(folder + "/")


def floor_of(path):
    floors = [f for f in ALLOWED if is_below(path, f)]
    return max(floors, key=len) if floors else None


def check(files, exists, generated=lambda path: False):
    """`exists(path)` says whether a header is on an include path, `generated(path)` whether a build made it there."""
    found = []
    for path, text in files.items():
        floor = floor_of(path)
        if path.startswith(EXEMPT):
            continue
        if floor is None:
            found.append(f"{path}:1: this folder is on no floor; see the table in tests/checks/floors.py")
            continue
        for match in INCLUDE.finditer(strip_c(text, keep_strings=True)):
            line = text.count("\n", 0, match.start(0)) + 1
            ours, system = match.groups()
            # arch_isa/ is arch/<isa>/include/arch_isa/, one of which is on the include path.
            real = "arch/" + ours if ours and ours.startswith("arch_isa/") else ours
            if system:
                if system not in FREESTANDING and not any(is_below(path, h) for h in HOSTED):
                    found.append(f"{path}:{line}: <{system}> belongs to a C library, which {floor} has not")
            elif not exists(ours) and generated(os.path.join(os.path.dirname(path), ours)):
                pass  # generated for this folder alone
            elif not exists(ours):
                found.append(f'{path}:{line}: "{ours}" is not a path from the root of the tree')
            elif not any(is_below(real, allowed) for allowed in ALLOWED[floor]):
                found.append(f'{path}:{line}: {floor} must not include "{ours}"')
    return found


def self_test(tap):
    def here(path):
        return path != "refill.h"
    tap.catches("time does not call IPC", check({"mcs/a.c": '#include "kernel/ipc/endpoint.h"\n'}, here))
    tap.catches("siblings do not see each other", check({"mcs/a.c": '#include "smp/ring.h"\n'}, here))
    tap.catches("smp reaches hardware through arch", check({"smp/a.c": '#include "plat/plat.h"\n'}, here))
    tap.catches("only plat.h is for objects", check({"kernel/object/a.c": '#include "plat/irq.h"\n'}, here))
    tap.catches("kernels have no C library", check({"kernel/ipc/a.c": "#include <string.h>\n"}, here))
    tap.catches("includes are root-relative", check({"mcs/a.c": '#include "refill.h"\n'}, here))
    tap.catches("what was made for one folder", check({"examples/a/b.c": '#include "x.h"\n'}, lambda p: False,
                                                      lambda p: p == "examples/a/x.h"), 0)
    tap.catches("unknown folder", check({"kernel/other/a.c": "\n"}, here))
    tap.catches("what is allowed", check({
        "mcs/a.c": '#include <stdint.h>\n#include "mcs/refill.h"\n#include "kernel/model/tcb.h"\n',
        "kernel/entry/a.c": '#include "kernel/invoke/x.h"\n#include "plat/plat.h"\n',
        "kernel/object/a.c": '#include "plat/plat.h"\n/* #include "kernel/entry/x.h" */\n',
        "arch/host/a.c": "#include <stdio.h>\n",
    }, here), 0)


def header_exists(path):
    places = [os.path.join(ROOT, f) for f in ("", "lib/variant/debug", "arch/riscv/include", "arch/host/include")]
    return any(os.path.isfile(os.path.join(p, path)) for p in places + BUILD_FOLDERS)


def header_generated(path):
    return any(os.path.isfile(os.path.join(p, path)) for p in BUILD_FOLDERS)


def main():
    tap = Tap()
    self_test(tap)
    found = check(texts(tracked(".c", ".h", ".S")), header_exists, header_generated)
    tap.complaints("every include obeys the floors", found)
    tap.done()


main()
