# SPDX-License-Identifier: BSD-2-Clause
"""`skerry run` and `skerry build` with real kernels: how runs end, that they repeat, that damage is named.

    runs.py SKERRY ROOT

Needs ROOT/build/cross, or the folder in SKERRY_CROSS. To damage a package on its way into the machine, a program
named as QEMU stands before QEMU on PATH.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOOL, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
CROSS = os.environ.get("SKERRY_CROSS", os.path.join(ROOT, "build/cross"))
HELLO = os.path.join(ROOT, "examples/hello/hello.system")
QEMU = shutil.which("qemu-system-riscv64")


def skerry(*arguments, path=None, timeout=120):
    environment = dict(os.environ, NO_COLOR="1", SKERRY_ROOT=ROOT)
    if path:
        environment["PATH"] = path + ":" + environment["PATH"]
    arguments = [arguments[0], "--build-folder", CROSS, *arguments[1:]]
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, check=False, env=environment,
                          timeout=timeout)


# Offsets are those of abi/package.h: header at 0x10000, 32 bytes, then 264 bytes a partition, whose pieces begin at
# 56 and take 40 bytes each. The tree-dumping calls have no package and pass through.
DAMAGE = """#!{python}
import os, re, struct, sys
match = re.search(r"file=(\\S+?),addr", " ".join(sys.argv))
if match:
    with open(match[1], "rb") as file:
        data = bytearray(file.read())
    for i in range(struct.unpack_from("<I", data, 0x1000C)[0]):
        at = 0x10020 + 264 * i
        if data[at:at + 32].split(b"\\0")[0] == b"{partition}":
            data[0x10000 + struct.unpack_from("<Q", data, at + 56 + 40 * {piece})[0] + 8] ^= 1
    with open(match[1], "wb") as file:
        file.write(data)
os.execv("{qemu}", sys.argv)
"""


def qemu_with_damage(folder, partition, piece):
    """A program named as QEMU that flips one bit of a piece before it becomes QEMU."""
    path = os.path.join(folder, "qemu-system-riscv64")
    with open(path, "w", encoding="utf-8") as file:
        file.write(DAMAGE.format(python=sys.executable, partition=partition, piece=piece, qemu=QEMU))
    os.chmod(path, 0o755)
    return folder


def same_twice(_tmp):
    first, second = skerry("run", HELLO), skerry("run", HELLO)
    yield "hello ends well", first.returncode == 0 and "run ended: good" in first.stdout, first.stdout + first.stderr
    yield "both kernels speak", "[alpha ping]" in first.stdout and "[beta pong]" in first.stdout, first.stdout
    yield "twice the same", (first.stdout, first.stderr) == (second.stdout, second.stderr), second.stdout
    yield "the firmware's banner is not shown", "OpenSBI" not in first.stdout, first.stdout


def only_one_core(tmp):
    logs = os.path.join(tmp, "logs")
    result = skerry("run", "--only", "beta", "--log", logs, HELLO)
    yield "--only shows one core", "[beta" in result.stdout and "[alpha" not in result.stdout, result.stdout
    with open(os.path.join(logs, "alpha.log"), encoding="utf-8") as file:
        yield "--log keeps the others", "[alpha ping]" in file.read(), ""
    wrong = skerry("run", "--only", "gamma", HELLO)
    yield "--only with a wrong core is a wrong command", wrong.returncode == 2, wrong.stderr


def odd_folder(tmp):
    folder = os.path.join(tmp, "a, b = c")
    os.mkdir(folder)
    result = skerry("run", "--log", folder, HELLO)
    yield "a folder with commas and blanks", result.returncode == 0 and "run ended: good" in result.stdout, result.stderr
    missing = skerry("run", "--log", os.path.join(tmp, "none/at/all"), HELLO)
    yield "a folder that cannot be made", missing.returncode == 1 and "No such file" in missing.stderr, missing.stderr


def doctor(tmp):
    well = subprocess.run([TOOL, "doctor"], capture_output=True, text=True, check=False,
                          env=dict(os.environ, SKERRY_ROOT=ROOT))
    yield "doctor finds all good here", well.returncode == 0 and well.stdout.endswith("all good\n"), well.stdout
    ill = subprocess.run([TOOL, "doctor"], capture_output=True, text=True, check=False,
                         env=dict(os.environ, SKERRY_ROOT=tmp, PATH="/nowhere", TMPDIR="/nowhere"))
    named = [name for name in ("qemu-system-riscv64", "machine virt-aia", "gdb-multiarch", "temporary files",
                               "programs for the target") if "MISSING  %s" % name not in ill.stdout]
    yield "doctor names what is missing", ill.returncode == 1 and not named, str(named) + ill.stdout


def bytes_repeat(tmp):
    folders = [os.path.join(tmp, name) for name in ("one", "two")]
    results = [skerry("build", HELLO, "-o", folder) for folder in folders]
    yield "build succeeds", all(r.returncode == 0 for r in results), results[0].stderr
    same = True
    for name in ("package.bin", "machine.dtb", "system.json"):
        contents = []
        for folder in folders:
            with open(os.path.join(folder, name), "rb") as file:
                contents.append(file.read())
        same = same and contents[0] == contents[1] and len(contents[0]) > 1000
    yield "the same bytes at another place", same, ""
    digests = re.findall(r"release kernel ([0-9a-f]{16})", results[0].stdout)
    yield "one kernel code for both cores", len(digests) == 2 and digests[0] == digests[1], results[0].stdout
    with open(os.path.join(tmp, "serial"), "wb+") as serial:
        process = subprocess.Popen(["sh", os.path.join(folders[0], "boot.sh")], stdout=serial,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        text = ""
        for _ in range(300):
            time.sleep(0.1)
            serial.seek(0)
            text = serial.read().decode(errors="replace")
            if "@skerry exit 0" in text:
                break
        process.kill()
        process.wait()
    yield "boot.sh boots it without the tool", "@skerry exit 0" in text, text[-2000:]


def damage_is_named(tmp):
    for piece, what in ((0, "kernel image"), (2, "boot record"), (4, "user image")):
        # Kernel images are stored once, so alpha's and beta's are the same bytes: both refuse.
        path = qemu_with_damage(tmp, "beta", piece)
        result = skerry("run", "--timeout", "6s", HELLO, path=path)
        sentence = "partition 'beta': the %s is damaged" % what
        yield "damaged %s is named" % what, sentence in result.stdout and result.returncode == 1, \
            result.stdout + result.stderr
        yield "... and the kernel that did not come up", 'kernel "beta" on hart 1 did not come up' in result.stderr, \
            result.stderr
        if piece:
            yield "... and the other kernel runs", "[alpha ping]" in result.stdout, result.stdout


def ends(_tmp):
    walls = skerry("run", "--timeout", "20s", HELLO, "--", "-cpu", "rva22s64")
    yield "without PMP the kernels refuse", walls.returncode == 1 and "walls are missing" in walls.stdout, walls.stdout
    yield "a dead core 0 ends the run", 'core "alpha" is dead' in walls.stderr, walls.stderr
    yield "a backtrace has source lines", re.search(r"0x[0-9a-f]+: kernel_boot at|kernel_boot at .*boot\.c:\d+",
                                                    walls.stdout) is not None, walls.stdout
    late = skerry("run", "--timeout", "500ms", HELLO, "--", "-S")
    yield "a timeout ends the run", late.returncode == 1 and "did not end within 500.00ms" in late.stderr, late.stderr
    broken = skerry("run", HELLO, "--", "-nonsense")
    yield "an emulator that ends is told", broken.returncode == 1 and "-nonsense: invalid option" in broken.stderr, \
        broken.stderr
    process = subprocess.Popen([TOOL, "run", "--build-folder", CROSS, HELLO, "--", "-S"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=dict(os.environ, SKERRY_ROOT=ROOT))
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    yield "Ctrl-C ends the run", process.returncode == 1 and "interrupted" in errors, errors


def on_a_terminal(_tmp):
    master, slave = os.openpty()
    environment = dict(os.environ, SKERRY_ROOT=ROOT, TERM="xterm")
    process = subprocess.Popen([TOOL, "run", "--build-folder", CROSS, "--timeout", "2s", HELLO, "--", "-S"],
                               stdout=subprocess.DEVNULL, stderr=slave, env=environment)
    os.close(slave)
    text = b""
    while True:
        try:
            text += os.read(master, 4096)
        except OSError:  # the other side is closed
            break
    process.wait()
    yield "a terminal has a status line", b"\r0s, virtual 0s, 0 of 2 kernels up\x1b[K" in text, repr(text)
    yield "... which is taken away in the end", text.rfind(b"\r\x1b[K") > text.rfind(b"kernels up"), repr(text)


def debugger(_tmp):
    commands = "tbreak kernel_boot thread 2\ncontinue\nbacktrace\nkill\nquit\n"
    result = subprocess.run([TOOL, "gdb", "--build-folder", CROSS, HELLO, "beta"], input=commands,
                            capture_output=True, text=True, check=False, env=dict(os.environ, SKERRY_ROOT=ROOT),
                            timeout=180)
    yield "gdb stops in the kernel of its core", "Thread 2 hit Temporary breakpoint" in result.stdout and \
        "kernel_boot (record=" in result.stdout and "riscv_boot" in result.stdout, result.stdout + result.stderr
    yield "... and ends", result.returncode == 0, result.stderr
    wrong = skerry("gdb", HELLO, "gamma")
    yield "gdb with a wrong core is a wrong command", wrong.returncode == 2, wrong.stderr
    shown = skerry("gdb", "--print", HELLO, "alpha").stdout.splitlines()
    yield "--print shows both commands", len(shown) == 2 and "-S -gdb unix:" in shown[0] and "commands.gdb" in shown[1], \
        str(shown)
    shutil.rmtree(os.path.dirname(shown[1].split()[-1]))


CONSOLE = """<system version="1" name="full">
  <core name="a" hart="0">
    <memory size="1MiB"/>
    <device name="uart" path="/soc/serial@10000000"/>
    <memory_region name="much" size="{size}KiB"/>
    <protection_domain name="console" priority="{priority}" budget="8ms" period="10ms" sporadic="false">
      <program_image path="console.elf"/>
      <map mr="uart" vaddr="0x10000000" perms="rw" setvar_vaddr="console_uart"/>
    </protection_domain>
    <protection_domain name="ping" priority="100"{time}>
      <program_image path="{image}"/>
      <map mr="much" vaddr="0x40000000"/>
    </protection_domain>
  </core>
  <task name="console" pd="console" period="10ms" wcet="8ms"/>
</system>
"""


def one_core(tmp, **parts):
    path = os.path.join(tmp, "one.system")
    for image in ("hello/console.elf", "hello/ping.elf", "flight/storm_spin.elf"):
        shutil.copy(os.path.join(CROSS, "examples", image), tmp)
    parts = {"size": 4, "priority": 120, "time": ' budget="1ms" period="10ms"', "image": "ping.elf", **parts}
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONSOLE.format(**parts))
    return path


def fullest(tmp):
    """The largest region that `check` accepts is one that the init task can make."""
    good, bad = 1, 256
    while bad - good > 1:
        middle = (good + bad) // 2
        if skerry("check", one_core(tmp, size=4 * middle)).returncode == 0:
            good = middle
        else:
            bad = middle
    yield "check finds a limit", 10 < good < 200, str(good)
    result = skerry("run", "--timeout", "4s", one_core(tmp, size=4 * good))
    yield "and what is just below it boots", "[a ping]" in result.stdout, result.stdout + result.stderr


def starving(tmp):
    path = one_core(tmp, priority=90, time="", image="storm_spin.elf")
    result = skerry("run", "--timeout", "2s", path)
    yield "a silent console has a suspect", 'note: "ping" has priority 100, above the console' in result.stderr, \
        result.stderr


def paths(_tmp):
    result = skerry("run", "--paths", HELLO, timeout=300)
    rows = re.findall(r"^(alpha|beta)\.(syscall|interrupt) +(\d+) +\d+ +\d+ +(\d+)$", result.stdout, re.M)
    yield "--paths counts each kernel's stretches", result.returncode == 0 and len(rows) == 4 and \
        all(int(count) > 0 and int(longest) > 50 for *_, count, longest in rows), result.stdout + result.stderr


def root_task(_tmp):
    # The init task without its table is a root task good enough to see the kernel come up.
    elf = os.path.join(CROSS, "user/init.elf")
    result = skerry("run", "--root-task", elf, "--timeout", "2s")
    yield "a root task's kernel comes up", "partition root-task on hart 0" in result.stdout, \
        result.stdout + result.stderr
    result = skerry("run", "--root-task", "/bin/sh")
    yield "a root task for another machine", result.returncode == 1 and "[SK071]" in result.stderr, result.stderr


def main():
    if not os.path.exists(os.path.join(CROSS, "bootloader/bootloader.bin")):
        print("1..0 # SKIP %s is not built" % CROSS)
        return 0
    number = failed = 0
    for group in (same_twice, only_one_core, odd_folder, doctor, bytes_repeat, damage_is_named, ends, on_a_terminal, debugger, fullest, starving, paths, root_task):
        tmp = tempfile.mkdtemp(prefix="skerry-runs-")
        for name, good, detail in group(tmp):
            number += 1
            failed += not good
            print("%sok %d - %s" % ("" if good else "not ", number, name), flush=True)
            if not good:
                print("".join("# %s\n" % line for line in detail.splitlines()[-40:]), end="")
        shutil.rmtree(tmp)
    print("1..%d" % number)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
