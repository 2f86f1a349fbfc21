# SPDX-License-Identifier: BSD-2-Clause
"""No conditional compilation inside a function: variation is data, then a choice of file, then plain `if`."""

import re

from checklib import Tap, strip_c, texts, tracked

CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|else)\b")


def opens_function(head):
    """Whether a brace after `head` (the text since the last declaration's end) begins a function's body."""
    return "(" in head and "=" not in head and not re.match(r"\s*(typedef|extern\s+$)", head)


def check(files):
    found = []
    for path, text in files.items():
        depth = 0
        function_depth = None
        head = ""
        for number, line in enumerate(strip_c(text).split("\n"), 1):
            if re.match(r"\s*#", line):
                if CONDITIONAL.match(line) and function_depth is not None:
                    found.append(f"{path}:{number}: conditional compilation inside a function")
                continue
            for char in line:
                if char == "{":
                    if function_depth is None and opens_function(head):
                        function_depth = depth
                    depth += 1
                    head = ""
                elif char == "}":
                    depth -= 1
                    if depth == function_depth:
                        function_depth = None
                    head = ""
                elif char == ";" and depth == 0:
                    head = ""
                else:
                    head += char
            head += " "
    return found


def main():
    tap = Tap()
    tap.catches("#ifdef in a function", check({"a.c": "int f(void) {\n#ifdef X\n    return 1;\n#endif\n}\n"}))
    tap.catches("behind a struct and an attribute",
                check({"a.c": "struct s {\n int a;\n};\nint f(int a) NORETURN {\n  {\n#if A\n#else\n#endif\n  }\n}\n"}), 2)
    tap.catches("around functions, in structs, in comments", check({
        "a.h": "#ifdef X\nint f(void);\n#endif\nstruct s {\n#if X\n int a;\n#endif\n};\n",
        "b.c": "int f(void) {\n/*\n#if X\n*/\n}\n#if X\nint g;\n#endif\n",
        "c.c": "const char *t[] = {\n#if X\n\"{\",\n#endif\n};\n",
    }), 0)
    tap.complaints("no conditional compilation inside a function", check(texts(tracked(".c", ".h"))))
    tap.done()


main()
