#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The example systems as a newcomer runs them: what they promise is read off what the tool prints.

    run.py SKERRY CROSS_BUILD ROOT hello|microkit|flight

`tests/golden/tools/runs.py` has the tool's side of runs (damaged packages, Ctrl-C, an emulator that fails); here
are the systems. Prints TAP.
"""

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
    for name, good, detail in {"hello": hello, "microkit": microkit, "flight": flight}[sys.argv[4]]():
        number += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
        if not good:
            print("".join(f"# {line}\n" for line in detail.splitlines()[-60:]), end="")
    print(f"1..{number}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
