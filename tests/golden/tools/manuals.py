# SPDX-License-Identifier: BSD-2-Clause
"""What the tool prints from its tables is what the tree holds; and it is good for what it is for.

    manuals.py SKERRY ROOT [--update]
"""

import os
import subprocess
import sys

MANUALS = {"docs/system-file.md": "--elements", "docs/errors.md": "--all", "docs/system-file.rng": "--schema",
           "docs/skerry.1": "--manual", "tools/completion/skerry.bash": "--completion"}

# A line typed so far, and some of what must be offered for its last word.
COMPLETIONS = [
    (["./skerry", ""], {"run", "check", "show", "gdb", "--help"}),
    (["./skerry", "ch"], {"check"}),
    (["./skerry", "run", "--ti"], {"--timeout"}),
    (["./skerry", "run", "--variant", "b"], {"bench"}),
    (["./skerry", "explain", "SK08"], {"SK080", "SK081", "SK082"}),
    (["./skerry", "show", "examples/hello/"], {"examples/hello/hello.system"}),
    (["./skerry", "show", "--json", "examples/hello/h"], {"examples/hello/hello.system"}),
    (["./skerry", "test", "un"], {"unit"}),
]


def complete(root, words):
    script = "source tools/completion/skerry.bash; COMP_WORDS=(%s); COMP_CWORD=%d; _skerry ./skerry %s %s; " \
             "printf '%%s\\n' \"${COMPREPLY[@]}\"" % (" ".join("'%s'" % word for word in words), len(words) - 1,
                                                     "'%s'" % words[-1], "'%s'" % words[-2])
    result = subprocess.run(["bash", "-c", script], cwd=root, capture_output=True, text=True, check=False)
    return set(result.stdout.split()), result.stderr


def uses(root):
    for words, wanted in COMPLETIONS:
        offered, errors = complete(root, words)
        yield "completion of '%s'" % " ".join(words), wanted <= offered and not errors, str(offered) + errors
    offered, _ = complete(root, ["./skerry", "check", "examples/hello/hello"])
    yield "completion offers no other files", offered == {"examples/hello/hello.system"}, str(offered)
    page = subprocess.run(["groff", "-man", "-Tascii", "-ww", "docs/skerry.1"], cwd=root, capture_output=True, text=True,
                          check=False)
    yield "the manual page is good roff", page.returncode == 0 and not page.stderr, page.stderr
    for name in ("examples/hello/hello.system", "examples/flight/flight.system"):
        result = validate(root, name)
        yield "the schema takes %s" % name, result.returncode == 0, result.stderr
    for name in ("sk003-unknown-element", "sk006-unknown-attribute", "sk008-missing-attribute", "sk010-values",
                 "sk004-misplaced"):
        result = validate(root, "tests/golden/tools/cases/%s.system" % name)
        yield "the schema refuses %s" % name, result.returncode == 3, result.stderr


def validate(root, name):
    return subprocess.run(["xmllint", "--noout", "--relaxng", "docs/system-file.rng", name], cwd=root,
                          capture_output=True, text=True, check=False)


def main():
    tool, root = sys.argv[1:3]
    failed = number = 0
    for number, (name, option) in enumerate(MANUALS.items(), 1):
        printed = subprocess.run([tool, "explain", option], capture_output=True, check=True).stdout
        path = os.path.join(root, name)
        if "--update" in sys.argv:
            with open(path, "wb") as file:
                file.write(printed)
        with open(path, "rb") as file:
            same = file.read() == printed
        failed += not same
        print("%sok %d - %s is up to date" % ("" if same else "not ", number, name))
        if not same:
            print("# manuals.py %s %s --update" % (tool, root))
    for name, good, detail in uses(root):
        number += 1
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", number, name))
        if not good:
            print("".join("# %s\n" % line for line in detail.splitlines()), end="")
    print("1..%d" % number)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
