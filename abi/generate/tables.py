# SPDX-License-Identifier: BSD-2-Clause
"""abi/gen/names.h and abi/gen/fuzz_table.h: names for traces, shapes of methods for fuzzers."""

from ctext import comment, file_head
from interface import SEL4_LABELS


def function(head, cases, default):
    lines = [f"static inline const char *{head} {{", "    switch (number) {"]
    for value, text in cases:
        lines += [f"    case {value}:", f'        return "{text}";']
    return lines + ["    default:", f'        return "{default}";', "    }", "}", ""]


def names_h(abi):
    lines = file_head(
        "Names of what travels through the user interface, for traces, panics and test failures."
        " Host tools and debug code only: the switches may become tables of jumps."
    )
    lines += ['#include "lib/types.h"', ""]
    lines += function(
        "sel4_syscall_name(s64 number)",
        [(s["number"], s["title"]) for s in abi.syscalls],
        "unknown system call",
    )
    lines += function(
        "sel4_method_name(u64 number)",
        [(m.label, f"{m.object['title']}.{m.name}") for m in abi.methods],
        "unknown method",
    )
    lines += function(
        "sel4_error_name(u64 number)",
        [(e["number"], e["user"].removeprefix("seL4_")) for e in abi.errors],
        "unknown error",
    )
    lines += function(
        "sel4_lookup_failure_name(u64 number)",
        [(f["number"], f["user"].removeprefix("seL4_")) for f in abi.lookup_failures],
        "unknown lookup failure",
    )
    lines += function(
        "sel4_fault_name(u64 number)",
        [(f["number"], f["user"].removeprefix("seL4_Fault_")) for f in abi.faults],
        "unknown fault",
    )
    lines += function(
        "sel4_object_type_name(u64 number)",
        [(t["number"], t["name"].replace("_", " ")) for t in abi.object_types],
        "unknown object type",
    )
    lines += function(
        "sel4_cap_kind_name(u64 number)",
        [(k["number"], k["title"]) for k in abi.cap_kinds],
        "unknown capability kind",
    )
    return "\n".join(lines).rstrip() + "\n"


def kind_mask(param):
    bits = [f"1u << SEL4_CAP_{k.upper()}" for k in param.cap_kinds]
    if param.may_be_null:
        bits.append("1u << SEL4_CAP_NULL")
    return " | ".join(bits)


def fuzz_table_h(abi):
    lines = file_head(
        "What a well-formed invocation of each method looks like, so that a fuzzer can make nearly"
        " well-formed ones. Include it in one file."
    )
    lines += ['#include "abi/gen/sel4_abi.h"', ""]
    lines += comment("One method: label, invoked kind, message registers, kinds of extra capabilities.")
    lines += [
        "struct fuzz_method {",
        "    const char *name;",
        "    u64 label;",
        "    u8 kind;",
        "    u8 min_length;                          // shorter is TruncatedMessage",
        "    u8 length;                              // what the user stub sends",
        "    u8 caps;                                // fewer is TruncatedMessage",
        "    u8 results;                             // message registers answered; 0xff: as asked for",
        "    u32 cap_kinds[SEL4_MSG_MAX_EXTRA_CAPS]; // bit k: kind k is accepted",
        "    u16 depth_registers;                    // bit i: message register i is a depth",
        "};",
        "",
        "static const struct fuzz_method fuzz_methods[] = {",
    ]
    for method in abi.methods:
        results = "0xff" if any(r["type"] == "regs" for r in method.results) else len(method.results)
        depths = sum(1 << p.mr for p in method.words if p.name.endswith("depth"))
        lines += [
            "    {",
            f'        .name = "{method.object["title"]}.{method.name}",',
            f"        .label = {method.label},",
            f"        .kind = SEL4_CAP_{method.object['kind'].upper()},",
            f"        .min_length = {method.min_length},",
            f"        .length = {method.length},",
            f"        .caps = {len(method.caps)},",
            f"        .results = {results},",
        ]
        if method.caps:
            masks = ", ".join(kind_mask(p) for p in method.caps)
            line = f"        .cap_kinds = {{{masks}}},"
            if len(line) <= 100:
                lines.append(line)
            else:
                lines.append("        .cap_kinds =")
                lines.append("            {")
                lines += [f"                {kind_mask(p)}," for p in method.caps]
                lines.append("            },")
        if depths:
            lines.append(f"        .depth_registers = {depths:#x},")
        lines += ["    },"]
    lines += ["};"]
    assert len(abi.methods) >= SEL4_LABELS - 1
    return "\n".join(lines) + "\n"
