# SPDX-License-Identifier: BSD-2-Clause
"""Doorbells by driver, counted from outside: who enters firmware, and that the rows fit each other."""
import statistics

SAMPLES = 50  # of each row at least


def check(rows, point):
    """`rows` of a result with part `cross`; point(good, what, output) is told each."""
    samples = {row["name"]: [value for value, times in row["samples"] for _ in range(times)] for row in rows}

    def row(name):
        return samples.get("cross." + name, [])

    def median(name):
        return statistics.median_low(row(name) or [0])

    for driver in ("imsic", "sswi"):
        entries = row(driver + ".firmware")
        point(len(entries) >= SAMPLES and not any(entries), f"no ring by {driver} enters firmware", entries)
        path = row(driver + ".path")
        both_ways = 2 * (median(driver + ".sender") + median(driver + ".receiver"))
        point(len(path) >= SAMPLES and both_ways < min(path) and max(path) < min(row(driver + ".round-trip") or [0]),
              f"the longest path by {driver} is more than both kernels' parts, and less than all that both harts do",
              (both_ways, path, row(driver + ".round-trip")))
    entries = row("sbi.firmware")
    point(len(entries) >= SAMPLES and set(entries) == {2},
          "each ring by SBI enters it twice: at the sender, at the receiver", entries)
    firmware, round_trip = row("sbi.round-trip-firmware"), row("sbi.round-trip")
    point(len(firmware) >= SAMPLES and all(1000 < part < whole for part, whole in zip(firmware, round_trip)),
          "the firmware's part of a round trip is less than the whole", list(zip(firmware, round_trip)))
    # There and back: each side sends once, and receives once.
    point(2 * median("sbi.sender-firmware") < median("sbi.round-trip-firmware") < 4 * median("sbi.sender-firmware"),
          "and what the sender's calls take is most of it", (row("sbi.sender-firmware"), firmware))
    point(abs((median("sbi.round-trip") - median("sbi.round-trip-firmware")) - median("sswi.round-trip")) < 150,
          "without the firmware it is the round trip by SSWI, but for the call", (round_trip, row("sswi.round-trip")))
