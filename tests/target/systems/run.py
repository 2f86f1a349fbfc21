#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The example systems as a newcomer runs them: what they promise is read off what the tool prints.

    run.py SKERRY CROSS_BUILD ROOT hello|ring|microkit|flight

`tests/golden/tools/runs.py` has the tool's side of runs (damaged packages, Ctrl-C, an emulator that fails); here
are the systems. Prints TAP.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

TOOL, CROSS, ROOT = (os.path.abspath(argument) for argument in sys.argv[1:4])
MICROKIT = os.path.join(ROOT, "examples/microkit/microkit.system")
HELLO = os.path.join(ROOT, "examples/hello/hello.system")
FLIGHT = os.path.join(ROOT, "examples/flight/flight.system")
FLIGHT_LIMIT_S = 120  # what the project promises, on a machine with nothing else to do


class Result:
    """A finished run: exit code, both outputs, host seconds."""

    def __init__(self, *arguments, timeout=600):
        begin = time.monotonic()
        done = subprocess.run([TOOL, arguments[0], "--build-folder", CROSS, *arguments[1:]], check=False,
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, NO_COLOR="1", SKERRY_ROOT=ROOT))
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.seconds = time.monotonic() - begin
        self.all = self.out + self.err


def table(text, head):
    """Rows of the table whose first line begins with `head`, as {first words: [numbers…]}."""
    rows, inside = {}, False
    for line in text.splitlines():
        if inside and (not line.strip() or line.startswith("(")):
            break
        if inside:
            words = line.split()
            at = next((i for i, word in enumerate(words) if re.fullmatch(r"-|\d[\d.]*\D*", word)), len(words))
            rows[" ".join(words[:at])] = words[at:]
        inside = inside or line.startswith(head)
    return rows


def reported(text, who, what):
    match = re.search(rf"^{who}\s+{what}\s+(\d+)$", text, re.M)
    return int(match.group(1)) if match else None


def parallel(*calls):
    """Results of several runs at once; each takes one of the machine's processors."""
    results = [None] * len(calls)

    def one(index):
        results[index] = Result(*calls[index])

    threads = [threading.Thread(target=one, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# --- Systems ---

def hello():
    first, second = parallel(("run", HELLO), ("run", HELLO))
    yield "hello ends good", first.code == 0 and first.out.endswith("run ended: good\n"), first.all
    for core, domain in (("alpha", "ping"), ("beta", "pong")):
        yield f"hello: core {core} boots and speaks under its name", (
            re.search(rf"^\[{core}\] skerry .* partition {core} on hart \d+, .* walls on$", first.out, re.M)
            and re.search(rf"^\[{core} {domain}\] hello from {domain}", first.out, re.M)), first.all
    channels = table(first.out, "channel (=> between kernels)")
    yield "hello: no signal between the kernels is lost", (
        len(channels) == 2 and all(row[0] == row[1] and row[2] == "0" for row in channels.values())), first.all
    yield "hello: twice the same bytes", (first.code, first.all) == (second.code, second.all), second.all
    bare = Result("run", "--timeout", "60s", HELLO, "--", "-cpu", "rva22s64")
    yield "hello without walls: both boots refuse, exit status 1", (
        bare.code == 1 and len(re.findall(r"^panic: partition (?:alpha|beta): walls are missing", bare.out,
                                          re.M)) == 2 and "hello from" not in bare.out), bare.all


# Three kernels without walls, on harts in any order, two harts of the machine not used.
RING = """<system version="1" name="ring" machine="{machine}" walls="off" harts="5">
  <core name="alpha" hart="3">
    <memory size="4MiB"/>
    <device name="uart" path="/soc/serial@10000000"/>
    <protection_domain name="console" priority="100" budget="8ms" period="10ms" sporadic="false">
      <program_image path="{cross}/user/console.elf"/>
      <map mr="uart" vaddr="0x10000000" perms="rw" setvar_vaddr="console_uart"/>
    </protection_domain>
    <protection_domain name="ring-a"><program_image path="{ring}"/><setvar symbol="ring_first" value="1"/></protection_domain>
  </core>
  <core name="beta" hart="1">
    <memory size="4MiB"/>
    <protection_domain name="ring-b"><program_image path="{ring}"/></protection_domain>
  </core>
  <core name="gamma" hart="4">
    <memory size="4MiB"/>
    <protection_domain name="ring-c"><program_image path="{ring}"/></protection_domain>
  </core>
  <channel><end pd="ring-a" id="1"/><end pd="ring-b" id="2"/></channel>
  <channel><end pd="ring-b" id="1"/><end pd="ring-c" id="2"/></channel>
  <channel><end pd="ring-c" id="1"/><end pd="ring-a" id="2"/></channel>
  <task name="console" pd="console" period="10ms" wcet="8ms"/>
</system>
"""
RING_HARTS = {"alpha": 3, "beta": 1, "gamma": 4}


def ring_file(folder, machine):
    path = os.path.join(folder, machine + ".system")
    with open(path, "w", encoding="utf-8") as file:
        file.write(RING.format(machine=machine, cross=CROSS, ring=CROSS + "/tests/target/systems/ring.elf"))
    return path


def rang(text, who):
    return re.findall(rf"^\[{who}\] channel (\d) rang, (\d+)$", text, re.M)


def ring():
    with tempfile.TemporaryDirectory() as folder:
        plain = ring_file(folder, "virt-plain")
        first, second = parallel(("run", plain), ("run", plain))
        yield "ring: three kernels rung by firmware end good", (
            first.code == 0 and first.out.endswith("run ended: good\n")), first.all
        for core, hart in RING_HARTS.items():
            yield f"ring: {core} boots on hart {hart} and says that walls are off", (
                re.search(rf"^\[{core}\] skerry .* partition {core} on hart {hart}, .* walls OFF$", first.out, re.M)
                and f"[{core}] WARNING: walls are off" in first.out), first.all
        # The first domain turns the token round; the others pass it on, forward and backward.
        back = [(str(1 + (i % 2 == 0)), str(i + 1)) for i in range(6)]
        yield "ring: the token comes back from either side in turn", rang(first.out, "alpha ring-a") == back, first.all
        for who in ("beta ring-b", "gamma ring-c"):
            yield f"ring: {who} passes it on both ways", rang(first.out, who) == back, first.all
        channels = table(first.out, "channel (=> between kernels)")
        yield "ring: no signal is lost", (
            len(channels) == 6 and all(row[0] == row[1] == "3" and row[2] == "0" for row in channels.values())), first.all
        yield "ring: twice the same bytes", (first.code, first.all) == (second.code, second.all), second.all

        text = built_until(plain, "@skerry exit")
        yield "ring: the command that build prints boots it without the tool", "@skerry exit 0" in text, text
        # The stub is all that is traced, so a hart that is in the trace was started.
        trace = os.path.join(folder, "trace")
        package = json.loads(Result("show", "--json", plain).out)["machine"]["package"]
        traced = Result("run", plain, "--", "-d", "exec,nochain", "-D", trace, "-dfilter",
                        f"{package['base']:#x}+0x10000")
        with open(trace, encoding="utf-8") as file:
            harts = set(re.findall(r"^Trace (\d+):", file.read(), re.M))
        yield "ring: no other hart is started", traced.code == 0 and harts == {"1", "3", "4"}, f"{harts}\n{traced.all}"

        few, imsic, sswi = parallel(("run", "--timeout", "60s", plain, "--", "-smp", "4"),
                                    ("run", ring_file(folder, "virt-aia")), ("run", ring_file(folder, "virt-aclint")))
        yield "ring: a hart that the machine lacks is named, the other kernels boot", (
            few.code == 1 and 'kernel "gamma" on hart 4 did not come up' in few.err
            and "[alpha ring-a] ready" in few.out and rang(few.out, "beta ring-b") == [("2", "1")]), few.all
        for name, run in (("IMSIC", imsic), ("SSWI", sswi)):
            yield f"ring: without walls, by {name}", (
                run.code == 0 and rang(run.out, "alpha ring-a") == back
                and run.out.count("WARNING: walls are off") == 3), run.all


def said(text, who):
    """What a domain printed, line by line."""
    return re.findall(rf"^\[{who}\] (.*)$", text, re.M)


# Each domain's lines are in its own order; those of different domains mix by who was printed first.
MICROKIT_LINES = {
    "cpu0 timer": ["the clock is set"],
    "cpu0 dictionary": ["words, in bytes: 30"],
    "cpu0 client": ["mail, in bytes: 4096", "microkit_notify: no such channel: 9", "all words are recorded"],
    "cpu0 supervisor": ["restarting the worker: fault at address 4096", "stopping integer: fault label 3",
                        "restarting the worker: fault at address 4096", "skipping the worker's write, fault 3"],
    "cpu0 worker": ["ready", "ready", "ready", "still here"],
    "cpu0 integer": ["computing"],
    "cpu1 recorder": ["waiting for mail", "word: small", "word: rocky", "word: island", "word: in", "word: the",
                      "word: sea", "no more words"],
}


def microkit():
    yield from foreign()
    first, debug = parallel(("run", MICROKIT),
                            ("run", "--machine", "virt-aclint", "--variant", "debug", MICROKIT))
    for name, run in (("microkit", first), ("microkit, debug kernels, PLIC and SSWI", debug)):
        yield f"{name}: ends good", run.code == 0 and run.out.endswith("run ended: good\n"), run.all
        for who, lines in MICROKIT_LINES.items():
            yield f"{name}: {who}", said(run.out, who) == lines, run.all
    yield "microkit: the variant asked for", "] skerry" in debug.out and ") debug: " in debug.out, debug.all
    channels = table(first.out, "channel (=> between kernels)")
    yield "microkit: no signal is lost", (
        len(channels) == 4 and all(row[0] == row[1] for row in channels.values())), first.all
    domains = table(first.out, "protection domain")
    yield "microkit: the worker had three lives", domains.get("cpu0 worker", ["0"] * 4)[3] == "2", first.all
    again = Result("run", MICROKIT)
    yield "microkit: twice the same bytes", (first.code, first.all) == (again.code, again.all), again.all


def kernels():
    """Which kernel each core of the flight runs, by digest of its code."""
    with tempfile.TemporaryDirectory() as folder:
        built = Result("build", FLIGHT, "-o", folder)
        cores = dict((name, (variant, digest)) for name, variant, digest in
                     re.findall(r"^core (\w+): hart \d+, (\w+) kernel ([0-9a-f]{16})", built.out, re.M))
        script = os.path.join(folder, "boot.sh")
        told = built.out.strip().splitlines()[-1]
        with open(script, encoding="utf-8") as file:
            yield "build tells the command that boot.sh has", f"exec {told} " in file.read(), built.all
    release = {digest for variant, digest in cores.values() if variant == "release"}
    others = {digest for variant, digest in cores.values() if variant != "release"}
    yield "flight: one kernel code for three cores, another for the debug core", (
        built.code == 0 and len(cores) == 4 and len(release) == 1 and len(others) == 1
        and not release & others and sum(v == "release" for v, _ in cores.values()) == 3), built.all


def built_until(system, words, *options):
    """What a system prints, booted by the command that `skerry build` prints, up to a line with these words."""
    with tempfile.TemporaryDirectory() as folder:
        command = Result("build", *options, system, "-o", folder).out.strip().splitlines()[-1]
        # No tool is there to end it.
        process = subprocess.Popen("exec " + command, shell=True, stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        guard = threading.Timer(60, process.kill)
        guard.start()
        text = ""
        for line in process.stdout:
            text += line
            if words in line:
                break
        guard.cancel()
        process.kill()
        process.wait()
    return text


FOREIGN = """<system><protection_domain name="foreign" budget="1000" period="10000">
<program_image path="{cross}/tests/target/systems/foreign.elf"/></protection_domain></system>
"""


def foreign():
    """A domain without our runtime."""
    with tempfile.NamedTemporaryFile("w", suffix=".system") as file:
        file.write(FOREIGN.format(cross=CROSS))
        file.flush()
        words = "foreign: stack and buffer are there"
        text = built_until(file.name, words, "--variant", "debug")
    yield "microkit: a program without our runtime has a stack and a buffer", words in text, text


def boots_alone():
    """What `skerry build` says boots hello, typed into a shell, until the run's own end."""
    text = built_until(HELLO, "@skerry exit")
    yield "the command that build prints boots hello without the tool", "@skerry exit 0" in text, text


def flight():
    yield from kernels()
    yield from boots_alone()
    cut = Result("run", "--timeout", "15s", FLIGHT, timeout=60)
    yield "flight cut short: message, exit status 1, the table so far", (
        cut.code == 1 and "the run did not end within 15.00s of host time" in cut.err
        and "flight plant" in table(cut.out, "protection domain")), cut.all

    first, second = parallel(("run", FLIGHT), ("run",))  # the flight is what `run` alone runs
    yield "flight ends good", first.code == 0 and first.out.endswith("run ended: good\n"), first.all
    yield f"flight: within {FLIGHT_LIMIT_S} s of host time", first.seconds < FLIGHT_LIMIT_S, f"{first.seconds:.0f} s"
    yield "flight: twice the same bytes", (first.code, first.all) == (second.code, second.all), second.all
    yield "flight: four kernels boot behind walls", (
        len(re.findall(r"^\[(\w+)\] skerry .* partition \1 on hart \d+, .* walls on$", first.out, re.M)) == 4), first.all
    yield "flight: the level change is complete", "observer] level change complete: " in first.out, first.all
    yield "flight: the host's reference agrees, row by row", (
        re.search(r"observer\] reference agrees: (\d+) of \1 rows", first.out)), first.all
    yield "flight: nothing in the chain was late, stale or lost", "gateway: 0 late, stale or lost" in first.out, first.all

    chains = table(first.out, "chain, end to end")
    yield "flight: its chains meet their deadlines", (
        set(chains) == {"loop", "downlink"} and all(int(row[0]) >= 1000 and row[-1] == "met" for row in chains.values())), first.all

    # Columns: activations, misses, exhausted, faults, …
    domains = table(first.out, "protection domain")
    flown = {name: row for name, row in domains.items() if name.startswith("flight ")}
    yield "flight: its domains worked and missed no deadline", (
        len(flown) == 3 and all(int(row[0]) >= 1000 and row[1:4] == ["0", "0", "0"] for row in flown.values())), first.all
    yield "flight: telemetry came, none was lost", (
        (reported(first.out, "gateway gateway", "telemetry") or 0) >= 1000
        and reported(first.out, "gateway gateway", "telemetry_lost") == 0), first.all
    for name in ("overrun", "flood", "nurse"):
        yield f"flight: {name} of the storm exhausts its budget", (
            int(domains.get(f"storm {name}", ["0"] * 3)[2]) > 100), first.all
    yield "flight: the storm faults and floods", (
        int(domains.get("storm patient", ["0"] * 4)[3]) > 1000
        and int(table(first.out, "kernel entries").get("storm", ["0"])[0]) > 100000), first.all
    yield "flight: the gateway polices the burst", (reported(first.out, "gateway gateway", "burst_refused") or 0) > 0, first.all


def main():
    number = failed = 0
    for name, good, detail in {"hello": hello, "ring": ring, "microkit": microkit, "flight": flight}[sys.argv[4]]():
        number += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
        if not good:
            print("".join(f"# {line}\n" for line in detail.splitlines()[-60:]), end="")
    print(f"1..{number}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
