# SPDX-License-Identifier: BSD-2-Clause
"""Every loop of the kernel states its bound: BOUND(id, limit) before it, BOUND_STEP(id) in it (lib/bound.h).

The ids are unique, because an analysis finds its loops by them. The bootloader runs before the kernel and is
bounded by the package; the host's implementation of arch never runs on a target.
"""

import re

from checklib import Tap, strip_c, texts, tracked

KERNEL = ("lib/", "arch/", "plat/", "kernel/", "mcs/", "smp/")
EXEMPT = ("lib/bound.h", "arch/host/", "plat/host/")
LOOP = re.compile(r"\b(for|while)\s*\(|\bdo\s*\{")
STEP = re.compile(r"\bBOUND_STEP\s*\(\s*(\w+)\s*\)")
BOUND = re.compile(r"\bBOUND\s*\(\s*(\w+)\s*,")


def matching(text, start, opening, closing):
    """Index behind the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == opening) - (text[i] == closing)
        if depth == 0:
            return i + 1
    return len(text)


def loops_of(text):
    """(offset, head, body) of each loop; the `while` of a do-while belongs to its `do`."""
    tails = set()
    for match in LOOP.finditer(text):
        if match.start() in tails:
            continue
        if match[0].startswith("do"):
            end = matching(text, match.end() - 1, "{", "}")
            tail = re.compile(r"\s*(while)\s*\(").match(text, end)
            if tail:
                tails.add(tail.start(1))
            yield match.start(), "", text[match.end():end]
            continue
        head_end = matching(text, match.end() - 1, "(", ")")
        rest = re.compile(r"\s*").match(text, head_end).end()
        if text[rest:rest + 1] == "{":
            end = matching(text, rest, "{", "}")
        else:
            end = text.find(";", rest) + 1
        yield match.start(), text[match.end():head_end], text[rest:end]


def check(files):
    found = []
    places = {}
    for path, text in files.items():
        if not path.startswith(KERNEL) or path.startswith(EXEMPT):
            continue
        # Macros are judged where they are used; `do { } while (0)` is no loop.
        code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), strip_c(text), flags=re.M)
        bounds = set(BOUND.findall(code))
        for name in BOUND.findall(code):
            places.setdefault(name, []).append(path)
        for offset, _, body in loops_of(code):
            steps = STEP.findall(body)
            line = code.count("\n", 0, offset) + 1
            if '"wfi"' in text[offset:offset + len(body) + 80]:
                continue  # it sleeps: idle and halt last as long as the world is quiet
            if not steps:
                found.append(f"{path}:{line}: a loop without BOUND_STEP")
            elif steps[0] not in bounds:
                found.append(f"{path}:{line}: no BOUND({steps[0]}, …) in this file")
    found += [f"{p[0]}: BOUND({name}, …) is also in {', '.join(p[1:])}" for name, p in places.items() if len(p) > 1]
    return found


def main():
    tap = Tap()
    good = "void f(void) {\n BOUND(a, 3);\n while (x) {\n  BOUND_STEP(a);\n  g();\n }\n}\n"
    tap.catches("a bounded loop", check({"mcs/a.c": good}), 0)
    tap.catches("a loop without a bound", check({"mcs/a.c": "void f(void) {\n for (;;) {\n  g();\n }\n}\n"}))
    tap.catches("a loop without braces", check({"mcs/a.c": "void f(void) {\n while (x)\n  g();\n}\n"}))
    tap.catches("a loop inside a bounded one", check({"mcs/a.c": good.replace("g();", "do {\n h();\n } while (y);")}))
    tap.catches("a step of another bound", check({"mcs/a.c": good.replace("BOUND(a", "BOUND(b")}))
    tap.catches("an id twice", check({"mcs/a.c": good, "smp/b.c": good}))
    tap.catches("idle", check({"arch/riscv/a.c": "void f(void) {\n for (;;) {\n  __asm__(\"wfi\");\n }\n}\n"}), 0)
    tap.catches("elsewhere, in comments, in macros", check({
        "bootloader/a.c": "void f(void) {\n for (;;) {\n }\n}\n", "mcs/a.c": "// while (x) {}\n#define X do { } while (0)\n"}), 0)
    tap.complaints("every kernel loop states its bound", check(texts(tracked(".c", ".h"))))
    tap.done()


main()
