#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Do the host tests notice? Changes random single lines of kernel, mcs and smp, one at a time, and runs a subset
of the host tests that takes at most half a minute.

usage: mutate.py [--count N] [--seed S] [--build FOLDER] [--work FOLDER] [--only PART] [--jobs N]

A copy of the tree as committed is built in the work folder: the kernel's host library as a shared one, so that a
mutant costs one compilation and one link; in a header, only bodies of functions are changed, and what includes it is
compiled anew, but for the tests. Mutants that do not compile, or compile to the same code, do not count. Seconds are
those of one processor, so that other work on the machine does not count. FOLDER of --build has the generated headers
(abi/gen), build/host unless said otherwise. The last line is the share caught; survivors are printed as diffs, to be
looked at. Results are kept in tests/mutation/README.md.
"""

import argparse
import concurrent.futures
import glob
import os
import random
import re
import resource
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARTS = ["kernel", "mcs", "smp"]
# The checker of invariants is an oracle, not a subject; the others are seen in other variants or only by eye.
SPARED = {"kernel/entry/check.c", "kernel/entry/bench.c", "kernel/entry/log.c", "kernel/entry/debug.c"}
SECONDS_PER_MUTANT = 30
PATIENCE = 20  # as many times longer may it take on a busy machine
SECONDS_PER_TEST = 5  # slower ones are left out
OTHER_VARIANT = {"tests/unit/kernel/entry/bench_test.c"}
WRAPPED = [f"-Wl,--wrap=kernel_{entry}" for entry in ("syscall", "fault", "interrupt")]  # as meson has it

SWAPS = [
    (r"(?<![<>=!-])<(?![<=])", "<="), (r"<=", "<"), (r"(?<![->=])>(?![>=])", ">="), (r"(?<!>)>=", ">"),
    (r"==", "!="), (r"!=", "=="), (r"&&", "||"), (r"\|\|", "&&"),
    (r" \+ ", " - "), (r" - ", " + "), (r"\+\+", "--"), (r" \| ", " & "), (r" & ", " | "),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"(?<![\w.])0(?![\w.])", "1"), (r"(?<![\w.])1u?(?![\w.])", "0"), (r"(?<![\w.])1u?(?![\w.])", "2"),
    (r"\bmin_u64\b", "max_u64"), (r"\bmax_u64\b", "min_u64"),
    (r"\bif \((.*)\) \{$", r"if (!(\1)) {"), (r"\+=", "-="), (r"-=", "+="),
]
DROPPED = re.compile(r"^\s+(?!return|break|continue|case|goto|static|struct|enum|const|u\d+|s64|bool|unsigned|"
                     r"paddr_t|ticks_t|typedef|extern)[\w(*].*;$")
UNTOUCHED = re.compile(r"BOUND|_Static_assert|^\s*(//|/?\*)|^#|log_line|^\s*case |MUST_USE|^static .*\) \{$|^}|^\s*$")


def run(command, seconds=None, **more):
    limit = (lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))) if seconds else None
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit,
                              timeout=seconds and PATIENCE * seconds, **more).returncode
    except subprocess.TimeoutExpired:
        return -1  # a mutant that hangs is noticed


class Tree:
    """The copy that is built and changed."""

    def __init__(self, work, build, jobs):
        self.root = os.path.join(work, "tree")
        self.out = os.path.join(work, "out")
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(self.root)
        os.makedirs(self.out)
        subprocess.run(f"git archive HEAD | tar x -C {self.root}", shell=True, cwd=ROOT, check=True)
        self.flags = ["-std=gnu17", "-O1", "-fPIC", "-fno-strict-aliasing", "-w", "-Ilib/variant/debug",
                      "-Iarch/host/include", "-I.", "-I" + os.path.abspath(build)]
        self.jobs = jobs
        self.kernel = self.sources("lib/*.c", "kernel/*/*.c", "mcs/*.c", "smp/*.c")
        self.host = self.sources("arch/host/*.c")  # in the programs, so that lockstep can wrap what it calls
        version = os.path.join(self.root, "version.c")
        with open(version, "w") as file:
            file.write('const char skerry_version[] = "0";\nconst char skerry_commit[] = "0";\n')
        self.kernel.append("version.c")
        self.library = os.path.join(self.out, "libkernel.so")

    def sources(self, *patterns):
        return sorted(os.path.relpath(f, self.root) for p in patterns
                      for f in glob.glob(os.path.join(self.root, p)))

    def object_of(self, source):
        return os.path.join(self.out, source.replace("/", "_") + ".o")

    def compile(self, source):
        return run(["gcc", *self.flags, "-MMD", "-c", source, "-o", self.object_of(source)], cwd=self.root) == 0

    def users_of(self, file):
        """What of the kernel is compiled anew when the file changes: itself, or all that include it."""
        if file.endswith(".c"):
            return [file]
        def included(source):
            return open(self.object_of(source)[:-2] + ".d", encoding="utf-8").read().split()
        return [source for source in self.kernel if file in included(source)]

    def compile_all(self, sources):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for source, good in zip(sources, pool.map(self.compile, sources)):
                if not good:
                    sys.exit(f"{source} does not compile")

    def link_library(self):
        return run(["gcc", "-shared", "-o", self.library, *map(self.object_of, self.kernel), "-lpthread"]) == 0

    def link_test(self, name, sources, flags=()):
        self.compile_all([s for s in sources if not os.path.exists(self.object_of(s))])
        program = os.path.join(self.out, name)
        objects = map(self.object_of, [*sources, *self.host])
        if run(["gcc", "-rdynamic", "-o", program, *objects, *flags, "-L" + self.out, "-lkernel", "-lcmocka",
                "-Wl,-rpath," + self.out, "-lpthread"]) != 0:
            sys.exit(f"{name} does not link")
        return program

    def build(self):
        self.compile_all([*self.kernel, *self.host])
        if not self.link_library():
            sys.exit("the kernel's library does not link")
        machine = "tests/support/machine.c"
        model = [*self.sources("tests/model/kernel/*.c"), machine]
        fuzzer = ["tests/fuzz/kernel/syscall_fuzz.c", "tests/fuzz/kernel/smoke.c", machine]
        tests = [[self.link_test("lockstep", model, WRAPPED), "--calls", "500000", "--paths", "1"],
                 [self.link_test("syscalls", fuzzer), "--runs", "60"]]
        for unit in self.sources("tests/unit/kernel/*.c", "tests/unit/kernel/*/*.c", "tests/unit/mcs/*.c",
                                 "tests/unit/smp/*.c"):
            if unit in OTHER_VARIANT:
                continue
            tests.append([self.link_test(unit.replace("/", "_")[:-2], [unit, "tests/support/world.c", machine])])
        return tests


def in_bodies(lines):
    """Numbers of the lines inside of functions."""
    found, inside = [], False
    for number, line in enumerate(lines):
        if inside and not line.startswith("}"):
            found.append(number)
        inside = not line.startswith("}") and (inside or line.endswith(") {"))
    return found


def mutants_of(line):
    """All the lines that one small change makes of this one."""
    found = [line[:m.start()] + m.expand(new) + line[m.end():] for old, new in SWAPS for m in re.finditer(old, line)]
    if DROPPED.match(line):
        found.append(re.match(r"\s*", line)[0] + ";")
    return found


def choose(tree, rng, sources):
    """A random line with something to change, as (source, line number, new line)."""
    while True:
        source = rng.choices(sources, [os.path.getsize(os.path.join(tree.root, s)) for s in sources])[0]
        lines = open(os.path.join(tree.root, source), encoding="utf-8").read().split("\n")
        number = rng.randrange(len(lines))
        if UNTOUCHED.search(lines[number]) or (source.endswith(".h") and number not in in_bodies(lines)):
            continue
        changed = mutants_of(lines[number].split(" /*")[0])
        if changed:
            return source, number, lines[number], rng.choice(changed)


def processor_seconds():
    times = os.times()
    return times.children_user + times.children_system


def is_caught(tree, tests):
    """The first test that fails, or None. A test that uses up the seconds hangs."""
    with concurrent.futures.ThreadPoolExecutor(tree.jobs) as pool:
        def one(test):
            return test if run(test, seconds=SECONDS_PER_MUTANT, cwd=tree.root) != 0 else None
        running = [pool.submit(one, test) for test in tests]
        for done in concurrent.futures.as_completed(running):
            if not done.cancelled() and done.result():
                for other in running:
                    other.cancel()
                return os.path.basename(done.result()[0])
    return None


def choose_tests(tree, tests):
    """Those that are quick enough, with their seconds, quickest first."""
    taken = []
    for test in tests:
        start = processor_seconds()
        result = run(test, seconds=4 * SECONDS_PER_TEST, cwd=tree.root)
        seconds = processor_seconds() - start
        if seconds > SECONDS_PER_TEST:
            print(f"left out, {seconds:.1f} s: {os.path.basename(test[0])}")
        elif result != 0:
            sys.exit(f"{test[0]} fails without any mutant")
        else:
            taken.append((seconds, test))
    return sorted(taken, key=lambda t: t[0])


def in_order(timed, source, catches):
    """The test of this source first, then those that catch most in a second. All of them run if nothing is caught."""
    mirror = re.sub(r"\.[ch]$", "_test", source).replace("/", "_")

    def rank(it):
        seconds, test = it
        name = os.path.basename(test[0])
        return not name.endswith(mirror), (seconds + 0.01) / (1 + catches.get("caught by " + name, 0))
    return [test for _, test in sorted(timed, key=rank)]


def try_mutant(tree, tests, source, number, line):
    """'caught by TEST', 'survived', or None if the mutant does not count."""
    path = os.path.join(tree.root, source)
    kept = open(path, encoding="utf-8").read()
    users = tree.users_of(source)
    objects = {tree.object_of(user): open(tree.object_of(user), "rb").read() for user in users}
    lines = kept.split("\n")
    lines[number] = line
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    try:
        if not all(map(tree.compile, users)) or all(open(o, "rb").read() == was for o, was in objects.items()):
            return None
        if not tree.link_library():
            return None
        by = is_caught(tree, tests)
        return f"caught by {by}" if by else "survived"
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(kept)
        for name, was in objects.items():
            with open(name, "wb") as file:
                file.write(was)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--build", default=os.path.join(ROOT, "build/host"))
    options.add_argument("--work", default="/tmp/skerry-mutation")
    options.add_argument("--only", help="files whose path contains this")
    options.add_argument("--jobs", type=int, default=2)
    options = options.parse_args()

    tree = Tree(options.work, options.build, options.jobs)
    tests = choose_tests(tree, tree.build())
    start = processor_seconds()
    by = is_caught(tree, [test for _, test in tests])
    seconds = processor_seconds() - start
    if by or seconds > SECONDS_PER_MUTANT:
        sys.exit(f"{by} fails, or all take too long ({seconds:.1f} s), without any mutant")
    print(f"{len(tests)} tests take {seconds:.1f} s", flush=True)

    rng = random.Random(options.seed)
    sources = [s for s in tree.sources(*[f"{p}/{g}" for p in PARTS for g in ("*.c", "*.h", "*/*.c", "*/*.h")])
               if s not in SPARED and (not options.only or options.only in s)]
    counted = caught = 0
    tried = set()
    catches = {}
    while counted < options.count:
        source, number, old, new = choose(tree, rng, sources)
        if (source, number, new) in tried:
            continue
        tried.add((source, number, new))
        result = try_mutant(tree, in_order(tests, source, catches), source, number, new)
        if result is None:
            continue
        counted += 1
        caught += result != "survived"
        catches[result] = catches.get(result, 0) + 1
        print(f"{counted}: {source}:{number + 1}: {result}", flush=True)
        if result == "survived":
            print(f"    -{old}\n    +{new}", flush=True)
    tree.link_library()
    print(f"{caught} of {counted} mutants caught: {100 * caught / counted:.1f} %")


if __name__ == "__main__":
    main()
