#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run arch/riscv, plat/ and the bootloader in QEMU under the test core of core.c.

Builds boot packages and device trees itself, from the formats' descriptions and not with the project's tool, so
that a mistake in one is not repeated by the other. Prints TAP. Usage: run.py BUILD_DIR [TEST…]
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import time

FIRMWARE = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"
PACKAGE = 0x80400000
HEADER_OFFSET = 0x10000
RAM = 0x81000000
RAM_BITS = 22
HALTS_MACHINE = 8  # BOOT_SELF_HALTS_MACHINE
MASK = (1 << 64) - 1

MACHINES = {
    "virt-aia": "virt,aia=aplic-imsic",
    "virt-aclint": "virt,aclint=on",
    "virt-plain": "virt",
    "virt-sbi": "virt",
}


def xxh64(data):
    """XXH64 with seed 0, from its public description; slow and plain."""
    p1, p2, p3, p4, p5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
                          0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)

    def rotate(value, n):
        return (value << n | value >> (64 - n)) & MASK

    def mix(lane, word):
        return rotate((lane + word * p2) & MASK, 31) * p1 & MASK

    at = 0
    if len(data) >= 32:
        lanes = [(p1 + p2) & MASK, p2, 0, -p1 & MASK]
        while at + 32 <= len(data):
            lanes = [mix(lane, word)
                     for lane, word in zip(lanes, struct.unpack_from("<4Q", data, at))]
            at += 32
        value = sum(rotate(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            value = ((value ^ mix(0, lane)) * p1 + p4) & MASK
    else:
        value = p5
    value = (value + len(data)) & MASK
    while at + 8 <= len(data):
        value ^= mix(0, struct.unpack_from("<Q", data, at)[0])
        value = (rotate(value, 27) * p1 + p4) & MASK
        at += 8
    if at + 4 <= len(data):
        value ^= struct.unpack_from("<I", data, at)[0] * p1 & MASK
        value = (rotate(value, 23) * p2 + p3) & MASK
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ byte * p5 & MASK, 11) * p1 & MASK
    value = (value ^ value >> 33) * p2 & MASK
    value = (value ^ value >> 29) * p3 & MASK
    return value ^ value >> 32


def pad(data, multiple):
    return data + bytes(-len(data) % multiple)


def name_field(text):
    return text.encode().ljust(32, b"\0")


def item(tag, payload):
    payload = pad(payload, 8)
    return struct.pack("<II", tag, 8 + len(payload)) + payload


class System:
    """What one run boots: a machine and its partitions; partition i runs on hart harts[i]."""

    def __init__(self, machine, partitions, walls, flags=0, damage=None, harts=None,
                 any_hart=False, cpu="rv64", sstc=True, lonely=False, changes=None, variant="debug",
                 repeatable=True, present=0):
        self.machine = machine
        self.partitions = partitions
        self.walls = walls
        self.flags = flags
        self.damage = damage
        self.any_hart = any_hart
        self.harts = harts or list(range(len(partitions)))
        self.cpu = cpu
        self.sstc = sstc
        self.lonely = lonely  # no partition knows a peer
        self.changes = changes or {}
        self.variant = variant
        self.present = present or len(self.harts)  # harts of the machine
        self.repeatable = repeatable  # else harts are host threads: the order of everything is a lottery

    def ram(self, core):
        return RAM + (core << RAM_BITS)


def symbol(elf, name):
    text = subprocess.run(["riscv64-unknown-elf-nm", elf], check=True, capture_output=True,
                          text=True).stdout
    return int(re.search(r"^([0-9a-f]+) \w " + name + "$", text, re.M).group(1), 16)


def flat(elf):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["riscv64-unknown-elf-objcopy", "-O", "binary", elf, out.name], check=True)
        with open(out.name, "rb") as file:
            return file.read()


def record(system, core, kernel_bytes, user_bytes):
    """The boot record of one partition, hart and checksum left to the bootloader."""
    ram = system.ram(core)
    hart = system.harts[core]
    aia = system.machine == "virt-aia"
    wall = system.ram((core + 1) % len(system.partitions)) if len(system.partitions) > 1 else 0x80000000
    flags = system.flags | (1 if system.walls else 0) | 2 | (16 if core == 0 else 0)
    items = item(1, struct.pack("<32sIIQIIQQQQQQ", name_field(system.partitions[core]), core,
                                len(system.partitions), 0, flags, 10000000, wall, 4096, PACKAGE, 1 << 20,
                                0, 0))
    items += item(2, struct.pack("<6Q", system.changes.get("image_base", ram), kernel_bytes, ram + 0x80000, 4096, ram + 0x81000, 4096))
    items += item(3, struct.pack("<QQ", ram, 1 << RAM_BITS))
    if core == 0:
        items += item(5, struct.pack("<QQ32s", 0x101000, 4096, name_field("rtc")))
    for peer in range(len(system.partitions)):
        if peer == core or system.lonely:
            continue
        peer_hart = system.harts[peer]
        doorbell, value = {"virt-aia": (0x28000000 + peer_hart * 4096, 1 + core),
                           "virt-aclint": (0x2F00000 + peer_hart * 4, 1)}.get(system.machine, (0, peer_hart))
        items += item(6, struct.pack("<32sIIQQQIIII", name_field(system.partitions[peer]), peer,
                                     int(core > peer), 0, 0, doorbell, value, 1 + peer, 8, 8))
    items += item(7, struct.pack("<QIIQQQIIQII", 0 if aia else 0xC000000, 2 * hart + 1, 95,
                                 0xD000000 if aia and core == 0 else 0,
                                 system.changes.get("imsic", 0x28000000 + hart * 4096) if aia else 0, 0x28000000 if aia else 0,
                                 255 if aia else 0, 1 if aia else 2 if system.machine == "virt-aclint" else 3,
                                 0x2F00000 + hart * 4 if system.machine == "virt-aclint" else 0,
                                 int(system.sstc and system.machine != "virt-sbi"),
                                 0 if "zicboz=off" in system.cpu else 64))
    items += item(8, struct.pack("<QQQQ", ram + 0x100000, user_bytes, 0x10000, 0x10000))
    if core == 0:
        items += item(10, struct.pack("<IIIIQ", 11, 64 if aia else 0, 0, 0, hart))
    items += item(99, b"a tag that kernels of this age do not know")
    items += item(0, b"")
    head = struct.pack("<QIIQ", 0x544F4F4259524B53, system.changes.get("record_version", 1), 24 + len(items), 0)
    return head + items


def package(system, build):
    kernel_elf = f"{build}/tests/target/arch/arch-test-{system.machine}-{system.variant}.elf"
    user_elf = f"{build}/tests/target/arch/arch-test-user.elf"
    kernel = flat(kernel_elf)
    kernel_bytes = symbol(kernel_elf, "riscv_image_end") - 0xFFFFFFFFC0000000
    user = pad(flat(user_elf), 8)
    user_bytes = symbol(user_elf, "user_end") - 0x10000
    count = len(system.partitions)
    table, pieces = b"", b""
    start = 32 + 264 * count
    for core in range(count):
        ram = system.ram(core)
        entry = name_field(system.partitions[core])
        entry += struct.pack("<QQQ", MASK if system.any_hart
                             else system.changes.get("table_hart", system.harts[core]), ram,
                             system.changes.get("ram_bytes", 1 << RAM_BITS))
        for data, target, target_size in (
                (kernel, ram, kernel_bytes), (b"", 0, 0),
                (record(system, core, kernel_bytes, user_bytes), ram + 0x81000, 4096),
                (b"", 0, 0), (user, ram + 0x100000, user_bytes)):
            data_digest = xxh64(data) if data else 0
            entry += struct.pack("<QQQQQ", start + len(pieces), len(data), data_digest, target, target_size)
            pieces += pad(data, 8)
        entry += struct.pack("<II", system.changes.get("record_wanted", 1), 1)
        table += entry
    length = 32 + len(table) + len(pieces)
    header = struct.pack("<QIIQQ", 0x31474B5059524B53, system.changes.get("package_version", 1), count,
                         length, 0)
    header = header[:24] + struct.pack("<Q", xxh64(header + table))
    stub = flat(f"{build}/bootloader/bootloader.elf").ljust(HEADER_OFFSET, b"\0")
    data = bytearray(stub + header + table + pieces)
    if system.damage is not None:
        data[HEADER_OFFSET + system.damage(start, length)] ^= 0x10
    return bytes(data)


def domains(system):
    """Device-tree text that puts each partition into a domain of its own."""
    regions = [("pkg", PACKAGE, 20, "")]
    shared = ["<&pkg 0x28>"]
    if system.machine == "virt-aia":
        regions += [("imsic", 0x28000000, 14, "mmio;"), ("aplic", 0xD000000, 15, "mmio;")]
        shared += ["<&imsic 0x18>"]
    else:
        regions += [("plic", 0xC000000, 23, "mmio;"), ("sswi", 0x2F00000, 14, "mmio;")]
        shared += ["<&plic 0x18>"] + (["<&sswi 0x18>"] if system.machine == "virt-aclint" else [])
    regions += [("rtc", 0x101000, 12, "mmio;")]
    text, cpus = "", ""
    for core in range(len(system.partitions)):
        hart = system.harts[core]
        regions.append((f"ram{core}", system.ram(core), RAM_BITS, ""))
        own = shared + [f"<&ram{core} 0x38>"]
        if core == 0:
            own += ["<&rtc 0x18>"] + (["<&aplic 0x18>"] if system.machine == "virt-aia" else [])
        text += f"""dom{core}: dom{core} {{ compatible = "opensbi,domain,instance";
            possible-harts = <&{{/cpus/cpu@{hart}}}>; boot-hart = <&{{/cpus/cpu@{hart}}}>;
            regions = {", ".join(own)}; next-addr = <0 {PACKAGE:#x}>;
            next-arg1 = <0 {PACKAGE + HEADER_OFFSET:#x}>; next-mode = <1>; system-reset-allowed; }};\n"""
        cpus += f"&{{/cpus/cpu@{hart}}} {{ opensbi-domain = <&dom{core}>; }};\n"
    memory = "".join(f"""{label}: {label} {{ compatible = "opensbi,domain,memregion";
            base = <0 {base:#x}>; order = <{order}>; {mmio} }};\n""" for label, base, order, mmio in regions)
    return f"""/ {{ chosen {{ opensbi-domains {{ compatible = "opensbi,domain,config";
        {memory} {text} }}; }}; }};\n{cpus}"""


def device_tree(system, machine_options, directory):
    path = f"{directory}/machine.dtb"
    subprocess.run(machine_options[:1] + ["-M", machine_options[2] + f",dumpdtb={path}"]
                   + machine_options[3:], check=True, capture_output=True)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", path], check=True,
                          capture_output=True, text=True).stdout
    text = re.sub(r"\s*rng-seed = .*;", "", text)
    if system.walls:
        text += domains(system)
    with open(f"{directory}/system.dts", "w") as file:
        file.write(text)
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", f"{directory}/system.dtb",
                    f"{directory}/system.dts"], check=True)


def names_of(text, elf):
    """The functions of a panic's backtrace, in its order."""
    addresses = [int(word, 16) for word in re.findall(r"0x([0-9a-f]+)", text.split("backtrace:")[1].split("\n")[0])]
    symbols = sorted((int(line.split()[0], 16), line.split()[2]) for line in subprocess.run(
        ["riscv64-unknown-elf-nm", elf], check=True, capture_output=True, text=True).stdout.splitlines()
        if line.split()[1] in "tT")
    return [[name for address, name in symbols if address <= at - (i > 0)][-1] for i, at in enumerate(addresses)]


def in_order(wanted, names):
    rest = iter(names)
    return all(name in rest for name in wanted)


def run(system, build, expected, seconds=40):
    """Boot; returns (every expected line was seen, the console's text)."""
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/package.bin", "wb") as file:
            file.write(package(system, build))
        options = ["qemu-system-riscv64", "-M", MACHINES[system.machine], "-m", "256M",
                   "-smp", str(system.present), "-cpu", system.cpu, "-nodefaults", "-display", "none"]
        device_tree(system, options, directory)
        # -kernel gives the address that the firmware enters where no domain says otherwise.
        with open(f"{directory}/package.S", "w") as file:
            file.write(f'.globl _start\n_start: .incbin "{directory}/package.bin"\n')
        subprocess.run(["riscv64-unknown-elf-gcc", "-nostdlib", "-static", "-Wl,--build-id=none,-n",
                        f"-Wl,-Ttext={PACKAGE:#x}", "-o", f"{directory}/package.elf",
                        f"{directory}/package.S"], check=True)
        log = f"{directory}/console"
        options += ["-bios", FIRMWARE, "-dtb", f"{directory}/system.dtb",
                    "-kernel", f"{directory}/package.elf",
                    "-chardev", f"file,id=c,path={log}", "-serial", "chardev:c",
                    "-rtc", "base=2026-01-01,clock=vm"]
        if system.repeatable:
            options += ["-icount", "shift=0,sleep=off", "-netdev", "hubport,id=n0,hubid=0",
                        "-object", "filter-buffer,id=f0,netdev=n0,interval=100"]
        qemu = subprocess.Popen(options, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        end = time.monotonic() + seconds
        text = ""
        try:
            while time.monotonic() < end:
                stopped = qemu.poll() is not None
                if os.path.exists(log):
                    with open(log, errors="replace") as file:
                        text = file.read()
                seen = all(len(re.findall(line, text)) >= n for line, n in expected)
                if stopped or (seen and not system.flags & HALTS_MACHINE):
                    break
                time.sleep(0.1)
        finally:
            if qemu.poll() is None:
                qemu.kill()
            status = qemu.wait()
        text = text[text.find("[") if "OpenSBI" not in text else 0:]
        seen = all(len(re.findall(line, text)) >= n for line, n in expected)
        if seen and system.partitions == ["deep"]:
            elf = f"{build}/tests/target/arch/arch-test-{system.machine}-{system.variant}.elf"
            names = names_of(text, elf)
            text += f"backtrace: {names}\n"
            seen = in_order(["deep_inner", "deep_middle", "deep_outer", "kernel_boot", "riscv_boot"], names)
        return seen and "FAILED" not in text, text, status


def passed(name):
    return [(re.escape(f"[{name}] passed ") + r"\d+ checks", 1)]


def other_passes(name, line):
    """One partition fails with `line`, the other one boots and passes."""
    return passed(name) + [(line, 1)]


def panics(sentence):
    return [("panic: " + sentence, 1), (r"  hart \d+", 1), (r"  backtrace: 0x", 1)]


RACE = ["race-a", "race-b", "race-c", "race-d"]
FOUR = ["smoke-a", "smoke-b", "smoke-c", "smoke-d"]


def tests():
    for machine in MACHINES:
        yield (f"one kernel, {machine}, no walls, exits well",
               System(machine, ["smoke"], False, flags=HALTS_MACHINE, any_hart=True), passed("smoke"))
    for machine in ("virt-aia", "virt-aclint"):
        expected = [line for name in FOUR for line in passed(name)]
        yield f"four kernels, {machine}, walls, doorbells", System(machine, FOUR, True), expected
    # No domains at all: the firmware starts one hart, that hart's loader the others, and SBI rings between them.
    for machine in ("virt-plain", "virt-sbi", "virt-aia"):
        expected = [line for name in FOUR for line in passed(name)]
        yield f"four kernels, {machine}, no walls, doorbells", System(machine, FOUR, False), expected
    for machine, walls in (("virt-aia", True), ("virt-aclint", True), ("virt-plain", False)):
        yield (f"four kernels, {machine}, truly parallel harts",
               System(machine, RACE, walls, repeatable=False), [line for name in RACE for line in passed(name)])
    for machine in ("virt-aia", "virt-aclint"):
        yield (f"partitions on harts in another order, {machine}",
               System(machine, FOUR[:3], True, harts=[2, 0, 1]),
               [line for name in FOUR[:3] for line in passed(name)]
               + [(re.escape("[smoke-a] up on hart 2"), 1)])
    for cpu in ("rv64,zicboz=off,svadu=off", "rv64,smepmp=on", "max"):
        yield (f"two kernels on -cpu {cpu}", System("virt-aia", FOUR[:2], True, cpu=cpu),
               passed("smoke-a") + passed("smoke-b"))
    for machine, walls in (("virt-aia", True), ("virt-aclint", True), ("virt-plain", False)):
        yield (f"park and restart by a doorbell, {machine}",
               System(machine, ["smoke-park", "smoke-ringer"], walls),
               [(re.escape("[smoke-park] up on hart"), 2), (re.escape("[smoke-park] passed"), 2),
                (re.escape("[smoke-ringer] passed"), 1)])
    for name in ("write-other", "write-package"):
        yield (f"walls: kernel does {name}, its neighbour goes on",
               System("virt-aia", [name, "smoke"], True, lonely=True), passed("smoke")
               + panics("the kernel wrote an address it cannot write") + [("hart 0 pc .* cause 0x7 ", 1)])
    for name, sentence in (("wild-read", "the kernel read an address it cannot read"),
                           ("write-text", "the kernel wrote an address it cannot write"),
                           ("write-const", "the kernel wrote an address it cannot write"),
                           ("run-data", "the kernel jumped to an address it cannot execute"),
                           ("run-window", "the kernel jumped to an address it cannot execute"),
                           ("overflow", "kernel stack overflow"),
                           ("bound", "loop 'test_loop' exceeded its bound of 3")):
        yield f"panic: {name}", System("virt-plain", [name], False), panics(sentence)
    for variant in ("debug", "release"):
        yield (f"panic: the backtrace of a {variant} kernel names its callers",
               System("virt-plain", ["deep"], False, variant=variant),
               panics("the kernel read an address it cannot read") )
    yield ("a release kernel passes, too", System("virt-aia", ["smoke"], False, flags=HALTS_MACHINE,
                                                  variant="release"), passed("smoke"))
    yield ("walls that are missing are noticed", System("virt-aia", ["smoke"], True, cpu="rva23s64"),
           panics("no walls: memory of another partition can be read"))
    yield ("a timer that is missing is noticed",
           System("virt-plain", ["smoke"], False, sstc=False),
           panics("this kernel is linked for the Sstc timer, which this machine lacks"))

    for what, damage, sentence in (
            ("header", lambda start, length: 40, "digest does not match, the package is damaged"),
            ("kernel", lambda start, length: start + 100, "the kernel image is damaged"),
            ("magic", lambda start, length: 0, "no package header")):
        yield (f"loader: damaged {what}", System("virt-plain", ["smoke"], False, damage=damage),
               [("loader: .*" + sentence, 1)])
    last_user_byte = lambda start, length: length - 9
    yield ("loader: a damaged partition alone stays down",
           System("virt-aclint", ["smoke-x", "broken"], True, lonely=True, damage=last_user_byte),
           other_passes("smoke-x", "loader: hart 1, partition 'broken': the user image is damaged"))
    # Without walls and domains: the damaged partition's hart is a started one, or the one that starts the others.
    for harts in ([0, 1, 2], [2, 1, 0]):
        yield (f"loader: a damaged partition alone stays down, no walls, on hart {harts[2]}",
               System("virt-plain", ["smoke-x", "smoke-y", "broken"], False, lonely=True, damage=last_user_byte, harts=harts),
               passed("smoke-y") + other_passes(
                   "smoke-x", f"loader: hart {harts[2]}, partition 'broken': the user image is damaged"))
        yield (f"a panic leaves the other kernels alone, no walls, on hart {harts[2]}",
               System("virt-plain", ["smoke-x", "smoke-y", "overflow"], False, lonely=True, harts=harts),
               passed("smoke-x") + passed("smoke-y") + panics("kernel stack overflow"))
    yield ("loader: a hart that the firmware does not start is named, the others boot",
           System("virt-plain", FOUR[:2] + ["absent"], False, lonely=True, harts=[0, 1, 7], present=2),
           passed("smoke-a") + passed("smoke-b")
           + [("loader: hart 7, partition 'absent': the firmware does not start this hart", 1)])
    for what, changes, line in (
            ("package version", {"package_version": 2}, "loader: no package header of version 1"),
            ("record version wanted", {"record_wanted": 2}, "loader: .*another version of the boot record"),
            ("record version given", {"record_version": 2}, "loader: .*the boot record is none of this version"),
            ("RAM too small", {"ram_bytes": 0x100000}, "loader: .*the user image does not fit"),
            ("hart without a partition", {"table_hart": 5}, "loader: the package has no partition for this hart"),
            ("image elsewhere", {"image_base": RAM + 0x1000}, "panic: partition smoke: the kernel image lies elsewhere"),
            ("no imsic", {"imsic": 0}, "panic: this kernel is linked for IMSIC doorbells")):
        yield (f"refused: {what}", System("virt-aia", ["smoke"], False, changes=changes), [(line, 1)])


def main():
    build, wanted = sys.argv[1], sys.argv[2:]
    chosen = [test for test in tests() if not wanted or any(w in test[0] for w in wanted)]
    failed = 0
    print(f"1..{len(chosen)}")
    for number, (name, system, expected) in enumerate(chosen, 1):
        good, text, status = run(system, build, expected)
        if system.flags & HALTS_MACHINE and status != 0:
            good = False
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
        if not good or "-v" in os.environ.get("ARCH_TEST", ""):
            for line in text.splitlines()[-40:]:
                print("# " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
