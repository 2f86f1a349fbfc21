#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What `skerry bench` makes of a kept result: table, CSV, page, comparison. Nothing is booted.

usage: bench.py TOOL [--write]      (--write renews the expected files; look at the difference)
"""
import os
import re
import subprocess
import sys
import tempfile

tool = sys.argv[1]
write = "--write" in sys.argv
here = os.path.dirname(os.path.abspath(__file__))
small = os.path.join(here, "small.json")
failed = 0
points = 0


def point(good, what, detail=""):
    global failed, points
    points += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {points} - {what}")
    if not good:
        print("".join(f"# {line}\n" for line in detail.splitlines()), end="")


def bench(*arguments):
    return subprocess.run([tool, "bench", "--from", small, *arguments],
                          capture_output=True, text=True)


def golden(name, text, what):
    path = os.path.join(here, name)
    if write:
        with open(path, "w") as file:
            file.write(text)
    with open(path) as file:
        expected = file.read()
    point(text == expected, what, f"--- expected\n{expected}\n--- got\n{text}")


def edited(folder, pattern, replacement):
    with open(small) as file:
        text = re.sub(pattern, replacement, file.read())
    path = os.path.join(folder, "edited.json")
    with open(path, "w") as file:
        file.write(text)
    return path


with tempfile.TemporaryDirectory() as folder:
    csv, page, again = (os.path.join(folder, name) for name in ("a.csv", "a.html", "a.json"))
    run = bench("--csv", csv, "--html", page, "--json", again)
    point(run.returncode == 0, "a kept result is shown", run.stderr)
    golden("table.expected", run.stdout, "the table")
    golden("csv.expected", open(csv).read(), "comma-separated values")
    html = open(page).read()
    point(html.startswith("<!doctype html>") and html.rstrip().endswith("</html>") and
          "http" not in html and "<script" not in html, "the page needs nothing else", html[:400])
    point(html.count("<svg") == 1 + 1 + 1 + 5, "overview, one curve, one figure of cores, five distributions",
          str(html.count("<svg")))
    point("<td>+7/1</td>" in html and html.count("<td>–</td>") > 6,
          "interference: what was added, and nothing made up for what was not measured")
    run = subprocess.run([tool, "bench", "--from", again], capture_output=True, text=True)
    golden("table.expected", run.stdout, "written and read again, the table is the same")

    run = bench("--against", small)
    point(run.returncode == 0, "no regression against itself", run.stdout)
    run = bench("--against", edited(folder, r"\[\[600,4\]\]", "[[589,4]]"))
    point(run.returncode == 0, "1.9 % more is none", run.stdout)
    run = bench("--against", edited(folder, r"\[\[600,4\]\]", "[[588,4]]"))
    point(run.returncode == 1 and "page.map" in run.stdout, "2.04 % more is one", run.stdout)
    run = bench("--against", edited(folder, r"\[10,1\]", "[1,3]"))
    point(run.returncode == 0, "rows that depend on an alarm's place are not compared", run.stdout)
    run = bench("--against", edited(folder, r"\[12000,1\]", "[120,1]"))
    point(run.returncode == 0 and "not compared: irq.from-user irq.from-retype stretch.syscall" in run.stdout,
          "it says which rows are not compared", run.stdout)
    run = bench("--against", edited(folder, r'"cross.imsic.firmware"', '"cross.other"'))
    point(run.returncode == 0 and "not in the older result: cross.imsic.firmware" in run.stdout,
          "… and which are not in the older result", run.stdout)
    run = bench("--against", edited(folder, r"\[\[130,4\]\]", "[[126,4]]"))
    point(run.returncode == 1 and "matrix.null.quiet" in run.stdout, "the matrix is compared, too", run.stdout)
    run = bench("--against", edited(folder, "v1.5", "v1.6"))
    point(run.returncode == 0 and "another firmware" in run.stdout,
          "another firmware: nothing is comparable", run.stdout)
    run = bench("--against", os.path.join(folder, "none.json"))
    point(run.returncode == 1 and "none.json" in run.stderr, "a missing file is an error",
          run.stderr)
    run = bench("no-such-row")
    point(run.returncode == 2, "a name of no row is a wrong command", run.stderr)
print(f"1..{points}")
sys.exit(failed != 0)
