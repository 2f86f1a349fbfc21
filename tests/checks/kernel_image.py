# SPDX-License-Identifier: BSD-2-Clause
"""What the linked kernels promise to the analysis of worst cases, read from their instructions.

  no floating point outside the two functions that save and restore it (the registers are the user's)
  no jump through a register, but for returns and the places named below (a path is a path in the graph)
  no recursion
  the deepest chain of frames fits the kernel stack, that of a trap of the kernel itself its emergency stack

usage: kernel_image.py KERNEL.elf...
"""

import re
import struct
import subprocess
import sys

from checklib import Tap, read

FPU_FUNCTIONS = re.compile(r"riscv_fpu_\w+")
FLOATING = re.compile(r"(?:c\.)?f(?:ld|lw|sd|sw|ldsp|lwsp|sdsp|swsp|mv|add|sub|mul|div|sqrt|cvt|eq|lt|le|class|sgnj|min|max"
                      r"|n?madd|n?msub)(?:\.\S+)?")
# The kernel's ELF does not say that the machine has floating point, so the disassembler shows numbers: the
# major opcodes of loads, stores, fused operations and the rest.
FLOATING_OPCODES = {0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f, 0x53}
# The two places that go where data says: invocations, through the generated table of methods.
INDIRECT = re.compile(r"invoke_with_message|object_call")
# A loop that turned too often: the end of the kernel. It may use any function once more, but not itself.
LAST_WORDS = "bound_exceeded"
# Runs on a stack of its own.
EMERGENCY = "trap_from_kernel"

FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\s+(?:[0-9a-f]{4,8}\s+)+(\S+)\s*(.*)$")
TARGET = re.compile(r"<([^>+]+)>")


class Function:
    def __init__(self):
        self.calls = set()
        self.frame_bytes = 0
        self.floating = False
        self.indirect = False
        self.large_frame = False  # 2 KiB or more, whose size is in a register


def parse(text):
    """{name: Function} of a disassembly."""
    functions = {}
    current = None
    for line in text.split("\n"):
        head = FUNCTION.match(line)
        if head:
            current = functions.setdefault(head[1], Function())
            continue
        found = INSTRUCTION.match(line)
        if not found or current is None:
            continue
        name, rest = found.groups()
        target = TARGET.search(rest)
        if name in ("jal", "j", "jalr", "call", "tail", "jr") and target:
            current.calls.add(target[1])
        elif name == "jalr" or (name == "jr" and not rest.startswith("ra")):
            current.indirect = True
        elif name == ".4byte" and int(rest.split()[0], 0) & 0x7f in FLOATING_OPCODES or FLOATING.fullmatch(name):
            current.floating = True
        elif name in ("addi", "c.addi16sp", "add") and rest.startswith("sp,sp,-"):
            current.frame_bytes = max(current.frame_bytes, int(rest[7:].split()[0], 0))
        elif name in ("add", "c.add", "sub", "c.sub") and re.match(r"sp,sp,[a-z]", rest):
            current.large_frame = True
    for name, function in functions.items():
        function.calls.discard(name)  # a loop to the function's first instruction; recursion saves a frame
        function.calls &= set(functions)
    return functions


def chains(functions, cut, known=()):
    """{name: (bytes, chain)}, the deepest chain of calls from each function, and the cycles that were found.

    Calls of the function `cut` are not followed; `known` has results that are taken as they are.
    """
    done, cycles = dict(known), []

    def walk(name, above):
        if name in above:
            cycles.append(" -> ".join(above[above.index(name):] + [name]))
            return 0, []
        if name not in done:
            below = max((walk(callee, above + [name]) for callee in sorted(functions[name].calls) if callee != cut),
                        key=lambda x: x[0], default=(0, []))
            done[name] = (functions[name].frame_bytes + below[0], [name] + below[1])
        return done[name]

    for name in sorted(functions):
        walk(name, [])
    return done, cycles


def deepest(functions):
    """The deepest chain on the kernel stack, the one on the emergency stack, and the cycles."""
    last, cycles = chains(functions, LAST_WORDS)
    known = {LAST_WORDS: last[LAST_WORDS]} if LAST_WORDS in last else {}
    every, more = chains(functions, None, known)
    emergency = every.pop(EMERGENCY, (0, []))
    for name in emergency[1][:2]:
        every.pop(name, None)
    most = max(every.values(), key=lambda x: x[0], default=(0, []))
    return most, emergency, sorted(set(cycles + more))


def check(functions, stack_bytes, emergency_bytes=0):
    found = [f"{n} uses floating-point registers" for n, f in functions.items()
             if f.floating and not FPU_FUNCTIONS.fullmatch(n)]
    found += [f"{n} jumps through a register" for n, f in functions.items()
              if f.indirect and not INDIRECT.fullmatch(n)]
    found += [f"{n} has a frame of 2 KiB or more" for n, f in functions.items() if f.large_frame]
    most, emergency, cycles = deepest(functions)
    found += [f"recursion: {c}" for c in cycles]
    for (used_bytes, chain), bytes_there in ((most, stack_bytes), (emergency, emergency_bytes)):
        if used_bytes > bytes_there:
            found.append(f"{used_bytes} bytes of stack, {bytes_there} are there: {' > '.join(chain)}")
    return found


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def constant(name):
    return int(re.search(rf"#define {name}\s+(\w+)", read("arch/riscv/offsets.h"))[1], 0)


def functions_in_data(path, functions):
    """Names of functions whose address stands in initialised data: what a jump through a table can reach."""
    symbols = {}
    for line in output_of("riscv64-unknown-elf-nm", path).splitlines():
        words = line.split()
        if len(words) == 3 and words[2] in functions:
            symbols[int(words[0], 16)] = words[2]
    found = set()
    with open(path, "rb") as file:
        image = file.read()
    sections = output_of("riscv64-unknown-elf-readelf", "-SW", path)
    for kind, offset, size, flags in re.findall(
            r"\] \.\S+\s+(\w+)\s+[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) [0-9a-f]+\s+([A-Z]*)", sections):
        if kind == "PROGBITS" and "A" in flags and "X" not in flags:
            at, end = int(offset, 16), int(offset, 16) + int(size, 16) // 8 * 8
            found |= {symbols[w] for (w,) in struct.iter_unpack("<Q", image[at:end]) if w in symbols}
    return found


def self_test(tap):
    def listing(*functions):
        text = ""
        for name, lines in functions:
            text += f"0000000000001000 <{name}>:\n" + "".join(f"    1000:\t8082\t{l}\n" for l in lines)
        return parse(text)
    tap.catches("floating point", check(listing(("f", ["fld\tfa5,0(a0)"])), 99))
    tap.catches("floating point as a number", check(listing(("f", [".4byte\t0x12053027"])), 99))
    tap.catches("a jump table", check(listing(("f", ["jr\ta5"])), 99))
    tap.catches("recursion", check(listing(("f", ["jal\tra,1000 <g>"]), ("g", ["jal\tra,1000 <f>"])), 99))
    tap.catches("too little stack", check(listing(("f", ["addi\tsp,sp,-64", "jal\tra,1000 <g>"]),
                                                  ("g", ["addi\tsp,sp,-48"])), 111))
    tap.catches("a large frame", check(listing(("f", ["lui\tt0,0xfffff", "add\tsp,sp,t0"])), 99))
    tap.catches("too little emergency stack", check(listing(("trap_from_kernel", ["addi\tsp,sp,-64"])), 0, 63))
    tap.catches("last words may format, formatting may have last words", check(listing(
        ("bound_exceeded", ["jal\tra,1000 <g>"]), ("g", ["jal\tra,1000 <bound_exceeded>"])), 0), 0)
    tap.catches("what is allowed", check(listing(
        ("f", ["addi\tsp,sp,-64", "jal\tra,1000 <g>", "j\t1000 <f+0x4>", "ret", "jr\tra"]),
        ("g", ["addi\tsp,sp,-48", "bnez\ta0,1000 <g>"]), ("riscv_fpu_save", ["fsd\tft0,0(a0)"])), 112), 0)


def main():
    tap = Tap()
    self_test(tap)
    for path in sys.argv[1:]:
        functions = parse(output_of("riscv64-unknown-elf-objdump", "-d", path))
        reachable = functions_in_data(path, functions)
        for function in functions.values():
            if function.indirect:
                function.calls |= reachable
        name = path.split("/")[-1]
        tap.complaints(f"{name} keeps its promises", check(
            functions, constant("RISCV_STACK_BYTES"), constant("RISCV_EMERGENCY_BYTES")))
        for used_bytes, chain in deepest(functions)[:2]:
            print(f"# {name}: {len(functions)} functions, deepest chain {used_bytes} bytes: {' > '.join(chain)}")
    tap.done()


main()
