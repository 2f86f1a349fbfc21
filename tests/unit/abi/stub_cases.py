# SPDX-License-Identifier: BSD-2-Clause
"""Writes the cases of stub_test.c from expected.toml: one call per method with what must enter the kernel.

usage: stub_cases.py expected.toml OUTPUT
"""

import re
import sys
import tomllib

NAMES = {"S": "SERVICE", "R": "seL4_AllRights"}


def translate(text):
    """m3 -> MESSAGE(3), c1 -> CAP(1), S and R as above."""
    text = re.sub(r"\bm(\d+)\b", r"MESSAGE(\1)", text)
    text = re.sub(r"\bc(\d)\b", r"CAP(\1)", text)
    return re.sub(r"\b([SR])\b", lambda match: NAMES[match[1]], text)


def case(method):
    name = re.sub(r"\W+", "_", method["name"]).lower()
    words = method.get("mr", [f"m{i}" for i in range(method["length"])])
    caps = [f"CAP({i})" for i in range(len(method["caps"]))]
    call = translate(method["call"])
    lines = [f"static void test_{name}(void **state) {{", "    (void)state;"]
    if "result" in method:
        stub = method["call"].split("(")[0]
        lines += [
            f"    answer(0, {method['results']}, 901);",
            f"    {stub}_t result = {call};",
            "    assert_int_equal(result.error, 0);",
            f"    assert_int_equal(result.{method['result']}, 901);",
        ]
    else:
        lines += ["    answer(0, 0, 0);", f"    assert_int_equal({call}, 0);"]
    expected = ", ".join(translate(w) for w in words) or "0"
    capabilities = ", ".join(caps) or "0"
    lines += [
        f"    expect_invocation({method['label']}, (seL4_Word[]){{{expected}}}, {len(words)},",
        f"                      (seL4_Word[]){{{capabilities}}}, {len(caps)});",
    ]
    if "result" not in method:
        lines += [
            "    answer(seL4_RangeError, 2, 77);",
            f"    assert_int_equal({call}, seL4_RangeError);",
            "    expect_error_words(77);",
        ]
    return name, lines + ["}", ""]


def main():
    with open(sys.argv[1], "rb") as file:
        methods = tomllib.load(file)["method"]
    cases = [case(m) for m in methods]
    text = ["/* Made by stub_cases.py from expected.toml. */", ""]
    for _, lines in cases:
        text += lines
    text += ["#define STUB_CASES \\"]
    text += [f"    cmocka_unit_test(test_{name}), \\" for name, _ in cases]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n\n")


main()
