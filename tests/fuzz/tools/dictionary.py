# SPDX-License-Identifier: BSD-2-Clause
"""libFuzzer's dictionary of system files: elements and attributes as the tool lists them, and some values.

usage: dictionary.py SKERRY
"""

import subprocess
import sys

VALUES = ["0", "-1", "0x1000", "0xffffffffffffffff", "18446744073709551615", "1_000", "4KiB", "1GiB", "1us", "1s", "10/s",
          "true", "false", "rw", "rwx", "edge", "level", "all", "virt-aia", "virt-aclint", "virt-plain",
          "/soc/serial@10000000", "a b", "&lt;", "<!--", "-->", "<![CDATA[", "<?xml version='1.0' encoding='UTF-16'?>"]


def main():
    lines = subprocess.run([sys.argv[1], "explain", "--words"], check=True, capture_output=True, text=True).stdout
    entries = set(VALUES)
    for element, *attributes in map(str.split, lines.splitlines()):
        entries |= {f"<{element} ", f"</{element}>"} | {f' {attribute}="' for attribute in attributes}
    for entry in sorted(entries):
        print('"%s"' % entry.replace("\\", "\\\\").replace('"', '\\"'))


main()
