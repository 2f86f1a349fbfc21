# SPDX-License-Identifier: BSD-2-Clause
"""Every method and system call of the interface: where it is implemented, tested, modelled and fuzzed.

usage: surface.py [--update]

The table is docs/reference/tests.md. It is made from the interface's description (abi/*.toml) and from what the
sources say: the functions and cases of the kernel, the names in tests, the model's table, the fuzzers' table. A
row without one of them is a gap, unless a reason below says why it cannot be otherwise.
"""

import functools
import os
import re
import sys
import tomllib

from checklib import ROOT, Tap, read, strip_c, texts, tracked

PAGE = "docs/reference/tests.md"
KINDS = ("implemented", "unit-tested", "modelled", "fuzzed")
ABSENT = "refused as unknown"
WORD = re.compile(r"\w+")

# Why a cell may be empty; the number of a reason is its place.
REASONS = [
    "It ends the machine: a unit test sees that, and nothing can follow.",
]
GAPS = {
    ("debug_halt", "modelled"): 1,
    ("debug_halt", "fuzzed"): 1,
}


bare = functools.lru_cache(None)(strip_c)  # self-tests look at nearly the same files again


def snake(text):
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()


class Tree:
    """What the sources say, found once."""

    def __init__(self, files):
        self.kernel = {p: bare(t) for p, t in files.items() if p.startswith("kernel/") and p.endswith(".c")}
        self.unit = {p: set(WORD.findall(bare(t))) for p, t in files.items() if p.endswith(".c")
                     and p.startswith(("tests/unit/kernel/", "tests/unit/mcs/", "tests/unit/smp/"))}
        self.model_methods = bare(files["tests/model/kernel/methods.c"])
        self.model_calls = bare(files["tests/model/kernel/calls.c"])
        self.fuzz_labels = set(map(int, re.findall(r"\.label = (\d+)", files["abi/golden/fuzz_table.h"])))
        fuzzer = bare(files["tests/fuzz/kernel/syscall_fuzz.c"])
        ends = re.search(r"bool ends_machine\(.*?\n}", fuzzer, re.S)[0]
        self.fuzz_spares = set(re.findall(r"SYSCALL_\w+", ends))
        self.fuzz_least = -int(re.search(r"define SYSCALL_NUMBERS (\d+)", fuzzer)[1])
        # sys_send() and its like of tests/support/world.c: which system calls they make.
        self.helpers = {}
        for name, body in re.findall(r"\nvoid (sys_\w+)\([^)]*\) \{(.*?)\n}", bare(files["tests/support/world.c"]),
                                     re.S):
            for number in re.findall(r"SYSCALL_\w+", body):
                self.helpers.setdefault(number, set()).add(name)

    def tests_naming(self, names):
        return [p for p, words in self.unit.items() if words & names]


def defined_in(tree, function):
    definition = re.compile(rf"\b{function}\([^;]*?\) \{{")
    return [p for p, t in tree.kernel.items() if function + "(" in t and definition.search(t)]


def method_row(tree, method):
    name = f"{method['object']}_{snake(method['name'])}"
    constant = "METHOD_" + name.upper()
    act = defined_in(tree, "act_" + name)
    decode = defined_in(tree, "decode_" + name)
    return {
        "id": name,
        "what": f"{method['object_title']}.{method['name']}",
        "number": method["label"],
        "implemented": act[:1] if decode else [],
        "unit-tested": tree.tests_naming({constant}),
        "modelled": ["tests/model/kernel/methods.c"] if f"[{constant}] =" in tree.model_methods else [],
        "fuzzed": ["tests/fuzz/kernel/syscall_fuzz.c"] if method["label"] in tree.fuzz_labels else [],
    }


def call_row(tree, call):
    constant = "SYSCALL_" + call["name"].upper()
    case = f"case {constant}:"
    implemented = [p for p, t in tree.kernel.items() if case in t and p != "kernel/entry/fastpath.c"]
    here = not implemented or implemented == ["kernel/entry/bench.c"]  # nothing here: an unknown number
    modelled = case in tree.model_calls or here
    fuzzed = tree.fuzz_least < call["number"] and constant not in tree.fuzz_spares
    return {
        "id": call["name"],
        "what": call["title"],
        "number": call["number"],
        "implemented": implemented or [ABSENT],
        "unit-tested": tree.tests_naming({constant} | tree.helpers.get(constant, set())),
        "modelled": ["tests/model/kernel/calls.c"] if modelled else [],
        "fuzzed": ["tests/fuzz/kernel/syscall_fuzz.c"] if fuzzed else [],
    }


def rows_of(files, interface):
    tree = Tree(files)
    return ([call_row(tree, c) for c in interface["syscall"]], [method_row(tree, m) for m in interface["method"]])


def gaps(rows):
    """Cells that are empty without a reason, and reasons for cells that are not empty."""
    found = []
    for row in rows:
        for kind in KINDS:
            excused = (row["id"], kind) in GAPS
            if not row[kind] and not excused:
                found.append(f"{row['what']} is not {kind}")
            if row[kind] and excused:
                found.append(f"{row['what']} is {kind}: the reason why not can go")
    return found


def cell(row, kind):
    paths = row[kind]
    if not paths:
        return f"– ({GAPS[(row['id'], kind)]})" if (row["id"], kind) in GAPS else "**no**"
    if kind in ("modelled", "fuzzed"):
        return "yes"
    # One is enough: the test of the implementing file, if it is there.
    mirror = "tests/unit/" + row["implemented"][0].replace(".c", "_test.c")
    path = mirror if mirror in paths else paths[0]
    return path if path == ABSENT else f"`{path}`"


def table(rows, first):
    lines = [f"| {first} | | implemented | unit-tested | modelled | fuzzed |", "|---|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['number']} | {row['what']} | " + " | ".join(cell(row, kind) for kind in KINDS) + " |")
    return lines


def page(calls, methods):
    lines = ["<!-- SPDX-License-Identifier: BSD-2-Clause -->",
             "<!-- Generated by tests/checks/surface.py --update from abi/*.toml and the sources. -->", "",
             "# What tests the interface", "",
             "Implemented: the kernel's source with the case or the method's act function. Unit-tested: a source under",
             "`tests/unit/` that names it. Modelled: part of the reference model under `tests/model/kernel/`, beside which",
             "random calls run in lockstep; that run fails if a method never succeeded in it. Fuzzed: in the table that",
             "`tests/fuzz/kernel/syscall_fuzz.c` makes its calls from. A check compares this page with the sources.", "",
             "## System calls", ""]
    lines += table(calls, "number")
    lines += ["", f"*{ABSENT}*: not of this configuration; the call is a fault of kind UnknownSyscall, as any other number.",
              "That is what is tested, modelled and fuzzed of them, and of the benchmark calls in debug kernels.", ""]
    used = sorted(set(GAPS.values()))
    lines += [f"({number}) {REASONS[number - 1]}" for number in used]
    lines += ["", "## Methods", ""] + table(methods, "label")
    return "\n".join(lines) + "\n"


def interface():
    def load(path):
        return tomllib.loads(read(path))
    objects = load("abi/methods.toml")
    titles = {o["name"]: o["title"] for o in objects["object"]}
    methods = objects["method"] + load("abi/skerry.toml")["method"]
    for method in methods:
        method["object_title"] = titles[method["object"]]
    return {"syscall": load("abi/sel4.toml")["syscall"], "method": sorted(methods, key=lambda m: m["label"])}


def self_test(tap, files):
    calls, methods = rows_of(files, interface())
    tap.catches("all as it is", gaps(calls + methods), 0)
    without = dict(files)
    without["tests/model/kernel/methods.c"] = files["tests/model/kernel/methods.c"].replace(
        "[METHOD_PAGE_MAP] =", "[METHOD_PAGE_UNMAP] =")
    tap.catches("a method that is not modelled", gaps(rows_of(without, interface())[1]))
    without = dict(files)
    without["kernel/invoke/vspace.c"] = files["kernel/invoke/vspace.c"].replace("act_page_map(", "act_page_mop(")
    tap.catches("a method without act", gaps(rows_of(without, interface())[1]))
    without = {p: t.replace("SYSCALL_DEBUG_SNAPSHOT", "") if p.startswith("tests/unit") else t
               for p, t in files.items()}
    tap.catches("a call that no unit test makes", gaps(rows_of(without, interface())[0]))


def main():
    files = texts(tracked(".c", ".h"))
    calls, methods = rows_of(files, interface())
    made = page(calls, methods)
    if sys.argv[1:] == ["--update"]:
        with open(os.path.join(ROOT, PAGE), "w", encoding="utf-8") as file:
            file.write(made)
        return
    tap = Tap()
    self_test(tap, files)
    tap.complaints("every call and method is implemented, unit-tested, modelled and fuzzed", gaps(calls + methods))
    kept = read(PAGE) if os.path.exists(os.path.join(ROOT, PAGE)) else ""
    tap.complaints(f"{PAGE} says what the sources say",
                   [] if kept == made else ["it does not: python3 tests/checks/surface.py --update"])
    tap.done()


main()
