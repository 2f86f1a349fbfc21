# SPDX-License-Identifier: BSD-2-Clause
"""docs/system-file.md and docs/errors.md are what the tool prints from its tables.

    manuals.py SKERRY ROOT [--update]
"""

import os
import subprocess
import sys

MANUALS = {"docs/system-file.md": "--elements", "docs/errors.md": "--all"}


def main():
    tool, root = sys.argv[1:3]
    failed = 0
    print("1..%d" % len(MANUALS))
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
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
