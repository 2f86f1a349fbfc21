#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A partition whose kernel fails starts over, again and again, and nobody else notices.

    restart.py SKERRY CROSS_BUILD ROOT

The failure is real: the first instruction of the kernel's interrupt entry is overwritten, through the emulator's gdb
port, in the memory of one partition. So the next life must also have got its code anew. Prints TAP.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

TOOL, CROSS, ROOT = (os.path.abspath(argument) for argument in sys.argv[1:4])
LIMIT_S = 120
LIVES = 3
CASES = [("virt-aia", "release"), ("virt-aclint", "debug"), ("virt-plain", "release")]
NO_WALLS = {"virt-plain"}  # rung by firmware


class Gdb:
    """As much of the remote protocol as it takes to write physical memory."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT_S)
        self.socket.connect(path)
        self.data = b""

    def ask(self, text):
        body = text.encode()
        self.socket.sendall(b"$" + body + b"#%02x" % (sum(body) % 256))
        while not (packet := re.search(rb"\$([^#]*)#..", self.data)):
            more = self.socket.recv(4096)
            if not more:
                raise EOFError(text)
            self.data += more
        self.data = self.data[packet.end():]
        self.socket.sendall(b"+")
        return packet.group(1).decode()


def damage(path, address):
    """Attaching stops the machine; it goes on when we leave. False: it was refused."""
    gdb = Gdb(path)
    answers = [gdb.ask("Qqemu.PhyMemMode:1"), gdb.ask(f"M{address:x},4:00000000"), gdb.ask("D")]
    gdb.socket.close()
    return answers == ["OK"] * 3


def entry_of(machine, variant, record):
    """Where the interrupt entry of beta's kernel is in physical memory."""
    elf = os.path.join(CROSS, "kernel", f"skerry-{machine}-{variant}.elf")
    symbols = subprocess.run(["riscv64-unknown-elf-nm", elf], check=True, capture_output=True, text=True).stdout
    address = {name: int(value, 16) for value, _, name in re.findall(r"^([0-9a-f]+) (\w) (\w+)$", symbols, re.M)}
    base = int(re.search(r"^image +image 0x([0-9a-f]+)", record, re.M).group(1), 16)
    return base + address["kernel_interrupt"] - address["_start"]


def run(folder, machine, variant):
    """Boot, damage each life but the last when it has answered; (exit status, everything printed)."""
    with open(os.path.join(ROOT, "tests/target/systems/restart.system"), encoding="utf-8") as file:
        text = file.read().replace("MACHINE", machine).replace("VARIANT", variant)
    text = text.replace("WALLS", "off" if machine in NO_WALLS else "on")
    for image in set(re.findall(r'path="(.*\.elf)"', text)):
        shutil.copy(os.path.join(CROSS, image), folder)
        text = text.replace(image, os.path.basename(image))
    system = os.path.join(folder, "restart.system")
    with open(system, "w", encoding="utf-8") as file:
        file.write(text)
    environment = dict(os.environ, NO_COLOR="1", SKERRY_ROOT=ROOT)
    subprocess.run([TOOL, "build", "--build-folder", CROSS, system, "-o", os.path.join(folder, "out")], check=True,
                   stdout=subprocess.DEVNULL, env=environment)
    with open(os.path.join(folder, "out", "beta.record.txt"), encoding="utf-8") as file:
        entry = entry_of(machine, variant, file.read())
    gdb = os.path.join(folder, "gdb")
    process = subprocess.Popen([TOOL, "run", "--build-folder", CROSS, system, "--",
                                "-gdb", f"unix:{gdb},server=on,wait=off"], stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    guard = threading.Timer(LIMIT_S, process.kill)
    guard.start()
    printed = ""
    for line in process.stdout:
        printed += line
        answered = re.search(r"life (\d) has answered", line)
        if answered and int(answered.group(1)) < LIVES:
            printed += f"(damaged: {damage(gdb, entry)})\n"
    guard.cancel()
    return process.wait(), printed


def case(machine, variant):
    with tempfile.TemporaryDirectory() as folder:
        status, printed = run(folder, machine, variant)
    yield "the run ends good", status == 0 and "run ended: good" in printed, printed
    yield "each damage was done, and ended in a panic with a backtrace", (
        printed.count("(damaged: True)") == LIVES - 1
        and len(re.findall(r"^panic: the kernel met an illegal instruction", printed, re.M)) == LIVES - 1
        and "kernel_interrupt" in printed), printed
    yield "each life begins with its memory as built, and answers", (
        re.findall(r"answerer\] life (\d) begins: own (\d+)", printed) == [(str(i + 1), "40") for i in range(LIVES)]
        and re.findall(r"answerer\] life (\d) has answered, own (\d+)", printed)
        == [(str(i + 1), "45") for i in range(LIVES)]), printed
    yield "the kernel says that it is up each time, the other only once", (
        len(re.findall(r"^\[beta\] skerry ", printed, re.M)) == LIVES
        and len(re.findall(r"^\[alpha\] skerry ", printed, re.M)) == 1), printed
    yield "the tool counts", 'kernel "beta" started over 2 times' in printed, printed


def main():
    count, failed = 0, False
    for machine, variant in CASES:
        for name, good, printed in case(machine, variant):
            count += 1
            failed = failed or not good
            print(f"{'ok' if good else 'not ok'} {count} - {name} ({machine}, {variant})")
            if not good:
                print("".join(f"# {line}\n" for line in printed.splitlines()))
    print(f"1..{count}")
    return failed


sys.exit(main())
