# SPDX-License-Identifier: BSD-2-Clause
"""What the documents say is there: verbs of ./skerry, paths, links, packages.

usage: readme.py TOOL    the built program, whose --help lists the verbs
"""

import os
import re
import subprocess
import sys

from checklib import ROOT, Tap, read, texts, tracked

COMMAND = re.compile(r"\./skerry[ \t]+(--?[a-z][\w-]*|[a-z][\w-]*)")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
MAP_ROW = re.compile(r"^\|?\s*`([\w./-]+/)`", re.M)


def commands(files, verbs):
    found = []
    for path, text in files.items():
        for match in COMMAND.finditer(text):
            if match[1] not in verbs:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: ./skerry has no `{match[1]}`")
    return found


def links(files, exists):
    found = []
    for path, text in files.items():
        for match in list(LINK.finditer(text)):
            target = os.path.normpath(os.path.join(os.path.dirname(path), match[1]))
            if not exists(target):
                found.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[1]} is not there")
        if path == "README.md":
            for match in MAP_ROW.finditer(text):
                if not exists(match[1]):
                    found.append(f"{path}:{text.count(chr(10), 0, match.start(1)) + 1}: {match[1]} is not there")
    return found


def packages(table, readme):
    names = re.findall(r"^([a-z0-9][a-z0-9.+-]*)\s*\|", table, re.M)
    return [f"README.md: the package {n} is not explained" for n in names if f"`{n}`" not in readme]


def verbs_of(tool):
    out = subprocess.run([tool, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"(?<![\w-])(--?[a-z][\w-]*|[a-z]+)", out)) | {"--help", "--version"}


def main():
    tap = Tap()
    tap.catches("a verb that is not there", commands({"README.md": "`./skerry fly --fast`"}, {"run"}))
    tap.catches("a verb that is", commands({"README.md": "`./skerry run`, ./skerry"}, {"run"}), 0)
    tap.catches("dead link and path", links({"README.md": "[a](docs/no.md)\n| `nowhere/` | x |\n"}, lambda p: False), 2)
    tap.catches("a live link", links({"docs/a.md": "[a](b.md#x) [c](mailto:x)"}, lambda p: p == "docs/b.md"), 0)
    tap.catches("an unexplained package", packages("# c\ngcc | main | - | why\nspin | main | - | why\n", "`gcc`"))

    documents = texts(tracked(".md"))
    tap.complaints("links and paths lead somewhere",
                   links(documents, lambda p: os.path.exists(os.path.join(ROOT, p))))
    if "README.md" in documents:
        tap.complaints("README explains every package",
                       packages(read("tools/setup/packages.txt"), documents["README.md"]))
    if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
        tap.complaints("documents name only verbs that exist", commands(documents, verbs_of(sys.argv[1])))
    else:
        tap.skip("documents name only verbs that exist", "no tool given")
    tap.done()


main()
