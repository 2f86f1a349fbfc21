# SPDX-License-Identifier: BSD-2-Clause
"""Programs compile with the user headers: each header alone, in three language versions, in every build
variant, with gcc and clang; every public name exists (names.c); and Signal leaves a2..a5 alone, seen in the instructions.

usage: compile_test.py
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / "checks")]

from checklib import Tap  # noqa: E402

HEADERS = ROOT / "user" / "sel4" / "include"
VARIANTS = ROOT / "user" / "sel4" / "variant"
GCC = ["riscv64-unknown-elf-gcc", "-march=rv64imafdc_zicsr_zifencei"]
CLANG = ["clang", "--target=riscv64-unknown-elf", "-march=rv64imafdc"]
COMMON = ["-mabi=lp64d", "-mcmodel=medany", "-ffreestanding", "-O2", "-Wall", "-Wextra", "-Werror", "-Wshadow"]
COMMON += ["-Wundef", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wold-style-definition"]

# A program that uses something of everything, as one written for libsel4 does.
PROGRAM = """
#include <sel4/sel4.h>

int main(void);
int main(void) {
    seL4_BootInfo *bi = seL4_GetBootInfo();
    seL4_CPtr slot = bi->empty.start;
    seL4_UserContext regs = {0};
    seL4_Word sender;
    int failed = seL4_Untyped_Retype(bi->untyped.start, seL4_TCBObject, 0, seL4_CapInitThreadCNode, 0,
                                     0, slot, 1) != seL4_NoError;

    failed |= (int)seL4_TCB_WriteRegisters(slot, 0, 0, sizeof(regs) / sizeof(seL4_Word), &regs);
    failed |= (int)seL4_TCB_ReadRegisters(slot, 1, 0, 2, &regs);
    failed |= (int)seL4_CNode_Mint(seL4_CapInitThreadCNode, slot + 1, seL4_WordBits,
                                   seL4_CapInitThreadCNode, slot, seL4_WordBits, seL4_AllRights, 7);
    failed |= seL4_TCB_SetFlags(slot, 0, seL4_TCBFlag_fpuDisabled).error;
    failed |= (int)seL4_SchedControl_Configure(bi->schedcontrol.start, slot, 1000, 2000, 0, 1);
    failed |= seL4_RISCV_Page_Map(slot, seL4_CapInitThreadVSpace, 0x1000, seL4_ReadWrite,
                                  seL4_RISCV_ExecuteNever) == seL4_FailedLookup &&
              seL4_MappingFailedLookupLevel() == SEL4_MAPPING_LOOKUP_NO_PT;
    seL4_MessageInfo_t tag = seL4_Recv(slot, &sender, slot);
    seL4_Fault_t fault = seL4_getFault(tag);
    if (seL4_Fault_get_seL4_FaultType(fault) == seL4_Fault_VMFault) {
        failed |= seL4_Fault_VMFault_get_Addr(fault) != 0;
    }
    tag = seL4_ReplyRecv(slot, seL4_MessageInfo_new(0, 0, 0, 0), &sender, slot);
    seL4_Signal(slot);
    seL4_Yield();
    seL4_Assert(seL4_MessageInfo_get_length(tag) <= seL4_MsgMaxLength);
    return failed;
}
"""

SIGNAL = """
#include <sel4/sel4.h>
void signal_only(seL4_CPtr cap);
void signal_only(seL4_CPtr cap) {
    seL4_Signal(cap);
}
"""


def generate(folder):
    """The generated half of the headers, where programs expect it."""
    generator = ROOT / "abi" / "generate" / "generate.py"
    target = Path(folder) / "sel4" / "gen"
    target.mkdir(parents=True)
    for name in ("abi.h", "types.h", "bootinfo.h", "invocation.h", "client.h"):
        subprocess.run([sys.executable, str(generator), f"user/{name}", str(target / name)], check=True)
    return folder


def compile_text(text, generated, compiler=GCC, standard="gnu17", variant="debug", output="/dev/null"):
    """Compiles C text; returns what the compiler said, "" if it was content."""
    command = [*compiler, f"-std={standard}", *COMMON, f"-I{generated}", f"-I{HEADERS}"]
    command += [f"-I{VARIANTS / variant}", "-x", "c", "-c", "-", "-o", output]
    done = subprocess.run(
        command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout or "failed"


def header_names(generated):
    found = [p.relative_to(HEADERS) for p in HEADERS.rglob("*.h")]
    found += [p.relative_to(generated) for p in Path(generated).rglob("*.h")]
    return sorted(str(p) for p in found)


def point(tap, name, said):
    tap.point(not said, name, said.splitlines()[:8])


def instructions(path):
    said = subprocess.run(
        ["riscv64-unknown-elf-objdump", "-d", "--no-show-raw-insn", "-M", "no-aliases", path],
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout
    return [re.sub(r"\s+", " ", m[1]).strip() for m in re.finditer(r"^\s+[0-9a-f]+:\s+(.*)$", said, re.M)]


def main():
    tap = Tap()
    if not shutil.which(GCC[0]):
        tap.skip("programs compile with the user headers", f"no {GCC[0]}")
        tap.done()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        generated = generate(os.path.join(folder, "generated"))
        tap.point(compile_text(PROGRAM.replace("seL4_Yield", "seL4_Yeld"), generated) != "",
                  "self-test: an unknown function is found")
        for variant in ("debug", "release", "bench"):
            for standard in ("gnu11", "c17", "gnu17"):
                said = compile_text(PROGRAM, generated, standard=standard, variant=variant)
                point(tap, f"program, {variant}, {standard}", said)
            said = compile_text((Path(__file__).parent / "names.c").read_text(), generated, variant=variant)
            point(tap, f"all names, {variant}", said)
        if shutil.which(CLANG[0]):
            point(tap, "program, clang", compile_text(PROGRAM, generated, compiler=CLANG))
        else:
            tap.skip("program, clang", "no clang")
        names = header_names(generated)
        texts = [f"#include <{n}>\n#include <{n}>\nextern int nothing;\n" for n in names]
        for name, said in zip(names, pool.map(lambda t: compile_text(t, generated), texts)):
            point(tap, f"<{name}> alone", said)
        compiled = os.path.join(folder, "signal.o")
        compile_text(SIGNAL, generated, variant="release", output=compiled)
        code = instructions(compiled)
        touched = [line for line in code if re.search(r"\ba[2-5]\b|\bsp\b", line)]
        good = "ecall" in code and not touched
        tap.point(good, "Signal touches neither a2..a5 nor the stack", () if good else code)
    tap.done()


main()
