# SPDX-License-Identifier: BSD-2-Clause
"""Compares the interface description (abi/*.toml) with an independent transcription (expected.toml) and,
where the page of measured facts lies beside the repository, with its tables.

usage: numbers_test.py [PAGE]
"""

import os
import re
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.join(ROOT, "abi", "generate"), os.path.join(ROOT, "tests", "checks")]

from checklib import Tap  # noqa: E402
from interface import load  # noqa: E402


def difference(ours, theirs):
    """Complaints about keys whose values differ, or that only one side has."""
    keys = sorted(set(ours) | set(theirs), key=str)
    return [
        f"{k}: description {ours.get(k, 'nothing')}, expected {theirs.get(k, 'nothing')}"
        for k in keys
        if ours.get(k) != theirs.get(k)
    ]


def short(name):
    """seL4_RISCV_4K_Page -> 4K_Page, seL4_TCBObject -> TCB."""
    return name.removeprefix("seL4_").removeprefix("RISCV_").removesuffix("Object")


def method_facts(method):
    return {
        "label": method.label,
        "caps": [p.name for p in method.caps],
        "length": method.length,
        "need": method.min_length,
        "results": sum(r["type"] != "regs" for r in method.results),
    }


def method_name(method):
    return f"{method.object['title']}.{method.name}"


def tables_of(abi):
    """The description as dictionaries in the shape of expected.toml."""
    return {
        "syscalls": {s["title"]: s["number"] for s in abi.syscalls},
        "message_info": {p["user"]: 1 << p["shift"] for p in abi.message_info},
        "message_info_max": {p["user"]: (1 << p["bits"]) - 1 for p in abi.message_info},
        "rights": {r["user"]: 1 << r["bit"] for r in abi.rights},
        "object_types": {
            short(t["user"]): [t["number"]] + ([t["bits"]] if isinstance(t["bits"], int) else [])
            for t in abi.object_types
        },
        "errors": {short(e["user"]): e["number"] for e in abi.errors},
        "lookup_failures": {short(f["user"]): f["number"] for f in abi.lookup_failures},
        "faults": {
            f["user"].removeprefix("seL4_Fault_"): [f["number"], len(f["words"])] for f in abi.faults
        },
        "cap_kinds": {k["name"]: k["number"] for k in abi.cap_kinds},
        "slots": {short(s["user"]): s["number"] for s in abi.slots},
        "bootinfo": {f["user"]: f["offset"] for f in abi.bootinfo["field"]},
        "bootinfo_size": {k: abi.bootinfo[k] for k in ("bytes", "untyped_max")},
        "bootinfo_headers": {h["name"].upper(): h["id"] for h in abi.bootinfo["header"]},
        "ipc_buffer": {f["user"]: f["offset"] for f in abi.ipc_buffer},
        "user_context": {"order": " ".join(abi.registers)},
    }


def compare_expected(tap, abi, expected):
    for name, ours in tables_of(abi).items():
        tap.complaints(f"{name} as transcribed", difference(ours, expected[name]))
    ours = {c["user"]: c["value"] for c in abi.constants if c.get("user") in expected["constants"]}
    tap.complaints("constants as transcribed", difference(ours, expected["constants"]))
    theirs = {
        m["name"]: {
            "label": m["label"],
            "caps": m["caps"],
            "length": m["length"],
            "need": m.get("need", m["length"]),
            "results": m.get("results", 0),
        }
        for m in expected["method"]
    }
    ours = {method_name(m): method_facts(m) for m in abi.methods}
    tap.complaints("methods as transcribed", difference(ours, theirs))


def rows(page, heading):
    """Rows of the first table behind a heading, as lists of cells."""
    text = page.split(heading, 1)[1]
    found = []
    for line in text.split("\n"):
        if line.startswith("|"):
            found.append([c.strip() for c in line.strip("|").split("|")])
        elif found:
            break
    return found[2:]


def page_syscalls(page):
    found = {}
    for cells in rows(page, "## 1. System calls"):
        found[cells[1].split()[0]] = int(cells[0])
    for cells in rows(page, "outside -11..-1"):
        numbers = [int(n) for n in re.findall(r"-\d+", cells[0])]
        names = [n.strip() for n in cells[1].split(",")]
        # "BenchmarkGet/ResetThreadUtilisation" stands for two names.
        if len(numbers) == 2 and "/" in cells[1]:
            first, second = re.match(r"(Benchmark\w+)/(\w+)", cells[1]).groups()
            tail = re.sub(r"^(Reset)", "", second)
            names = [first + tail, "Benchmark" + second]
        found.update(dict(zip(names, numbers)))
    return found


def page_methods(page):
    """label -> (name, number of extra capabilities, message registers)."""
    found = {}
    for cells in rows(page, "## 7. Invocation labels"):
        if cells[0] == "0":
            continue
        caps = [c for c in cells[2].split(",") if c.strip()]
        found[int(cells[0])] = (cells[1], len(caps), int(cells[3].split()[0]))
    return found


def fault_length(cell):
    numbers = re.findall(r"\d+", cell)
    return int(numbers[1] if ".." in cell else numbers[0]) if numbers else 0


def compare_page(tap, abi, page):
    ours = {s["title"]: s["number"] for s in abi.syscalls}
    theirs = page_syscalls(page)
    for name in ("x86 MSR;", "x86 MSR; -32 VMEnter"):
        theirs.pop(name, None)
    tap.complaints("page: system calls", difference(ours, theirs))

    ours = {m.label: (page_name(m), len(m.caps), m.length) for m in abi.methods if m.label < 128}
    tap.complaints("page: methods", difference(ours, page_methods(page)))

    ours = {t["number"]: t["bits"] for t in abi.object_types if isinstance(t["bits"], int)}
    theirs = {
        int(c[0]): int(c[3].split()[0])
        for c in rows(page, "## 6. Object types")
        if c[3].split()[0].isdigit() and "+" not in c[3]
    }
    tap.complaints("page: object sizes", difference(ours, theirs))

    ours = {e["number"]: short(e["user"]) for e in abi.errors}
    theirs = {int(c[0]): c[1] for c in rows(page, "## 8. Error codes")}
    tap.complaints("page: errors", difference(ours, theirs))

    ours = {
        f["number"]: (f["user"].removeprefix("seL4_Fault_"), len(f["words"]))
        for f in abi.faults
        if f["number"]
    }
    theirs = {
        int(c[0]): (c[1].split()[0], fault_length(c[2].split("(")[0]))
        for c in rows(page, "## 9. Faults")
    }
    tap.complaints("page: faults", difference(ours, theirs))

    kinds = page.split("## 11. Kernel cap type numbers", 1)[1].split("\n", 2)[1].split(".")[0]
    theirs = {}
    for part in kinds.split(","):
        name, number = part.strip().rsplit(" ", 1)
        theirs[name.replace(" ", "_")] = int(number)
    ours = {k["name"]: k["number"] for k in abi.cap_kinds if k["number"] < 26}
    tap.complaints("page: capability kinds", difference(ours, theirs))

    ours = {f["offset"]: f["user"] for f in abi.bootinfo["field"]}
    theirs = {
        int(c[0]): re.match(r"\w+", c[1])[0] for c in rows(page, "Bootinfo (V;")
    }
    tap.complaints("page: boot information", difference(ours, theirs))

    order = re.search(r"^UserContext order \(V[^)]*\): (.*?)\. The first", page, re.M)[1]
    expanded = []
    for part in order.split(","):
        ends = re.fullmatch(r"([a-z])(\d+)\.\.[a-z](\d+)", part.strip())
        if ends:
            expanded += [f"{ends[1]}{i}" for i in range(int(ends[2]), int(ends[3]) + 1)]
        else:
            expanded.append(part.strip())
    tap.complaints("page: user context", difference({"order": abi.registers}, {"order": expanded}))


def page_name(method):
    """The page calls GetTrigger's interface by the architecture."""
    name = method_name(method)
    return f"RISCV {name}" if name == "IRQControl.GetTrigger" else name


def main():
    tap = Tap()
    tap.catches("a number that differs", difference({"a": 1}, {"a": 2}))
    tap.catches("names that only one side has", difference({"a": 1}, {"b": 1}), 2)
    tap.catches("equal tables", difference({"a": 1}, {"a": 1}), 0)

    abi = load()
    with open(os.path.join(HERE, "expected.toml"), "rb") as file:
        compare_expected(tap, abi, tomllib.load(file))
    page = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "..", "shared", "SEL4-ABI.md")
    if os.path.isfile(page):
        with open(page, encoding="utf-8") as file:
            compare_page(tap, abi, file.read())
    else:
        tap.skip("page: all tables", "SEL4-ABI.md is not beside the repository")
    tap.done()


main()
