# SPDX-License-Identifier: BSD-2-Clause
"""Line coverage per folder of the tree, from the counters that tests left in a build folder (gcc).

usage: coverage.py build/cov

Not a check: it has no threshold, because a number to reach makes poor tests. It shows where no test goes.
"""

import concurrent.futures
import json
import os
import subprocess
import sys

from checklib import ROOT

SKIP = ("tests/", "build/", "..", "/")


def counters(folder):
    """One file per object, also of objects that no test ever ran."""
    return [os.path.join(at, n) for at, _, names in os.walk(folder) for n in names if n.endswith(".gcno")]


def lines_of(counter):
    """[(path, line, count)] of one object's counters."""
    done = subprocess.run(["gcov", "--json-format", "--stdout", counter], cwd=os.path.dirname(counter),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = []
    for document in done.stdout.splitlines():
        for file in json.loads(document)["files"]:
            path = os.path.normpath(file["file"])
            # The prefix map of the build makes paths relative to the root.
            path = os.path.relpath(path, ROOT) if os.path.isabs(path) else path.lstrip("./")
            found += [(path, line["line_number"], line["count"]) for line in file["lines"]]
    return found


def main():
    files = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lines_of, counters(os.path.abspath(sys.argv[1]))):
            for path, line, count in lines:
                if not path.startswith(SKIP) and os.path.exists(os.path.join(ROOT, path)):
                    counts = files.setdefault(path, {})
                    counts[line] = max(counts.get(line, 0), count)
    folders = {}
    for path, counts in files.items():
        total = folders.setdefault(os.path.dirname(path), [0, 0])
        total[0] += sum(c > 0 for c in counts.values())
        total[1] += len(counts)
    print(f"{'folder':<28} {'lines':>7} {'covered':>8}")
    for folder, (covered, lines) in sorted(folders.items()):
        print(f"{folder:<28} {lines:>7} {100 * covered / lines:>7.1f}%")
    print("least covered files:")
    rows = [(sum(c > 0 for c in counts.values()) / len(counts), p) for p, counts in files.items() if len(counts) > 5]
    for share, path in sorted(rows)[:10]:
        print(f"  {100 * share:5.1f}%  {path}")


main()
