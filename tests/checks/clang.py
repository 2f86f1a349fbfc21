# SPDX-License-Identifier: BSD-2-Clause
"""What gcc compiles for the target, clang accepts too, with the same warnings as errors.

usage: clang.py build/cross/compile_commands.json
"""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

from checklib import ROOT, Tap

# What only gcc knows, and what makes no sense without output.
DROP = re.compile(r"-fstack-usage|-fno-tree-\S*|-f(no-)?ipa-\S*|-M[DQFMP]*$|--specs=\S*|-c$|-g$|-fdiagnostics-color=\S*|-fanalyzer"
                  r"|-fcallgraph-info\S*|-D_FILE_OFFSET_BITS=64|-flto\S*|-frandom-seed=\S*|-fno-isolate-\S*|-mno-relax|-msmall-data-limit=\S*")
PICOLIBC = "/usr/lib/picolibc/riscv64-unknown-elf/include"


CROSS = "riscv64-unknown-elf-"


def clang_command(entry):
    words = shlex.split(entry["command"])
    kept = ["clang", "--target=riscv64-unknown-elf", "-Wno-unknown-warning-option", "-Qunused-arguments"]
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in ("-o", "-MF", "-MQ", "-MT"):
            skip = True
        elif word.startswith("-march="):
            # clang 14 has these two in its base ISA.
            kept.append(re.sub(r"_zicsr|_zifencei", "", word))
        elif not DROP.fullmatch(word):
            kept.append(word)
    if "--specs=picolibc.specs" in words or any("picolibc" in w for w in words):
        kept += ["-isystem", PICOLIBC]
    return kept + ["-fsyntax-only"]


def compile_one(entry):
    done = subprocess.run(clang_command(entry), cwd=entry["directory"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return None
    error = next((l for l in done.stdout.split("\n") if "error:" in l), done.stdout.strip()[:200])
    return error.replace("../../", "").replace(ROOT + "/", "")


def check(entries):
    # One file is compiled several times (variants); once per set of flags that matter is enough.
    # Programs that run during the build are the host's.
    unique = {(e["file"], "-mabi=lp64 " in e["command"]): e for e in entries
              if e["file"].endswith(".c") and e["command"].startswith(CROSS)}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [c for c in pool.map(compile_one, unique.values()) if c], len(unique)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wrong.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write("int f(unsigned a, int b);\nint f(unsigned a, int b) { return a < b; }\n")
        entry = {"directory": folder, "file": path, "command": f"{CROSS}gcc -Wall -Wextra -Werror -c {path} -o x.o"}
        tap.catches("a warning of clang", check([entry])[0])
    if len(sys.argv) > 1 and os.path.isfile(sys.argv[1]):
        with open(sys.argv[1], encoding="utf-8") as file:
            found, count = check(json.load(file))
        tap.complaints(f"clang accepts the {count} files for the target", found)
    else:
        tap.skip("clang accepts the files for the target", "build/cross is not configured")
    tap.done()


main()
