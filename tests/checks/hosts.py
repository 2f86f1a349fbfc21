# SPDX-License-Identifier: BSD-2-Clause
"""No file names the host of a package registry: packages come from what the machine is set up with."""

import glob
import re

from checklib import Tap, texts, tracked

# Written as patterns, so that this file does not name one either.
REGISTRIES = re.compile(
    r"(?:\b(?:deb|ftp\d*|ftp\.[a-z]+|security|snapshot|archive|http)\.(?:debian|ubuntu)\.[a-z]+"
    r"|\b(?:files\.|test\.)?(?:pypi|pythonhosted)\.org|\bregistry\.(?:npm|yarn)\w*\.\w+|\bcrates\.io"
    r"|\b(?:proxy|sum)\.golang\.org|\brubygems\.org|\brepo\d*\.maven\w*\.|\bhackage\.haskell\.)", re.I)


def hosts_of_machine():
    """The hosts this machine itself gets packages from."""
    hosts = set()
    for path in glob.glob("/etc/apt/sources.list") + glob.glob("/etc/apt/sources.list.d/*"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                hosts.update(re.findall(r"\w+://(?:[^/@\s]*@)?([\w.-]+\.\w+)", file.read()))
        except OSError:
            pass
    return hosts


def check(files, hosts):
    found = []
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            if REGISTRIES.search(line) or any(host in line for host in hosts):
                found.append(f"{path}:{number}: names the host of a package registry")
    return found


def main():
    tap = Tap()
    tap.catches("a well-known registry", check({"a": "x\nhttp://" + "deb" + ".debian" + ".org/debian\n"}, set()))
    tap.catches("a mirror of this machine", check({"a": "http://mirror.example/debian"}, {"mirror.example"}))
    tap.catches("package names are fine", check({"a": "gcc-riscv64-unknown-elf, Debian 12"}, set()), 0)
    tap.complaints("no file names a registry", check(texts(tracked()), hosts_of_machine()))
    tap.done()


main()
