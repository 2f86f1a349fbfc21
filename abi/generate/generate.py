# SPDX-License-Identifier: BSD-2-Clause
"""Generate everything that is made from abi/*.toml.

    generate.py --list                 names of the outputs
    generate.py NAME OUTPUT            write one output (what the build does)
    generate.py --all FOLDER           write all outputs under FOLDER, by name, and the manual
    generate.py --check                compare with abi/golden/ and docs/reference/; 1 on difference
    generate.py --update               write abi/golden/ and docs/reference/ after review

A file is written only if its text changes, and in one step, so an interrupted run leaves no half of it.
"""

import difflib
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import dispatch  # noqa: E402
import kernel_header  # noqa: E402
import manual  # noqa: E402
import tables  # noqa: E402
import user_headers  # noqa: E402
from interface import ABI_FOLDER, DescriptionError, load  # noqa: E402

OUTPUTS = {
    "sel4_abi.h": kernel_header.sel4_abi_h,
    "methods.h": dispatch.methods_h,
    "dispatch.inc.h": dispatch.dispatch_inc_h,
    "names.h": tables.names_h,
    "fuzz_table.h": tables.fuzz_table_h,
    "user/abi.h": user_headers.abi_h,
    "user/types.h": user_headers.types_h,
    "user/bootinfo.h": user_headers.bootinfo_h,
    "user/invocation.h": user_headers.invocation_h,
    "user/client.h": user_headers.client_h,
}
GOLDEN = ABI_FOLDER / "golden"
MANUAL = ABI_FOLDER.parent / "docs" / "reference"


def write(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def reviewed(abi):
    """(path, text) of every file of which the last reviewed form is kept."""
    for name, make in OUTPUTS.items():
        yield GOLDEN / name, make(abi)
    for name, text in manual.pages(abi).items():
        yield MANUAL / name, text


def check(abi):
    different = 0
    for path, text in reviewed(abi):
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        if kept == text:
            continue
        different += 1
        label = str(path.relative_to(ABI_FOLDER.parent))
        sys.stdout.writelines(
            difflib.unified_diff(
                kept.splitlines(True), text.splitlines(True), label, "generated", n=1
            )
        )
    if different:
        print(f"{different} differ; look at them, then: python3 abi/generate/generate.py --update")
    return 1 if different else 0


def main(args):
    try:
        abi = load()
    except (DescriptionError, ValueError, KeyError) as error:
        print(f"abi: {error}", file=sys.stderr)
        return 1
    if args == ["--list"]:
        print("\n".join(OUTPUTS))
        return 0
    if args == ["--check"]:
        return check(abi)
    if args == ["--update"]:
        for path, text in reviewed(abi):
            write(path, text)
        return 0
    if len(args) == 2 and args[0] == "--all":
        for name, make in OUTPUTS.items():
            write(Path(args[1]) / name, make(abi))
        for name, text in manual.pages(abi).items():
            write(Path(args[1]) / "reference" / name, text)
        return 0
    if len(args) == 2 and args[0] in OUTPUTS:
        write(Path(args[1]), OUTPUTS[args[0]](abi))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
