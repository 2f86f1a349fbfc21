# SPDX-License-Identifier: BSD-2-Clause
"""Every header compiles alone, and every function a header declares has a comment that says what it does.

usage: headers.py COMPILE_COMMANDS...   the folders' include paths are taken from there
"""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

from checklib import ROOT, Tap, strip_c, texts, tracked

CROSS = ["riscv64-unknown-elf-gcc", "-march=rv64imafdc_zicsr_zifencei", "-mabi=lp64d", "-mcmodel=medany"]
WARNINGS = ["-std=gnu17", "-Wall", "-Wextra", "-Werror", "-Wstrict-prototypes", "-Wno-unused-function"]
HOST_ONLY = ("tools/", "arch/host/", "plat/host/", "tests/")
WITH_LIBRARY = ("user/", "examples/", "benchmarks/", "tests/target/")


def include_flags(databases):
    """-I and -isystem flags of the compilations, by the first folder of the source: {"user": [...]}."""
    flags = {}
    for database in databases:
        if not os.path.isfile(database):
            continue
        with open(database, encoding="utf-8") as file:
            for entry in json.load(file):
                source = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
                mine = flags.setdefault((source.split("/")[0], "unknown-elf" in entry["command"]), [])
                words = shlex.split(entry["command"])
                for word in words:
                    if word.startswith("-I"):
                        flag = "-I" + os.path.join(entry["directory"], word[2:])
                        if flag not in mine:
                            mine.append(flag)
    return flags


def compiler_for(path, flags):
    folder = path.split("/")[0]
    target = not path.startswith(HOST_ONLY) or path.startswith("tests/target/")
    words = list(CROSS) if target else ["gcc", "-D_GNU_SOURCE"]
    if target and path.startswith(WITH_LIBRARY):
        words.append("--specs=picolibc.specs")
    elif target:
        words.append("-ffreestanding")
    found = flags.get((folder, target), [])
    # Folders without a source of their own (or not built yet) still find what meson generates.
    isa = "riscv" if target else "host"
    fallback = [f"-I{ROOT}/{f}" for f in ("lib/variant/debug", f"arch/{isa}/include", ".")]
    fallback += [f"-I{os.path.dirname(os.path.abspath(d))}" for d in sys.argv[1:]]
    return words + WARNINGS + [f for f in found if "lib/variant/" not in f] + fallback


def alone(path, flags):
    """Compiles the header alone; returns the complaint or None."""
    command = compiler_for(path, flags) + ["-fsyntax-only", "-x", "c", "-include", os.path.join(ROOT, path), "/dev/null"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return None
    error = next((l for l in done.stdout.split("\n") if "error" in l), done.stdout.strip())
    return f"{path}: does not stand alone: {error.replace(ROOT + '/', '')}"


# Described by the language's standard.
ISO_C = {"memcpy", "memmove", "memset", "memcmp", "strlen"}

# A declaration at file level that ends in a parameter list and attributes.
DECLARATION = re.compile(r"^(?!typedef|_Static_assert|#|extern \"C\")[A-Za-z_][^;{}=]*\([^;{}]*\)[^;{}()]*(?:\([^;{}]*\))?;", re.M)


def uncommented(files):
    """Declarations of functions that no comment tells of: behind them, before them or their group, or by name."""
    found = []
    for path, text in files.items():
        lines = text.split("\n")
        bare = strip_c(text).split("\n")
        code = "\n".join("" if l.lstrip().startswith("#") else l for l in bare)
        for match in DECLARATION.finditer(code):
            if "(*" in match.group().split("(", 1)[0] + "(":
                continue
            first = code.count("\n", 0, match.start())
            last = code.count("\n", 0, match.end())
            # Walk up over the declarations of the same group to what stands before it.
            above = first
            while above > 0 and lines[above - 1].strip() and bare[above - 1].strip():
                above -= 1
            comment_above = above > 0 and lines[above - 1].strip() and not bare[above - 1].strip()
            comment_in = any(l.strip() != b.strip() for l, b in zip(lines[above:last + 1], bare[above:last + 1]))
            # A comment may head several groups: "Queries:" and a blank line.
            headed = above > 1 and not lines[above - 1].strip() and lines[above - 2].strip() and not bare[above - 2].strip()
            name = re.search(r"(\w+)\s*\(", match.group())[1]
            # The head of the file may tell how its functions work together.
            told = any(name in l and name not in b for l, b in zip(lines, bare))
            if name in ISO_C or name.isupper():  # a standard function, or a macro
                continue
            if not (comment_above or comment_in or headed or told):
                found.append(f"{path}:{first + 1}: no comment says what {name}() does")
    return found


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        bad, good = os.path.join(folder, "bad.h"), os.path.join(folder, "good.h")
        with open(bad, "w", encoding="utf-8") as file:
            file.write("#pragma once\nuint64_t f(void);\n")
        with open(good, "w", encoding="utf-8") as file:
            file.write("#pragma once\n#include <stdint.h>\nuint64_t f(void);\n")
        tap.catches("a header that needs another", [c for c in [alone(bad, {})] if c])
        tap.catches("a header that stands alone", [c for c in [alone(good, {})] if c], 0)
    tap.catches("a function without a comment", uncommented({"a.h": "#pragma once\n\nint f(int a,\n      int b);\n"}))
    tap.catches("comments before, behind, for a group", uncommented({
        "a.h": "/* Does. */\nint f(void);\n\nint g(void); // does\n\n/* Both do. */\nint h(void);\nint i(void) MUST_USE;\n",
        "b.h": "typedef int (*call)(void);\n#define X(a) f(a);\nstatic inline int k(void) {\n    return f(1);\n}\n",
    }), 0)

    flags = include_flags(sys.argv[1:])
    headers = [h for h in tracked(".h") if not h.startswith(("lib/variant/", "tests/golden/", "abi/golden/"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [c for c in pool.map(lambda h: alone(h, flags), headers) if c]
    tap.complaints("every header stands alone", found)
    # The floors are contracts; headers inside one program or example are read with their callers.
    # What arch_isa/ defines is described in arch/*.h.
    ours = [h for h in headers if not h.startswith(("tests/", "examples/", "benchmarks/", "tools/"))
            and "/arch_isa/" not in h]
    tap.complaints("every declared function has a comment", uncommented(texts(ours)))
    tap.done()


main()
