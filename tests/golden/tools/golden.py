# SPDX-License-Identifier: BSD-2-Clause
"""Every message of the tool about a system file, word for word.

Each cases/NAME.system is given to `skerry check` (or what its first line says) in the folder cases/; what comes
out must be NAME.expected: exit code, standard output, standard error. At the end, every code of `skerry explain
--all` must have come up in some case. TAP on standard output.

    golden.py SKERRY [--update] [NAME...]

A case may begin with `<?run build ...?>`: other arguments, in which {tmp} is a temporary folder. Programs
and kernels that cases name are made here, byte by byte: the tests need no cross compiler.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")

EM_RISCV, EM_X86_64 = 243, 62


def elf(base, text, symbols, machine=EM_RISCV, kind=2, bits=2, memory=None, entry=None):
    """A minimal ELF file: one RWX-free pair of segments (text R-X, data RW-) and a symbol table.

    `symbols` are (name, address, size); data of one page follows the text.
    """
    header_size, program_size, section_size = 64, 56, 64
    data = bytes(4096)
    text = text.ljust(4096, b"\0")
    offset_text = 4096
    offset_data = offset_text + len(text)
    memory = memory or len(data)
    strings = b"\0"
    table = bytes(24)
    for name, address, size in symbols:
        table += struct.pack("<IBBHQQ", len(strings), 0x11, 0, 1, address, size)
        strings += name.encode() + b"\0"
    offset_table = offset_data + len(data)
    offset_strings = offset_table + len(table)
    offset_sections = (offset_strings + len(strings) + 7) & ~7
    ident = b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, entry or base, header_size,
                                 offset_sections, 0, header_size, program_size, 2, section_size, 3, 0)
    programs = struct.pack("<IIQQQQQQ", 1, 5, offset_text, base, base, len(text), len(text), 4096)
    programs += struct.pack("<IIQQQQQQ", 1, 6, offset_data, base + len(text), base + len(text),
                            len(data), memory, 4096)
    sections = bytes(section_size)
    sections += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, offset_table, len(table), 2, 1, 8, 24)
    sections += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, offset_strings, len(strings), 0, 0, 1, 0)
    image = (header + programs).ljust(offset_text, b"\0") + text + data + table + strings
    return image.ljust(offset_sections, b"\0") + sections


PROGRAM_SYMBOLS = [("word", 0x201000, 8), ("half", 0x201008, 2), ("byte", 0x20100A, 1),
                   ("array", 0x201010, 64), ("__sel4_ipc_buffer_obj", 0x201000, 4096)]


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def make_programs(folder):
    """What the cases' program_image elements may name."""
    write(os.path.join(folder, "p.elf"), elf(0x200000, b"\x13", PROGRAM_SYMBOLS))
    write(os.path.join(folder, "console.elf"),
          elf(0x200000, b"\x13", PROGRAM_SYMBOLS + [("console_rings", 0x201800, 8), ("console_uart", 0x201808, 8)]))
    write(os.path.join(folder, "periodic.elf"), elf(0x200000, b"\x13", PROGRAM_SYMBOLS + [("rt_periodic", 0x200000, 4)]))
    write(os.path.join(folder, "runtime.elf"),
          elf(0x200000, b"\x13", PROGRAM_SYMBOLS + [("rt_console_ring", 0x201800, 8), ("microkit_name", 0x201840, 64)]))
    write(os.path.join(folder, "stack.elf"), elf(0x200000, b"\x13", PROGRAM_SYMBOLS + [("rt_stack_top", 0x201800, 8)]))
    write(os.path.join(folder, "astray.elf"), elf(0x200000, b"\x13", PROGRAM_SYMBOLS, entry=0x201000))
    write(os.path.join(folder, "inside.elf"), elf(0x3F00000000, b"\x13", []))
    write(os.path.join(folder, "bare.elf"), elf(0x200000, b"\x13", PROGRAM_SYMBOLS[:-1]))
    write(os.path.join(folder, "x86.elf"), elf(0x200000, b"\x13", [], machine=EM_X86_64))
    write(os.path.join(folder, "pie.elf"), elf(0x200000, b"\x13", [], kind=3))
    write(os.path.join(folder, "high.elf"), elf(0x4000000000, b"\x13", []))
    write(os.path.join(folder, "huge.elf"), elf(0x200000, b"\x13", PROGRAM_SYMBOLS, memory=64 << 20))
    write(os.path.join(folder, "empty.elf"), b"")
    write(os.path.join(folder, "data.bin"), b"data" * 1250)


def make_build(folder):
    """A cross-build folder, good enough for `build`."""
    kernel = 0xFFFFFFFFC0000000
    write(os.path.join(folder, "kernel/skerry-virt-aia-release.elf"), elf(kernel, b"\x13", []))
    write(os.path.join(folder, "kernel/skerry-virt-plain-release.elf"), elf(kernel, b"\x13", []))
    write(os.path.join(folder, "kernel/skerry-virt-aia-bench.elf"), elf(kernel, b"\x13", [], entry=kernel + 4))
    write(os.path.join(folder, "bootloader/bootloader.bin"), b"\x13")
    write(os.path.join(folder, "user/console.elf"),
          elf(0x200000, b"\x13", PROGRAM_SYMBOLS + [("console_rings", 0x201800, 8), ("console_uart", 0x201808, 8)]))
    write(os.path.join(folder, "user/init.elf"),
          elf(0x10000, b"\x13", [("__init_table", 0x12000, 0), ("rt_console_ring", 0x11000, 8)]))


def make_trees(tmp):
    """Device trees and other inputs that cases name as {tmp}/…"""
    subprocess.run(["qemu-system-riscv64", "-nodefaults", "-display", "none", "-bios", "none", "-smp", "2", "-m", "256M",
                    "-machine", "virt,aia=aplic-imsic,dumpdtb=" + os.path.join(tmp, "virt-aia.dtb")],
                   check=True, capture_output=True)
    # Two devices in one page, which QEMU's machine does not have: its tree, with the clock's registers moved.
    with open(os.path.join(tmp, "virt-aia.dtb"), "rb") as file:
        tree = file.read()
    moved = tree.replace(struct.pack(">QQ", 0x101000, 0x1000), struct.pack(">QQ", 0x10000800, 0x100))
    assert moved != tree
    write(os.path.join(tmp, "one-page.dtb"), moved)
    make_cached_tree(tmp)
    write(os.path.join(tmp, "large.system"), b" " * ((1 << 20) + 1))


def make_cached_tree(tmp):
    """QEMU's machine with four harts, and caches that it does not have: L1 for each hart, L2 for each two of them."""
    tree = os.path.join(tmp, "cached.dtb")
    subprocess.run(["qemu-system-riscv64", "-nodefaults", "-display", "none", "-bios", "none", "-smp", "4", "-m", "256M",
                    "-machine", "virt,aia=aplic-imsic,dumpdtb=" + tree], check=True, capture_output=True)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", tree], check=True, capture_output=True,
                          text=True).stdout
    caches = "".join("l2c%d: l2-cache%d { compatible = \"cache\"; cache-level = <2>; cache-size = <0x80000>; };\n"
                     % (i, i) for i in range(2))
    text = text.replace("cpu-map {", caches + "cpu-map {", 1)
    for hart in range(4):
        text = text.replace("cpu@%d {" % hart,
                            "cpu@%d { d-cache-size = <0x8000>; next-level-cache = <&l2c%d>;" % (hart, hart // 2), 1)
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, "-"], input=text, check=True, text=True)


def case_arguments(path, name, tmp):
    with open(path, encoding="utf-8", errors="replace") as file:
        match = re.match(r"<\?run (.*?)\?>", file.readline())
    arguments = match.group(1) if match else "check {file}"
    return [part.format(file=name + ".system", tmp=tmp) for part in arguments.split()]


def run_case(tool, name, tmp):
    path = os.path.join(CASES, name + ".system")
    build = os.path.join(tmp, "build")
    make_programs(os.path.join(build, "examples", name))
    arguments = case_arguments(path, name, tmp)
    verb, rest = arguments[0], arguments[1:]
    if verb != "explain":
        rest = ["--build-folder", build] + rest
    result = subprocess.run([tool, verb] + rest, cwd=CASES, capture_output=True, check=False,
                            env=dict(os.environ, SKERRY_ROOT="/nowhere", LC_ALL="C"))
    text = "exit %d\n" % result.returncode
    if result.stdout.startswith(b"<svg"):
        ElementTree.fromstring(result.stdout)  # raises unless it is well-formed
    for title, stream in (("output", result.stdout), ("errors", result.stderr)):
        if stream:
            text += "--- %s\n%s" % (title, stream.decode("utf-8", "replace").replace(tmp, "{tmp}"))
    # The length of the slice is QEMU's business.
    return re.sub(r"^tree .*$", "tree", text, flags=re.M)


def all_codes(tool):
    text = subprocess.run([tool, "explain", "--all"], capture_output=True, check=True).stdout.decode()
    return re.findall(r"^## (SK\d+):", text, re.M)


def main():
    tool = os.path.abspath(sys.argv[1])
    update = "--update" in sys.argv
    names = [name for name in sys.argv[2:] if not name.startswith("-")]
    whole = not names
    if whole:
        names = sorted(name[:-7] for name in os.listdir(CASES) if name.endswith(".system"))
    seen, failed = set(), 0
    print("1..%d" % (len(names) + whole))
    tmp = tempfile.mkdtemp(prefix="skerry-golden-")
    make_build(os.path.join(tmp, "build"))
    make_trees(tmp)
    with ThreadPoolExecutor(4) as pool:  # most of a case's time is waiting for QEMU to start
        outputs = list(pool.map(lambda name: run_case(tool, name, tmp), names))
    for number, (name, got) in enumerate(zip(names, outputs), 1):
        seen.update(re.findall(r"\[(SK\d+)\]", got))
        expected_path = os.path.join(CASES, name + ".expected")
        if update:
            with open(expected_path, "w", encoding="utf-8") as file:
                file.write(got)
        expected = ""
        if os.path.exists(expected_path):
            with open(expected_path, encoding="utf-8") as file:
                expected = file.read()
        if got == expected:
            print("ok %d - %s" % (number, name))
        else:
            failed += 1
            print("not ok %d - %s" % (number, name))
            for line in ["expected"] + expected.splitlines() + ["got"] + got.splitlines():
                print("# " + line)
    if whole:
        missing = [code for code in all_codes(tool) if code not in seen]
        failed += bool(missing)
        print("%sok %d - every code has a case" % ("not " if missing else "", len(names) + 1))
        if missing:
            print("# without a case: " + " ".join(missing))
    shutil.rmtree(tmp)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
