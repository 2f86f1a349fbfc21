# SPDX-License-Identifier: BSD-2-Clause
"""user/sel4/include/sel4/gen/: the regular part of the headers that programs include.

abi.h         constants, enumerations, user context, boot information
types.h       message info, rights, CNode data and faults, with their accessor functions
invocation.h  method labels
client.h      one function per method

What is not regular (system calls, helpers, the files programs name) is written by hand beside them.
"""

import textwrap

from ctext import COLUMNS, annotate, comment, file_head, identifier, number, signature
from interface import SEL4_LABELS

CTYPES = {
    "word": "seL4_Word",
    "u8": "seL4_Uint8",
    "bool": "seL4_Bool",
    "time": "seL4_Time",
    "rights": "seL4_CapRights_t",
    "attr": "seL4_RISCV_VMAttributes",
    "badge": "seL4_Word",
    "regs": "seL4_UserContext *",
}
CAP_CTYPES = {
    "cnode": "seL4_CNode",
    "thread": "seL4_TCB",
    "untyped": "seL4_Untyped",
    "sched_context": "seL4_SchedContext",
}
BOOTINFO_CTYPES = {
    "word": ("seL4_Word ", ""),
    "node_id": ("seL4_NodeId ", ""),
    "ipc_buffer": ("seL4_IPCBuffer *", ""),
    "domain": ("seL4_Domain ", ""),
    "region": ("seL4_SlotRegion ", ""),
    "untyped_list": ("seL4_UntypedDesc ", "[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS]"),
}
# Methods with a capability that may be of several kinds, or null, take a plain address in libsel4.
MESSAGE_REGISTERS = 4
# Words of a fault message that libsel4 names otherwise than the fields of seL4_Fault_t.
CAP_FAULT_WORDS = [
    "IP",
    "Addr",
    "InRecvPhase",
    "LookupFailureType",
    "BitsLeft",
    "DepthMismatch_BitsFound",
    "GuardMismatch_BitsFound",
]
TIMEOUT_WORDS = ["Data", "Consumed"]


def long_enum(tag, entries, doc=None):
    """An enumeration as wide as a word, as libsel4 has them."""
    lines = comment(doc) if doc else []
    lines.append("typedef enum {")
    lines += annotate([(f"{n} = {v},", note) for n, v, note in entries], "    ")
    return lines + [f"    SEL4_FORCE_LONG_ENUM({tag}),", f"}} {tag};", ""]


def constants(abi):
    lines = comment("Sizes and limits.")
    plain = [c for c in abi.constants if "user" in c and "enum" not in c]
    names = [f"#define {c['user']}" for c in plain]
    width = max(len(n) for n in names)
    pairs = [
        (f"{n:<{width}} {number(c['value'], c.get('hex', False)).replace('ull', 'ul')}", c["doc"])
        for n, c in zip(names, plain)
    ]
    return lines + annotate(pairs) + [""]


def flag_enums(abi):
    lines = []
    none = {
        "seL4_TCBFlag": "seL4_TCBFlag_NoFlag",
        "seL4_SchedContextFlag": "seL4_SchedContext_NoFlag",
        "seL4_RISCV_VMAttributes": "seL4_RISCV_Default_VMAttributes",
    }
    for tag, nothing in none.items():
        entries = [(nothing, 0, "nothing special")]
        entries += [
            (c["user"], c["value"], c["doc"]) for c in abi.constants if c.get("enum") == tag
        ]
        lines += long_enum(tag, entries)
    return lines


def object_enums(abi):
    """libsel4 splits the object types into three enumerations that follow one another."""
    parts = (
        ("api_object", "seL4_NonArchObjectTypeCount", 0, 7),
        ("_mode_object", "seL4_ModeObjectTypeCount", 7, 8),
        ("_object", "seL4_ObjectTypeCount", 8, len(abi.object_types)),
    )
    lines = comment("Object types of seL4_Untyped_Retype.")
    for tag, count, first, last in parts:
        lines.append(f"typedef enum {tag} {{")
        pairs = [(f"{t['user']} = {t['number']},", t["doc"]) for t in abi.object_types[first:last]]
        lines += annotate(pairs, "    ")
        alias = "seL4_ObjectType" if tag == "api_object" else f"seL4{tag}_t"
        lines += [f"    {count} = {last},", f"}} {alias};", ""]
    lines += ["typedef seL4_Word api_object_t;", "typedef seL4_Word seL4_ArchObjectType;", ""]
    return lines


def enums(abi):
    lines = ["typedef enum {"]
    lines += [f"    {e['user']} = {e['number']}," for e in abi.errors]
    lines += ["    seL4_NumErrors,", "} seL4_Error;", ""]
    entries = [(f["user"], f["number"], f["doc"]) for f in abi.lookup_failures]
    lines += long_enum("seL4_LookupFailureType", entries, "Why a capability address led nowhere.")
    entries = [(f["user"], f["number"], None) for f in abi.faults]
    lines += long_enum("seL4_FaultType", entries, "Labels of fault messages.")
    entries = [(s["user"], s["number"], None) for s in abi.syscalls]
    lines += long_enum("seL4_Syscall_ID", entries, "System call numbers, in a7.")
    lines += comment("Slots of the root task's CNode.")
    lines.append("enum {")
    lines += annotate([(f"{s['user']} = {s['number']},", s["doc"]) for s in abi.slots], "    ")
    lines += ["};", ""]
    return lines


def fault_words(abi):
    """Places of words in fault messages, and of registers in the answer to a timeout fault."""
    lines = []
    for fault in abi.faults:
        stem = fault["user"].removeprefix("seL4_Fault_")
        words = {"CapFault": CAP_FAULT_WORDS, "Timeout": TIMEOUT_WORDS}.get(
            stem, fault["user_words"]
        )
        if not words:
            continue
        entries = [(f"seL4_{stem}_{w}", i, None) for i, w in enumerate(words)]
        if stem == "CapFault":
            entries.insert(6, ("seL4_CapFault_GuardMismatch_GuardFound", 5, None))
        else:
            entries.append((f"seL4_{stem}_Length", len(words), None))
        lines += long_enum(f"seL4_{stem}_Msg", entries)
    names = {"pc": "FaultIP", "ra": "LR", "sp": "SP", "gp": "GP", "tp": "TP"}
    entries = [(f"seL4_TimeoutReply_{names.get(r, r)}", i, None) for i, r in enumerate(abi.registers)]
    entries.append(("seL4_TimeoutReply_Length", len(abi.registers), None))
    return lines + long_enum("seL4_TimeoutReply_Msg", entries)


def user_context(abi):
    lines = comment("Registers of a thread, for seL4_TCB_ReadRegisters and WriteRegisters.")
    lines.append("typedef struct seL4_UserContext_ {")
    lines += [f"    seL4_Word {r};" for r in abi.registers]
    lines += ["} seL4_UserContext;", ""]
    return lines


def abi_h(abi):
    lines = file_head("Numbers of the user interface, for programs.")
    lines += ["#include <sel4/macros.h>", ""]
    lines += constants(abi)
    lines += ["#ifndef __ASSEMBLER__", "#include <sel4/simple_types.h>", ""]
    lines += flag_enums(abi) + object_enums(abi) + enums(abi) + fault_words(abi) + user_context(abi)
    lines += ["#endif /* __ASSEMBLER__ */"]
    return "\n".join(lines) + "\n"


def function(head, params, body):
    return [signature(f"LIBSEL4_INLINE_FUNC {head}", params) + " {"] + [
        f"    {line}" for line in body
    ] + ["}", ""]


def field_functions(type_name, prefix, name, shift, bits):
    """get, set and their pointer forms for one field of a one-word type."""
    mask = f"{(1 << bits) - 1:#x}ul"
    value = f"{prefix}.words[0]"
    pointed = f"{prefix}_ptr->words[0]"

    def extract(source):
        if bits == 64:
            return source
        if shift + bits == 64:
            return f"{source} >> {shift}"
        return f"({source} >> {shift}) & {mask}" if shift else f"{source} & {mask}"

    clear = f"&= ~({mask} << {shift});" if shift else f"&= ~{mask};"
    insert = f"|= (value & {mask}) << {shift};" if shift else f"|= value & {mask};"
    lines = function(
        f"seL4_Word {prefix}_get_{name}", [f"{type_name} {prefix}"], [f"return {extract(value)};"]
    )
    lines += function(
        f"seL4_Word {prefix}_ptr_get_{name}",
        [f"{type_name} *{prefix}_ptr"],
        [f"return {extract(pointed)};"],
    )
    lines += function(
        f"{type_name} {prefix}_set_{name}",
        [f"{type_name} {prefix}", "seL4_Word value"],
        [f"{value} {clear}", f"{value} {insert}", f"return {prefix};"],
    )
    lines += function(
        f"void {prefix}_ptr_set_{name}",
        [f"{type_name} *{prefix}_ptr", "seL4_Word value"],
        [f"{pointed} {clear}", f"{pointed} {insert}"],
    )
    return lines


def word_type(type_name, prefix, doc, fields):
    """A one-word type of bit fields; `fields` as (name, shift, bits) in the order of _new()."""
    lines = comment(doc)
    lines += [f"typedef struct {prefix} {{", "    seL4_Uint64 words[1];", f"}} {type_name};", ""]
    parts = []
    for name, shift, bits in fields:
        part = f"({name} & {(1 << bits) - 1:#x}ul)"
        parts.append(f"{part} << {shift}" if shift else part)
    body = [f"{type_name} {prefix};", ""]
    body += [f"{prefix}.words[0] = {parts[0]} |"]
    body += [f"{' ' * len(prefix)}            {part} |" for part in parts[1:-1]]
    body += [f"{' ' * len(prefix)}            {parts[-1]};", f"return {prefix};"]
    lines += [
        line.rstrip()
        for line in function(f"{type_name} {prefix}_new", [f"seL4_Word {n}" for n, _, _ in fields], body)
    ]
    for name, shift, bits in fields:
        lines += field_functions(type_name, prefix, name, shift, bits)
    return lines


def fault_word(name, pointer_name, place):
    """One word of a fault, and of a fault that is pointed to."""
    return function(
        f"seL4_Word {name}", ["seL4_Fault_t seL4_Fault"], [f"return seL4_Fault.words[{place}];"]
    ) + function(
        f"seL4_Word {pointer_name}",
        ["seL4_Fault_t *seL4_Fault_ptr"],
        [f"return seL4_Fault_ptr->words[{place}];"],
    )


def fault_type(abi):
    longest = max(len(f["words"]) for f in abi.faults)
    lines = comment("A fault: its label, then the words of the message.")
    lines += [
        "typedef struct seL4_Fault {",
        f"    seL4_Uint64 words[{longest + 1}];",
        "} seL4_Fault_t;",
        "",
    ]
    lines += fault_word("seL4_Fault_get_seL4_FaultType", "seL4_Fault_ptr_get_seL4_FaultType", 0)
    lines += function(
        "int seL4_Fault_seL4_FaultType_equals",
        ["seL4_Fault_t seL4_Fault", "seL4_Word seL4_Fault_type_tag"],
        ["return seL4_Fault.words[0] == seL4_Fault_type_tag;"],
    )
    for fault in abi.faults:
        if not fault["user_words"] and fault["number"]:
            continue
        name = fault["user"]
        params = [f"seL4_Word {w}" for w in fault["user_words"]] or ["void"]
        body = [f"seL4_Fault_t fault = {{{{{name}}}}};"] + ([""] if fault["user_words"] else [])
        body += [f"fault.words[{i}] = {w};" for i, w in enumerate(fault["user_words"], 1)]
        lines += [
            line.rstrip() for line in function(f"seL4_Fault_t {name}_new", params, body + ["return fault;"])
        ]
        for place, word in enumerate(fault["user_words"], 1):
            lines += fault_word(f"{name}_get_{word}", f"{name}_ptr_get_{word}", place)
            lines += function(
                f"seL4_Fault_t {name}_set_{word}",
                ["seL4_Fault_t seL4_Fault", "seL4_Word value"],
                [f"seL4_Fault.words[{place}] = value;", "return seL4_Fault;"],
            )
            lines += function(
                f"void {name}_ptr_set_{word}",
                ["seL4_Fault_t *seL4_Fault_ptr", "seL4_Word value"],
                [f"seL4_Fault_ptr->words[{place}] = value;"],
            )
    return lines


def types_h(abi):
    lines = file_head("Types of bit fields, with the accessor functions that libsel4 has for them.")
    lines += ["#include <sel4/gen/abi.h>", "#include <sel4/macros.h>", ""]
    parts = [(p["user"], p["shift"], p["bits"]) for p in reversed(abi.message_info)]
    lines += word_type("seL4_MessageInfo_t", "seL4_MessageInfo", "What a message holds.", parts)
    parts = [(r["user"], r["bit"], 1) for r in reversed(abi.rights)]
    lines += word_type("seL4_CapRights_t", "seL4_CapRights", "Rights of a capability.", parts)
    size = abi.constant("guard_size_bits")
    parts = [("guard", size, 64 - size), ("guardSize", 0, size)]
    lines += word_type("seL4_CNode_CapData_t", "seL4_CNode_CapData", "A CNode guard word.", parts)
    lines += fault_type(abi)
    return "\n".join(lines).rstrip() + "\n"


def bootinfo_h(abi):
    lines = file_head("The boot information page of the root task.")
    lines += ["#include <sel4/types.h>", ""]
    lines += [
        "typedef seL4_Word seL4_SlotPos;",
        "",
        "/* Slots [start, end). */",
        "typedef struct seL4_SlotRegion {",
        "    seL4_SlotPos start;",
        "    seL4_SlotPos end;",
        "} seL4_SlotRegion;",
        "",
        "typedef struct seL4_UntypedDesc {",
        "    seL4_Word paddr;",
        "    seL4_Uint8 sizeBits;",
        "    seL4_Uint8 isDevice;",
        "    seL4_Uint8 padding[6];",
        "} seL4_UntypedDesc;",
        "",
        "typedef struct seL4_BootInfo {",
    ]
    fields = []
    for entry in abi.bootinfo["field"]:
        ctype, suffix = BOOTINFO_CTYPES[entry["type"]]
        fields.append((f"{ctype}{entry['user']}{suffix};", entry["doc"]))
    lines += annotate(fields, "    ") + ["} seL4_BootInfo;", ""]
    for entry in abi.bootinfo["field"]:
        place = f"SEL4_OFFSETOF(seL4_BootInfo, {entry['user']}) == {entry['offset']}"
        lines.append(signature("SEL4_COMPILE_ASSERT", [f"{entry['user']}_offset", place]))
    lines += [
        f"SEL4_COMPILE_ASSERT(seL4_BootInfo_size, sizeof(seL4_BootInfo) == {abi.bootinfo['bytes']})",
        "SEL4_COMPILE_ASSERT(seL4_UntypedDesc_size, sizeof(seL4_UntypedDesc) == 16)",
        "",
        "/* The extra chunks begin one frame after the boot information. */",
        "#define seL4_BootInfoFrameBits seL4_PageBits",
        "#define seL4_BootInfoFrameSize LIBSEL4_BIT(seL4_BootInfoFrameBits)",
        "",
    ]
    entries = [(h["user"], identifier(h["id"]), h["doc"]) for h in abi.bootinfo["header"]]
    last = max(h["id"] for h in abi.bootinfo["header"] if h["id"] < 0x1000)
    entries.append(("SEL4_BOOTINFO_HEADER_NUM", last + 1, None))
    lines += long_enum("seL4_BootInfoID", entries, "Kinds of extra chunks.")
    lines += [
        "/* Head of an extra chunk; len counts the head. */",
        "typedef struct seL4_BootInfoHeader {",
        "    seL4_Word id;",
        "    seL4_Word len;",
        "} seL4_BootInfoHeader;",
    ]
    return "\n".join(lines) + "\n"


def invocation_h(abi):
    lines = file_head("Labels of methods, for programs that make their own messages.")
    groups = (
        ("invocation_label", "nInvocationLabels", lambda m: m.label < 39),
        ("arch_invocation_label", "nArchInvocationLabels", lambda m: 39 <= m.label < SEL4_LABELS),
    )
    for tag, count, chosen in groups:
        methods = [m for m in abi.methods if chosen(m)]
        lines.append(f"enum {tag} {{")
        if tag == "invocation_label":
            lines.append("    InvalidInvocation = 0,")
        lines += [f"    {m.id} = {m.label}," for m in methods]
        lines += [f"    {count} = {methods[-1].label + 1},", "};", ""]
    lines += ["#define nSeL4ArchInvocationLabels nInvocationLabels", ""]
    lines += comment("Methods that seL4 does not have.")
    lines.append("enum skerry_invocation_label {")
    lines += [f"    {m.id} = {m.label}," for m in abi.methods if m.label >= SEL4_LABELS]
    return "\n".join(lines + ["};"]) + "\n"


def param_ctype(method, param):
    if param.is_cap:
        if param.may_be_null or len(param.cap_kinds) > 1:
            return "seL4_CPtr "
        return CAP_CTYPES.get(param.cap_kinds[0], "seL4_CPtr") + " "
    ctype = param.ctype or CTYPES[param.type]
    return ctype if ctype.endswith("*") else ctype + " "


def c_params(method):
    params = [f"{method.object['type']} _service"]
    params += [f"{param_ctype(method, p)}{p.name}" for p in method.params]
    if any(r["type"] == "regs" for r in method.results):
        params.append("seL4_UserContext *regs")
    return params


def word_value(param):
    """The parameter as it goes into its message register."""
    if param.shares_register:
        mask = "1u" if param.type == "bool" else f"{(1 << param.bits) - 1:#x}u"
        value = f"((seL4_Word){param.name} & {mask})"
        return f"{value} << {param.shift}" if param.shift else value
    if param.type == "rights":
        return f"{param.name}.words[0]"
    if param.type == "attr":
        return f"(seL4_Word){param.name}"
    return param.name


def message_words(method):
    """Expression of every message register that is not part of a register array."""
    words = {}
    for param in method.words:
        words.setdefault(param.mr, []).append(word_value(param))
    return [" | ".join(words[mr]) for mr in sorted(words)]


def result_struct(method):
    name = method.user
    lines = [f"struct {name} {{", "    int error;"]
    lines += [f"    {CTYPES[r['type']]} {r['name']}; // {r['doc']}" for r in method.results]
    return lines + ["};", f"typedef struct {name} {name}_t;", ""]


def stub_doc(method):
    lines = ["/**"]
    lines += [f" * {line}" for line in textwrap.wrap(method.doc, COLUMNS - 3)]
    for param in method.params:
        note = param.doc + (f" ({param.range})" if param.range else "")
        text = f"@param {param.name} {note}"
        lines += [f" * {line}" for line in textwrap.wrap(text, COLUMNS - 3, subsequent_indent="    ")]
    return lines + [" */"]


def send_lines(method):
    """Statements that put the message together; `mr` holds the first four registers."""
    words = message_words(method)
    regs = next((p for p in method.params if p.is_regs), None)
    first = words[:MESSAGE_REGISTERS]
    if regs:
        first += [f"{regs.name}->pc", f"{regs.name}->ra"]
    if not first:
        body = ["seL4_Word mr[4] = {0};"]
    elif len("    seL4_Word mr[4] = {" + ", ".join(first) + "};") <= 100:
        body = ["seL4_Word mr[4] = {" + ", ".join(first) + "};"]
    else:
        body = ["seL4_Word mr[4] = {"]
        for word in first:
            parts = word.split(" | ")
            body += [f"    {parts[0]}" + ("," if len(parts) == 1 else " |")]
            body += [f"        {p} |" for p in parts[1:-1]]
            body += [f"        {parts[-1]},"] if len(parts) > 1 else []
        body += ["};"]
    body.append("")
    body += [f"seL4_SetMR({i}, {w});" for i, w in enumerate(words) if i >= MESSAGE_REGISTERS]
    if regs:
        body.append(f"sel4_registers_put({regs.name});")
    body += [f"seL4_SetCap({p.cap_index}, {p.name});" for p in method.caps]
    return body


def stub(method):
    call = f"sel4_invoke(_service, {method.id}, {len(method.caps)}, {method.length}, mr)"
    body = send_lines(method)
    reads_registers = any(r["type"] == "regs" for r in method.results)
    if reads_registers:
        head = f"LIBSEL4_INLINE seL4_Error {method.user}"
        body += [
            f"seL4_Error error = {call};",
            "if (error == seL4_NoError) {",
            "    sel4_registers_take(regs, count, mr);",
            "}",
            "return error;",
        ]
    elif method.results:
        head = f"LIBSEL4_INLINE {method.user}_t {method.user}"
        body += [f"{method.user}_t result;", f"result.error = {call};"]
        body += [f"result.{r['name']} = mr[{i}];" for i, r in enumerate(method.results)]
        body += ["return result;"]
    else:
        head = f"LIBSEL4_INLINE seL4_Error {method.user}"
        body += [f"return {call};"]
    lines = [] if reads_registers or not method.results else result_struct(method)
    lines += stub_doc(method)
    lines += [signature(head, c_params(method)) + " {"]
    lines += [f"    {line}" if line else "" for line in body]
    return lines + ["}", ""]


def register_functions(abi):
    """Whole sets of registers, one statement each: a loop would cost twice as much."""
    lines = comment("Registers of a thread behind pc and ra, into message registers from 4 on.")
    body = ["seL4_Word *msg = seL4_GetIPCBuffer()->msg;", ""]
    body += [f"msg[{i + 2}] = regs->{r};" for i, r in enumerate(abi.registers) if i >= 2]
    lines += function("void sel4_registers_put", ["const seL4_UserContext *regs"], body)
    lines += comment(f"The first registers from an answer's message registers; {len(abi.registers)} of them mostly.")
    body = ["const seL4_Word *msg = seL4_GetIPCBuffer()->msg;", ""]
    body += [f"if (count < {len(abi.registers)}) {{"]
    body += ["    for (seL4_Word i = 0; i < count; i++) {"]
    body += ["        ((seL4_Word *)regs)[i] = i < 4 ? mr[i] : msg[i];", "    }", "    return;", "}"]
    body += [
        f"regs->{r} = {'mr' if i < MESSAGE_REGISTERS else 'msg'}[{i}];"
        for i, r in enumerate(abi.registers)
    ]
    params = ["seL4_UserContext *regs", "seL4_Word count", "const seL4_Word mr[4]"]
    lines += function("void sel4_registers_take", params, body)
    return [line.rstrip() for line in lines]


def client_h(abi):
    lines = file_head(
        "One function per method of the kernel's objects. Each puts its arguments into message registers"
        " and its capabilities into the IPC buffer, calls, and returns the error; after an error the"
        " IPC buffer's first four message registers hold the details."
    )
    lines += [
        "#include <sel4/functions.h>",
        "#include <sel4/invocation.h>",
        "#include <sel4/syscalls.h>",
        "#include <sel4/types.h>",
        "",
        "/* Call with a message of `length` registers, the first four in mr; mr gets the answer's. */",
        "LIBSEL4_INLINE_FUNC seL4_Error sel4_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps,",
        "                                           seL4_Word length, seL4_Word mr[4]) {",
        "    seL4_MessageInfo_t tag = seL4_MessageInfo_new(label, 0, caps, length);",
        "    tag = seL4_CallWithMRs(service, tag, &mr[0], &mr[1], &mr[2], &mr[3]);",
        "    seL4_Error error = (seL4_Error)seL4_MessageInfo_get_label(tag);",
        "    if (error != seL4_NoError) {",
        "        for (int i = 0; i < 4; i++) {",
        "            seL4_SetMR(i, mr[i]);",
        "        }",
        "    }",
        "    return error;",
        "}",
        "",
    ]
    lines += register_functions(abi)
    for method in abi.methods:
        lines += stub(method)
    return "\n".join(lines).rstrip() + "\n"
