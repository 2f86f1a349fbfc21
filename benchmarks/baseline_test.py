#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The lab's figures against those of benchmarks/baseline.json, by the tool itself; two runs against each other; and
what is counted in systems (bench --system, run --paths) against the lab's rows; doorbell rows against each other.

usage: baseline_test.py TOOL BUILD_FOLDER BASELINE

A commit that makes operations dearer on purpose says so and renews the baseline:
    ./skerry bench --parts lab,cross --json benchmarks/baseline.json
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import doorbell_rows

tool, build_folder, baseline = sys.argv[1:4]
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
failed = 0
points = 0


def point(good, what, output=""):
    global failed, points
    points += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {points} - {what}")
    if not good:
        print("".join(f"# {line}\n" for line in str(output).splitlines()[-80:]), end="")


def skerry(verb, *arguments):
    return subprocess.run([tool, verb, "--build-folder", build_folder, *arguments], capture_output=True, text=True,
                          env=dict(os.environ, SKERRY_ROOT=root, NO_COLOR="1"))


def bench(*arguments):
    return skerry("bench", "--parts", "lab,split,cross", *arguments)


def rows(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return json.load(file)["rows"]


def samples(path):
    """How often each figure is among a row's samples, by row."""
    return {row["name"]: dict(row["samples"]) for row in rows(path)}


def differences(first, second):
    first, second = ({row["name"]: row for row in rows(path)} for path in (first, second))
    names = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    return names if first else ["nothing was written"]


def lowered(result, path):
    """The same result, as if every row had once been 3 % cheaper."""
    for row in result["rows"]:
        row["samples"] = [[value * 97 // 100, times] for value, times in row["samples"]]
    with open(path, "w") as file:
        json.dump(result, file)


def cross_system(folder):
    """The system of the part `cross` as anybody's own, with its programs beside it."""
    for name in ("benchmarks/cross_ring.elf", "benchmarks/cross_answer.elf", "user/console.elf"):
        shutil.copy(os.path.join(build_folder, name), folder)
    return shutil.copy(os.path.join(root, "benchmarks/cross.system"), folder)


def paths_table(text):
    """CORE.KIND: stretches, shortest, median, longest"""
    lines = re.findall(r"^(\w+\.\w+) +(\d+) +(\d+) +(\d+) +(\d+)$", text, re.M)
    return {line[0]: tuple(int(number) for number in line[1:]) for line in lines}


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
        differing = differences(first, second)
        point(not differing, "two runs are identical, every sample of every row", "\n".join(differing))
    else:
        point(False, "no result was written", run.stdout + run.stderr)
    doorbell_rows.check(rows(first), point)

    system = os.path.join(folder, "system.json")
    run = skerry("bench", "--system", cross_system(folder), "--json", system)
    lab, own = samples(first), samples(system)
    sender, = lab.get("cross.imsic.sender", {0: 0})
    receiver, = lab.get("cross.imsic.receiver", {0: 0})
    point(own.get("left.syscall", {}).get(sender, 0) >= 63,
          "the sender's path in a system is what the lab's row has", run.stderr + str((sender, own)))
    # One instruction before the kernel looks what has woken it: a stretch of its own.
    point(own.get("right.interrupt", {}).get(receiver - 1, 0) >= 63 and own["right.continued"].get(1, 0) >= 63,
          "… and the receiver's", run.stderr + str((receiver, own)))

    hello = os.path.join(root, "examples/hello/hello.system")
    run = skerry("bench", "--system", hello, "--json", system)
    shown = skerry("run", "--paths", hello)
    table = paths_table(shown.stdout)
    figures = {row["name"]: tuple(row[key] for key in ("n", "min", "median", "max")) for row in rows(system)}
    point(table == figures != {}, "run --paths shows what bench --system does",
          shown.stdout + shown.stderr + run.stdout + run.stderr)
    counted = re.search(r"^alpha +(\d+) +\d+ +\d+ +\d+ +\d+$", shown.stdout, re.M)
    point(counted and "alpha.syscall" in table and abs(table["alpha.syscall"][0] - int(counted.group(1))) <= 2,
          "… as many system calls as the kernel counted itself, but for those while it reports", shown.stdout)
print(f"1..{points}")
sys.exit(failed != 0)
