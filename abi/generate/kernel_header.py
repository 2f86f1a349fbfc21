# SPDX-License-Identifier: BSD-2-Clause
"""abi/gen/sel4_abi.h: numbers and layouts of the user interface, for the kernel."""

from ctext import annotate, comment, enum, file_head, identifier, number
from interface import OUR_FIRST_LABEL, SEL4_LABELS

BOOTINFO_TYPES = {
    "word": ("u64", ""),
    "node_id": ("u64", ""),
    "ipc_buffer": ("u64", ""),
    "domain": ("u64", ""),
    "region": ("struct sel4_slot_region", ""),
    "untyped_list": ("struct sel4_untyped_desc", "[SEL4_MAX_BOOTINFO_UNTYPED_CAPS]"),
}


def method_constant(method):
    return "METHOD_" + method.lower.upper()


def syscalls(abi):
    entries = [(f"SYSCALL_{s['name'].upper()}", s["number"], None) for s in abi.syscalls]
    return enum("sel4_syscall", entries, "System call numbers, in a7.")


def constants(abi):
    lines = comment("Sizes, limits and flags.")
    names = [f"#define SEL4_{c['name'].upper()}" for c in abi.constants]
    width = max(len(n) for n in names)
    values = [number(c["value"], c.get("hex", False)) for c in abi.constants]
    pairs = [(f"{n:<{width}} {v}", c["doc"]) for n, v, c in zip(names, values, abi.constants)]
    lines += annotate(pairs)
    return lines + [""]


def message_info(abi):
    lines = comment("The message info word: length, extra capabilities, unwrapped bits, label.")
    for part in abi.message_info:
        stem = f"SEL4_MSGINFO_{part['name'].upper()}"
        lines.append(f"#define {stem + '_SHIFT':<33} {part['shift']}")
        lines.append(f"#define {stem + '_BITS':<33} {part['bits']}")
        lines.append(f"#define {stem + '_MASK':<33} MASK({stem}_BITS)")
    lines.append("")
    for part in abi.message_info:
        stem = f"SEL4_MSGINFO_{part['name'].upper()}"
        lines.append(f"ALWAYS_INLINE u64 sel4_msginfo_{part['name']}(u64 info) {{")
        lines.append(f"    return (info >> {stem}_SHIFT) & {stem}_MASK;")
        lines += ["}", ""]
    lines += [
        "/* Every part must be in its range; length and label are not masked. */",
        "ALWAYS_INLINE u64 sel4_msginfo(u64 label, u64 caps_unwrapped, u64 extra_caps, u64 length) {",
        "    return label << SEL4_MSGINFO_LABEL_SHIFT |",
        "           caps_unwrapped << SEL4_MSGINFO_CAPS_UNWRAPPED_SHIFT |",
        "           extra_caps << SEL4_MSGINFO_EXTRA_CAPS_SHIFT | length << SEL4_MSGINFO_LENGTH_SHIFT;",
        "}",
        "",
    ]
    return lines


def enums(abi):
    lines = enum(
        "sel4_error",
        [(f"SEL4_{e['name'].upper()}", e["number"], None) for e in abi.errors],
        "Answers of methods.",
    )
    lines += enum(
        "sel4_lookup_failure",
        [(f"SEL4_LOOKUP_{f['name'].upper()}", f["number"], None) for f in abi.lookup_failures],
        "Why a capability address led nowhere.",
    )
    lines += enum(
        "sel4_right",
        [(f"SEL4_RIGHT_{r['name'].upper()}", 1 << r["bit"], None) for r in abi.rights]
        + [("SEL4_RIGHTS_ALL", (1 << len(abi.rights)) - 1, None)],
        "Bits of a rights word.",
    )
    lines += enum(
        "sel4_object_type",
        [(f"OBJECT_{t['name'].upper()}", t["number"], None) for t in abi.object_types]
        + [("OBJECT_COUNT", len(abi.object_types), None)],
        "Object types, for Untyped.Retype.",
    )
    lines += enum(
        "sel4_cap_kind",
        [(f"SEL4_CAP_{k['name'].upper()}", k["number"], None) for k in abi.cap_kinds],
        "Capability kinds as DebugCapIdentify tells them.",
    )
    lines += enum(
        "sel4_init_slot",
        [(f"SEL4_INIT_SLOT_{s['name'].upper()}", s["number"], s["doc"]) for s in abi.slots],
        "Slots of the initial CNode.",
    )
    return lines


def faults(abi):
    lines = enum(
        "sel4_fault",
        [(f"SEL4_FAULT_{f['name'].upper()}", f["number"], None) for f in abi.faults],
        "Labels of fault messages.",
    )
    for fault in abi.faults:
        if not fault["words"]:
            continue
        stem = f"SEL4_FAULT_{fault['name'].upper()}"
        entries = [(f"{stem}_{w.upper()}", i, None) for i, w in enumerate(fault["words"])]
        entries.append((f"{stem}_LENGTH", len(fault["words"]), None))
        if fault["name"] in ("unknown_syscall", "user_exception"):
            entries.append((f"{stem}_REPLY_LENGTH", len(fault["reply"]), None))
        lines += enum(f"sel4_fault_{fault['name']}_word", entries)
    return lines


def registers(abi):
    entries = [(f"SEL4_REG_{r.upper()}", i, None) for i, r in enumerate(abi.registers)]
    lines = enum("sel4_register", entries, "Registers of a thread in the order of seL4_UserContext.")
    lines += [
        f"#define SEL4_USER_CONTEXT_WORDS {len(abi.registers)}",
        "/* The frame registers of CopyRegisters come first, the integer registers after them. */",
        f"#define SEL4_USER_CONTEXT_FRAME_WORDS {abi.frame_registers}",
        "",
    ]
    return lines


def ipc_buffer(abi):
    fields = []
    for entry in abi.ipc_buffer:
        count = f"[{entry['words']}]" if "words" in entry else ""
        fields.append((f"u64 {entry['name']}{count};", entry["doc"]))
    lines = comment("What user code keeps per thread for messages longer than its registers.")
    lines += ["struct sel4_ipc_buffer {"] + annotate(fields, "    ") + ["};", ""]
    for entry in abi.ipc_buffer:
        place = f"offsetof(struct sel4_ipc_buffer, {entry['name']}) == {entry['offset']}"
        lines.append(f'_Static_assert({place}, "user ABI");')
    size = "sizeof(struct sel4_ipc_buffer) == BIT(SEL4_IPC_BUFFER_BITS)"
    return lines + [f'_Static_assert({size}, "user ABI");', ""]


def bootinfo(abi):
    lines = [
        "/* Capability slots [start, end). */",
        "struct sel4_slot_region {",
        "    u64 start;",
        "    u64 end;",
        "};",
        "",
        "/* What one untyped covers. */",
        "struct sel4_untyped_desc {",
        "    u64 paddr;",
        "    u8 size_bits;",
        "    u8 is_device;",
        "    u8 padding[6];",
        "};",
        "",
        "/* Boot information of the root task: one page. Extra chunks begin at offset 4096. */",
        "struct sel4_bootinfo {",
    ]
    fields = []
    for entry in abi.bootinfo["field"]:
        ctype, suffix = BOOTINFO_TYPES[entry["type"]]
        fields.append((f"{ctype} {entry['name']}{suffix};", entry["doc"]))
    lines += annotate(fields, "    ")
    lines += ["};", ""]
    for entry in abi.bootinfo["field"]:
        lines.append(
            f"_Static_assert(offsetof(struct sel4_bootinfo, {entry['name']}) == {entry['offset']},"
            ' "user ABI");'
        )
    lines += [
        f'_Static_assert(sizeof(struct sel4_bootinfo) == {abi.bootinfo["bytes"]}, "user ABI");',
        "_Static_assert(sizeof(struct sel4_untyped_desc) == 16, \"user ABI\");",
        "",
        "/* Head of an extra chunk; length counts the head. */",
        "struct sel4_bootinfo_header {",
        "    u64 id;",
        "    u64 length;",
        "};",
        "",
    ]
    lines += enum(
        "sel4_bootinfo_id",
        [(f"SEL4_BOOTINFO_{h['name'].upper()}", identifier(h["id"]), None) for h in abi.bootinfo["header"]],
        "Kinds of extra chunks.",
    )
    return lines


def methods(abi):
    entries = [("METHOD_INVALID", 0, None)]
    entries += [(method_constant(m), m.label, None) for m in abi.methods if m.label < SEL4_LABELS]
    entries += [("METHOD_COUNT", SEL4_LABELS, "labels of seL4; ours follow")]
    entries += [(method_constant(m), m.label, None) for m in abi.methods if m.label >= SEL4_LABELS]
    ours = sum(1 for m in abi.methods if m.label >= SEL4_LABELS)
    lines = enum("sel4_method", entries, "Method labels.")
    lines += [
        "/* The dispatch table holds seL4's methods at their labels, then ours. */",
        f"#define METHOD_TABLE_LENGTH {SEL4_LABELS + ours}",
        "",
        "/* Place of a label in the dispatch table; 0, which no object answers, for unknown labels. */",
        "ALWAYS_INLINE u64 method_index(u64 label) {",
        "    if (label < METHOD_COUNT) {",
        "        return label;",
        "    }",
        f"    if (label - {OUR_FIRST_LABEL} < METHOD_TABLE_LENGTH - METHOD_COUNT) {{",
        f"        return label - {OUR_FIRST_LABEL} + METHOD_COUNT;",
        "    }",
        "    return 0;",
        "}",
        "",
    ]
    return lines


def sel4_abi_h(abi):
    lines = file_head(
        "Numbers and layouts that the kernel and user programs agree on: the seL4 16.0 user interface"
        " (MCS, RV64, one core) and our additions to it."
    )
    lines += ['#include "lib/types.h"', ""]
    lines += syscalls(abi) + constants(abi) + message_info(abi) + enums(abi) + faults(abi)
    lines += registers(abi) + ipc_buffer(abi) + bootinfo(abi) + methods(abi)
    return "\n".join(lines).rstrip() + "\n"
