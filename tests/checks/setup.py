# SPDX-License-Identifier: BSD-2-Clause
"""The set-up step of ./skerry: how it derives the backports source, and its table of packages.

The shell functions are taken out of the script and run on sources in a folder of the test's own.
"""

import os
import re
import subprocess
import tempfile

from checklib import ROOT, Tap, read

DEB822 = """# a comment
Types: deb deb-src
URIs: mirror+file:/etc/mirrors
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: https://other.example/security
Suites: bookworm-security
Components: main
"""
DEB822_WANTED = """Types: deb
URIs: mirror+file:/etc/mirrors
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/archive.gpg
"""
ONE_LINE = """deb-src https://a.example/debian bookworm main
deb https://a.example/debian-security bookworm-security main
# deb https://b.example/debian bookworm main
deb [arch=amd64 signed-by=/a.gpg] https://c.example/debian bookworm main contrib
"""
ONE_LINE_WANTED = "deb [arch=amd64 signed-by=/a.gpg] https://c.example/debian bookworm-backports main\n"

# (name, {file: text}, what derive_source prints, what derive_source_oneline prints)
CASES = [
    ("deb822", {"sources.list.d/debian.sources": DEB822}, DEB822_WANTED, ""),
    ("one line", {"sources.list": ONE_LINE}, "", ONE_LINE_WANTED),
    ("one line, without options", {"sources.list": "deb https://a.example/debian bookworm main\n"}, "",
     "deb https://a.example/debian bookworm-backports main\n"),
    ("a list among others", {"sources.list": "", "sources.list.d/x.list": ONE_LINE}, "", ONE_LINE_WANTED),
    ("an entry that is off", {"sources.list.d/debian.sources": DEB822.replace("Types", "Enabled: no\nTypes", 1)}, "", ""),
    ("sources only", {"sources.list.d/debian.sources": DEB822.replace("deb deb-src", "deb-src")}, "", ""),
    ("two files that serve it", {"sources.list.d/a.sources": DEB822, "sources.list.d/b.sources": DEB822},
     DEB822_WANTED, ""),
    ("nothing", {"sources.list": ""}, "", ""),
]


def run_function(name, files):
    """Prints of the script's shell function `name`, run on an /etc/apt of these files."""
    script = read("skerry")
    function = re.search(rf"^{name}\(\) {{\n.*?^}}\n", script, re.M | re.S)[0]
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "sources.list.d"))
        for path, text in files.items():
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        text = function.replace("/etc/apt", folder) + f"{name} bookworm-backports bookworm\n"
        return subprocess.run(["sh", "-c", text], stdout=subprocess.PIPE, text=True).stdout


def table_errors(text):
    found = []
    seen = set()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [c.strip() for c in line.split("|")]
        good = len(columns) == 4 and all(columns) and columns[1] in ("main", "backports") and columns[0] not in seen
        if not good:
            found.append(f"packages.txt:{number}: not `package | main or backports | version or - | why`, or twice")
        seen.add(columns[0])
    return found


def main():
    tap = Tap()
    for name, files, source, line in CASES:
        got = run_function("derive_source", files), run_function("derive_source_oneline", files)
        tap.point(got == (source, line), f"derives the backports suite: {name}",
                  () if got == (source, line) else [f"got {got}"])
    tap.catches("a table with mistakes", table_errors("a | main | - | x\nb | other | - | x\na | main | - | x\nc | main\n"), 3)
    tap.complaints("the table of packages is sound", table_errors(read("tools/setup/packages.txt")))
    syntax = subprocess.run(["sh", "-n", os.path.join(ROOT, "skerry")], stderr=subprocess.PIPE, text=True)
    tap.complaints("sh reads the script", syntax.stderr.splitlines())
    tap.done()


main()
