# SPDX-License-Identifier: BSD-2-Clause
"""What the repository checks share: the tree's files, C text without comments, and TAP output.

A check is a script with a function that takes {path: text} and returns a list of complaints
("path:line: what is wrong"). Each script first shows that it can fail: it runs the function on a few lines
made to be wrong, and on a few made to be right. Then it runs it on the tree.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def tracked(*suffixes):
    """Paths of the tree's files, relative to its root, sorted; all of them, or those with the suffixes."""
    try:
        out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout
        paths = out.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        # Not a clone: an unpacked archive has only what belongs to the tree, but for what was built.
        paths = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders if f not in (".git", "build", "out", "__pycache__")]
            paths += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
    return sorted(p for p in paths if p and (not suffixes or p.endswith(suffixes))
                  and os.path.isfile(os.path.join(ROOT, p)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def texts(paths):
    return {path: read(path) for path in paths}


_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip_c(text, keep_strings=False):
    """C text with comments (and strings) blanked out; every line stays where it was."""
    def blank(match):
        token = match.group()
        if token[0] in "\"'" and keep_strings:
            return token
        return re.sub(r"[^\n]", " ", token)
    return _TOKEN.sub(blank, text)


class Tap:
    """Counts points, prints TAP, and is the script's exit status."""

    def __init__(self):
        self.points = 0
        self.failures = 0

    def point(self, good, name, details=()):
        self.points += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.points} - {name}")
        for detail in details:
            print(f"#   {detail}")
        sys.stdout.flush()

    def skip(self, name, why):
        self.points += 1
        print(f"ok {self.points} - {name} # SKIP {why}")

    def complaints(self, name, found):
        """A point that is good if nothing was found."""
        self.point(not found, name, found)

    def catches(self, name, found, count=1):
        """A point of a self-test: the check must find exactly `count` things in what was made to be wrong."""
        self.point(len(found) == count, f"self-test: {name}",
                   () if len(found) == count else [f"expected {count} complaints, got {found}"])

    def done(self):
        print(f"1..{self.points}")
        sys.exit(1 if self.failures else 0)
