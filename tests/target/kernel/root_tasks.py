#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Root tasks that check themselves, on the kernel alone: each must say PASS and stop the machine.

    root_tasks.py SKERRY CROSS_BUILD [--set WORD=VALUE]… [--says TEXT] ELF[:VARIANT[:OPTION…]]…

ELF is a path below CROSS_BUILD without "-VARIANT.elf". Options go to `skerry run`. WORD=VALUE patches the program's
control block ("skerry-test-word" before the words seed, rounds). TEXT is a line that each has to print, too. Prints TAP.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import time

TOOL, CROSS = sys.argv[1:3]
MAGIC = b"skerry-test-word"
WORDS = ("seed", "rounds")
LIMIT_S = int(os.environ.get("ROOT_TASK_LIMIT_S", "120"))


def patched(elf, folder, changes):
    """A copy of the program with other words in its control block."""
    with open(elf, "rb") as file:
        data = bytearray(file.read())
    at = data.find(MAGIC)
    for word, value in changes.items():
        if at < 0 or word not in WORDS:
            sys.exit(f"{elf} has no word {word}")
        struct.pack_into("<Q", data, at + len(MAGIC) + 8 * WORDS.index(word), value)
    path = os.path.join(folder, os.path.basename(elf))
    with open(path, "wb") as file:
        file.write(data)
    return path


def run(elf, variant, options):
    begin = time.monotonic()
    done = subprocess.run([TOOL, "run", "--build-folder", CROSS, "--root-task", elf, "--variant", variant,
                           "--timeout", f"{LIMIT_S}s", *options], check=False, capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, timeout=LIMIT_S + 60,
                          env=dict(os.environ, NO_COLOR="1"))
    text = done.stdout + done.stderr
    good = (done.returncode == 0 and re.search(r"^PASS \([1-9]\d* checks\)$", done.stdout, re.M)
            and "FAIL" not in text and "panic" not in text)
    return good, text, time.monotonic() - begin


def main():
    changes, programs, says = {}, [], ""
    arguments = iter(sys.argv[3:])
    for argument in arguments:
        if argument == "--set":
            word, value = next(arguments).split("=")
            changes[word] = int(value, 0)
        elif argument == "--says":
            says = next(arguments)
        else:
            programs.append(argument)
    print(f"1..{len(programs)}")
    failed = 0
    for number, program in enumerate(programs, 1):
        path, variant, *options = program.split(":")
        with tempfile.TemporaryDirectory() as folder:
            elf = patched(os.path.join(CROSS, f"{path}-{variant}.elf"), folder, changes)
            good, text, seconds = run(elf, variant, options)
            good = good and (not says or re.search(rf"{says}\s*$", text, re.M) is not None)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {os.path.basename(path)} on a {variant} kernel")
        print(f"# {seconds:.1f} s", flush=True)
        for line in text.splitlines()[-60:]:
            if not good or line.startswith("did "):
                print("# " + line)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
