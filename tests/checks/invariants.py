# SPDX-License-Identifier: BSD-2-Clause
"""The ids of invariants (INV-SC-1) are the same in docs/invariants.md, in the code and in the tests.

Each id is defined once, in a heading, list item or table row of the document; the code that holds or checks
it names it; and a test names it that would break it.
"""

import re

from checklib import Tap, texts, tracked

ID = re.compile(r"\bINV-[A-Z]+-\d+\b")
DEFINITION = re.compile(r"^\s*(?:#+|[-*]|\|)\s*[*`]*(INV-[A-Z]+-\d+)\b", re.M)
DOCUMENT = "docs/invariants.md"
CODE = ("lib/", "abi/", "arch/", "plat/", "kernel/", "mcs/", "smp/", "bootloader/", "user/")


def check(files):
    found = []
    defined = DEFINITION.findall(files.get(DOCUMENT, ""))
    for name in sorted({n for n in defined if defined.count(n) > 1}):
        found.append(f"{DOCUMENT}: {name} is defined more than once")
    used = {}
    in_code, in_tests = set(), set()
    for path, text in files.items():
        if path == DOCUMENT or path.startswith("tests/checks/"):
            continue
        for name in set(ID.findall(text)):
            used.setdefault(name, path)
            if path.startswith(CODE):
                in_code.add(name)
            if path.startswith("tests/"):
                in_tests.add(name)
    for name, path in sorted(used.items()):
        if name not in defined:
            found.append(f"{path}: {name} is not defined in {DOCUMENT}")
    for name in defined:
        if name not in in_code:
            found.append(f"{DOCUMENT}: {name} is named nowhere in the code")
        if name not in in_tests:
            found.append(f"{DOCUMENT}: {name} is named by no test")
    return found


def main():
    tap = Tap()
    good = {DOCUMENT: "| INV-SC-1 | text |\n", "mcs/a.c": "// INV-SC-1\n", "tests/unit/a.c": "// INV-SC-1\n"}
    tap.catches("all three agree", check(good), 0)
    tap.catches("not documented", check({**good, "mcs/b.c": "INV-SC-2"}))
    tap.catches("not in the code", check({**good, "mcs/a.c": ""}))
    tap.catches("no test", check({**good, "tests/unit/a.c": ""}))
    tap.catches("defined twice", check({**good, DOCUMENT: "- INV-SC-1 a\n- INV-SC-1 b\n"}))
    tap.complaints("invariants are the same in document, code and tests",
                   check(texts(tracked(".c", ".h", ".S", ".py", ".md", ".pml"))))
    tap.done()


main()
