# SPDX-License-Identifier: BSD-2-Clause
"""Every C file has the layout of .clang-format, and every text file is tidy: UTF-8, no tabs, no blanks at the
end of a line, a newline at the end of the file."""

import os
import re
import shutil
import subprocess
import tempfile

from checklib import ROOT, Tap, texts, tracked


def clang_format(paths):
    """One complaint per file that clang-format would change."""
    found = []
    for start in range(0, len(paths), 40):
        out = subprocess.run(["clang-format", "--dry-run", "--style=file", *paths[start:start + 40]], cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        found += [f"{m[1]}:{m[2]}: not laid out as .clang-format says; run clang-format -i"
                  for m in re.finditer(r"^(.+?):(\d+):\d+: \w+: code should be clang-formatted", out, re.M)]
    return list({f.split(":")[0]: f for f in reversed(found)}.values())[::-1]


TABS_ALLOWED = (".golden", ".patch")


def untidy(files):
    found = []
    for path, text in files.items():
        if "\0" in text or path.endswith(TABS_ALLOWED) or path.startswith(("tests/golden/", "tests/fuzz/corpus/")):
            continue
        if "\ufffd" in text:
            found.append(f"{path}:1: not UTF-8")
        if text and not text.endswith("\n"):
            found.append(f"{path}:{text.count(chr(10)) + 1}: no newline at the end")
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                found.append(f"{path}:{number}: a tab")
            if line != line.rstrip() and not path.endswith(".md"):
                found.append(f"{path}:{number}: blanks at the end of the line")
    return found


def main():
    tap = Tap()
    tap.catches("tab, blanks, no newline, not UTF-8",
                untidy({"a.c": "\tint a;\n", "b.c": "int b; \n", "c.c": "int c;", "d.c": "\ufffd\n"}), 4)
    tap.catches("tidy text", untidy({"a.c": "int a;\n", "b.c": ""}), 0)
    tap.complaints("text files are tidy", untidy(texts(tracked())))
    if shutil.which("clang-format"):
        # Below the root, so that the tree's own .clang-format is found.
        with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
            shutil.copy(os.path.join(ROOT, ".clang-format"), folder)
            path = os.path.join(folder, "wrong.c")
            with open(path, "w", encoding="utf-8") as file:
                file.write("int f( void )\n{ return 1 ; }\n")
            tap.catches("wrong layout", clang_format([path]))
        tap.complaints("C files are laid out", clang_format([p for p in tracked(".c", ".h") if not p.startswith("abi/golden/")]))
    else:
        tap.skip("C files are laid out", "no clang-format")
    tap.done()


main()
