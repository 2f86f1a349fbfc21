# SPDX-License-Identifier: BSD-2-Clause
"""Line and branch coverage of the kernel's folders, from the counters that host tests left in a build folder (gcc).

usage: coverage.py build/cov

Of kernel/, mcs/ and smp/ at least LINES and BRANCHES percent have to be covered. Why the rest is not, is said in
tests/coverage.toml; what is uncovered and not explained there is printed, as are reasons that explain nothing any
more. The other folders are only shown: they have no numbers to reach.

A branch is counted as gcov sees it in code that is neither optimised nor inlined: two for each condition of an
`&&`, too. A line of a header is covered if it is in any program. The branch of BOUND_STEP that panics is no branch
to cover: that it is never taken is what all these tests show.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tomllib

from checklib import ROOT, read

SKIP = ("tests/", "build/", "..", "/")
HELD = ("kernel/", "mcs/", "smp/")
LINES, BRANCHES = 97, 92
REASONS = "tests/coverage.toml"
ASSERTION = re.compile(r"^BOUND(_STEP)?\(")


def counters(folder):
    """One file per object, also of objects that no test ever ran."""
    return [os.path.join(at, n) for at, _, names in os.walk(folder) for n in names if n.endswith(".gcno")]


def lines_of(counter):
    """[(path, line, count, counts of its branches)] of one object's counters."""
    done = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", counter],
                          cwd=os.path.dirname(counter), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = []
    for document in done.stdout.splitlines():
        for file in json.loads(document)["files"]:
            path = os.path.normpath(file["file"])
            # The prefix map of the build makes paths relative to the root.
            path = os.path.relpath(path, ROOT) if os.path.isabs(path) else path.lstrip("./")
            found += [(path, line["line_number"], line["count"], [b["count"] for b in line["branches"]])
                      for line in file["lines"]]
    return found


def merge(branches, more):
    """What one program or the other took; of another shape (inlined elsewhere), the better one."""
    if len(branches) == len(more):
        return [a + b for a, b in zip(branches, more)]
    return max(branches, more, key=lambda b: (sum(c > 0 for c in b) / len(b) if b else 0, len(b)))


def collect(folder):
    """{path: {line: [count, branches]}}"""
    files = {}
    sources = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lines_of, counters(folder)):
            for path, number, count, branches in lines:
                if path.startswith(SKIP) or not os.path.exists(os.path.join(ROOT, path)):
                    continue
                if path not in sources:
                    sources[path] = read(path).split("\n")
                if number <= len(sources[path]) and ASSERTION.match(sources[path][number - 1].strip()):
                    branches = []
                line = files.setdefault(path, {}).setdefault(number, [0, branches])
                line[0] += count
                if line[1] is not branches:
                    line[1] = merge(line[1], branches)
    return files


class Count:
    def __init__(self):
        self.lines = self.lines_covered = self.branches = self.branches_covered = 0

    def add(self, lines):
        for count, branches in lines.values():
            self.lines += 1
            self.lines_covered += count > 0
            self.branches += len(branches)
            self.branches_covered += sum(b > 0 for b in branches)

    def row(self, name):
        def share(covered, all_of_them):
            return f"{100 * covered / all_of_them:6.1f}%" if all_of_them else "      -"
        return (f"{name:<28} {self.lines:>7} {share(self.lines_covered, self.lines):>8} "
                f"{self.branches:>9} {share(self.branches_covered, self.branches):>8}")


def uncovered(files):
    """[(path, line number, text, 'line' or 'branch')] of the folders that are held."""
    found = []
    for path, lines in sorted(files.items()):
        if not path.startswith(HELD):
            continue
        source = read(path).split("\n")
        for number, (count, branches) in sorted(lines.items()):
            text = source[number - 1].strip() if number <= len(source) else ""
            if count == 0:
                found.append((path, number, text, "line"))
            elif branches and any(b == 0 for b in branches):
                found.append((path, number, text, "branch"))
    return found


def unexplained(found, reasons):
    """Complaints: what has no reason, and reasons for nothing."""
    used = set()
    missing = []
    for path, number, text, kind in found:
        for i, reason in enumerate(reasons):
            if re.fullmatch(reason["file"], path) and re.search(reason["text"], text):
                used.add(i)
                break
        else:
            missing.append(f"{path}:{number}: {kind} not covered: {text}")
    return missing + [f"{REASONS}: nothing uncovered is like {r['file']} {r['text']!r}: {r['why']}"
                      for i, r in enumerate(reasons) if i not in used]


def main():
    files = collect(os.path.abspath(sys.argv[1]))
    folders = {}
    held = {name: Count() for name in HELD}
    for path, lines in files.items():
        folders.setdefault(os.path.dirname(path), Count()).add(lines)
        for name in HELD:
            if path.startswith(name):
                held[name].add(lines)
    print(f"{'folder':<28} {'lines':>7} {'covered':>8} {'branches':>9} {'covered':>8}")
    for folder, count in sorted(folders.items()):
        print(count.row(folder))
    total = Count()
    for path, lines in files.items():
        if path.startswith(HELD):
            total.add(lines)
    print(total.row("kernel, mcs and smp"))
    print(f"(at least {LINES} % and {BRANCHES} % of the last row; branches that only panic, those of BOUND_STEP, are not counted)")
    reasons = tomllib.loads(read(REASONS))["gap"]
    remarks = unexplained(uncovered(files), reasons)
    complaints = []
    if 100 * total.lines_covered < LINES * total.lines:
        complaints.append(f"less than {LINES} % of the lines")
    if 100 * total.branches_covered < BRANCHES * total.branches:
        complaints.append(f"less than {BRANCHES} % of the branches")
    print("\n".join(remarks + complaints))
    open_ones = sum(": line not" in r or ": branch not" in r for r in remarks)
    print(f"{len(uncovered(files)) - open_ones} lines with something uncovered are explained in {REASONS}, "
          f"{open_ones} are not yet")
    sys.exit(1 if complaints else 0)


main()
