# SPDX-License-Identifier: BSD-2-Clause
"""Every source file says its licence in its first line (behind #! or <?xml, the second)."""

import os

from checklib import Tap, texts, tracked

LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
# How a comment begins, by suffix or whole name. Files of other kinds are data or text.
BEGINS = {
    ".c": "// ", ".h": "// ", ".S": ("// ", "# ", "/* "), ".in": "// ", ".pml": ("// ", "/* "),
    ".ld": ("/* ", "// "), ".lds": ("/* ", "// "), ".dts": ("// ", "/* "), ".dtsi": ("// ", "/* "),
    ".py": "# ", ".sh": "# ", ".toml": "# ", ".ini": "# ", ".system": "<!-- ", ".gp": "# ",
    "meson.build": "# ", "meson_options.txt": "# ", "packages.txt": "# ", "skerry": "# ", "run": "# ",
    ".gitignore": "# ", ".clang-format": "# ", ".clang-tidy": "# ", ".editorconfig": "# ",
}


def begin_of(path):
    name = os.path.basename(path)
    return BEGINS.get(name) or BEGINS.get(os.path.splitext(name)[1])


def check(files):
    found = []
    for path, text in files.items():
        begin = begin_of(path)
        # Input of tests may be wrong on purpose, also in its first line.
        if begin is None or path.startswith(("tests/golden/", "tests/fuzz/corpus/")):
            continue
        lines = text.split("\n", 2)
        if lines[0].startswith(("#!", "<?xml")) and len(lines) > 1:
            del lines[0]
        begins = (begin,) if isinstance(begin, str) else begin
        if not any(lines[0].startswith(b + LICENCE) for b in begins):
            found.append(f"{path}:1: the first line must be `{begins[0]}{LICENCE}`")
    return found


def main():
    tap = Tap()
    tap.catches("no licence", check({"a.c": "int a;\n"}))
    tap.catches("not in the first line", check({"a.py": "import os\n# " + LICENCE + "\n"}))
    tap.catches("wrong comment", check({"meson.build": "// " + LICENCE + "\n"}))
    tap.catches("behind #!", check({"skerry": "#!/bin/sh\n# " + LICENCE + "\n", "b.md": "text"}), 0)
    tap.complaints("every source file names its licence", check(texts(tracked())))
    tap.done()


main()
