# SPDX-License-Identifier: BSD-2-Clause
"""Same input, same bytes: a copy of the tree, at a place whose name has another length, builds the same images.

usage: reproducible.py BUILT_FOLDER    (build/cross)
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

from checklib import ROOT, Tap, tracked


def images(folder):
    """{path: digest} of what is put on the target."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if name.endswith((".elf", ".bin", ".img")) and not os.path.islink(path):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def differences(first, second):
    return [f"{p}: {'missing' if p not in first or p not in second else 'differs'}"
            for p in sorted(first.keys() | second.keys()) if first.get(p) != second.get(p)]


def copy_tree(to):
    """What git would give a clone, with the changes of the work tree: tracked files and the repository."""
    for path in tracked():
        os.makedirs(os.path.dirname(os.path.join(to, path)), exist_ok=True)
        shutil.copy2(os.path.join(ROOT, path), os.path.join(to, path), follow_symlinks=False)
    if os.path.isdir(os.path.join(ROOT, ".git")):
        shutil.copytree(os.path.join(ROOT, ".git"), os.path.join(to, ".git"), symlinks=True)


def main():
    tap = Tap()
    tap.catches("one byte, one file more", differences({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}), 2)
    built = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="skerry-somewhere-else-") as place:
        copy_tree(place)
        folder = os.path.join(place, "build/other")
        log = []
        for command in (["meson", "setup", folder, "--cross-file", "meson/riscv64.ini"], ["ninja", "-C", folder]):
            done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            log = done.stdout.splitlines()[-10:]
            if done.returncode:
                break
        tap.point(done.returncode == 0, "the copy builds", () if done.returncode == 0 else log)
        here, there = images(built), images(folder)
        tap.point(len(here) > 0, f"{len(here)} images to compare")
        tap.complaints("they are the same", differences(here, there))
    tap.done()


main()
