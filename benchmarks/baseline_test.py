#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The lab's figures against those of benchmarks/baseline.json, by the tool itself.

usage: baseline_test.py TOOL BUILD_FOLDER BASELINE

A commit that makes operations dearer on purpose says so and renews the baseline:
    ./skerry bench --parts lab,cross --json benchmarks/baseline.json
"""
import json
import os
import re
import subprocess
import sys
import tempfile

tool, build_folder, baseline = sys.argv[1:4]
failed = 0
points = 0


def point(good, what, output=""):
    global failed, points
    points += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {points} - {what}")
    if not good:
        print("".join(f"# {line}\n" for line in output.splitlines()[-80:]), end="")


def bench(*arguments):
    return subprocess.run([tool, "bench", "--build-folder", build_folder, "--parts", "lab", *arguments],
                          capture_output=True, text=True)


def rows(path):
    with open(path) as file:
        return json.load(file)["rows"]


def lowered(result, path):
    """The same result, as if every row had once been 3 % cheaper."""
    for row in result["rows"]:
        row["samples"] = [[value * 97 // 100, times] for value, times in row["samples"]]
    with open(path, "w") as file:
        json.dump(result, file)


with tempfile.TemporaryDirectory() as folder:
    first, second, cheap = (os.path.join(folder, name) for name in ("1.json", "2.json", "3.json"))
    run = bench("--json", first, "--against", baseline)
    point(run.returncode == 0 and "rows comparable" in run.stdout,
          "no row is dearer than the baseline by more than 2 %", run.stdout + run.stderr)
    compared = re.search(r"^(\d+) rows comparable", run.stdout, re.M)
    point(compared and int(compared.group(1)) >= 80, "at least 80 rows were compared", run.stdout)
    if os.path.exists(first):
        with open(first) as file:
            lowered(json.load(file), cheap)
        run = bench("--json", second, "--against", cheap)
        point(run.returncode == 1 and "regression" in run.stdout,
              "self-test: 3 % more than before is a regression", run.stdout + run.stderr)
        point(os.path.exists(second) and rows(first) == rows(second), "two runs are identical")
    else:
        point(False, "no result was written", run.stdout + run.stderr)
print(f"1..{points}")
sys.exit(failed != 0)
