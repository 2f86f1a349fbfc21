# SPDX-License-Identifier: BSD-2-Clause
"""abi/gen/methods.h and abi/gen/dispatch.inc.h: arguments of methods and the dispatch table.

methods.h declares, for every method, its argument struct and the functions decode_X and act_X that
kernel/invoke provides. dispatch.inc.h is included by one file of kernel/invoke; it unpacks message
registers into the arguments and holds the table that maps labels to code.
"""

from ctext import annotate, comment, file_head, signature
from interface import KERNEL_TYPES, SEL4_LABELS
from kernel_header import method_constant


def args_struct(method):
    if not method.words:
        return []
    pairs = []
    for param in method.words:
        note = param.doc + (f" ({param.range})" if param.range else "")
        pairs.append((f"{KERNEL_TYPES[param.type]} {param.member};", note))
    lines = [f"struct {method.lower}_args {{"] + annotate(pairs, "    ")
    return lines + ["};"]


def decode_params(method):
    params = ["struct invocation *inv"]
    if method.words:
        params.append(f"const struct {method.lower}_args *args")
    return params + [f"struct {method.lower}_op *op"]


def describe(method):
    text = f"{method.object['title']}.{method.name}, label {method.label}."
    if method.caps:
        named = ", ".join(f"{p.cap_index} {p.name}" for p in method.caps)
        text += f" Extra capabilities: {named}."
    if any(p.is_regs for p in method.params):
        text += " Registers are in the message registers from 2 on."
    if method.results:
        text += " Answers " + ", ".join(r["name"] for r in method.results) + "."
    return text


def methods_h(abi):
    lines = file_head(
        "What each method is given, and the two functions that carry it out: decode_X checks"
        " everything and fills the operation, or refuses; act_X takes the operation and cannot fail."
        " Both are written in kernel/invoke."
    )
    lines += [
        '#include "abi/gen/sel4_abi.h"',
        '#include "kernel/invoke/invocation.h"',
        "",
    ]
    for method in abi.methods:
        lines += comment(describe(method))
        lines += args_struct(method)
        lines.append(f"struct {method.lower}_op;")
        head = f"MUST_USE enum sel4_error decode_{method.lower}"
        lines += [signature(head, decode_params(method)) + ";"]
        head = f"enum act_result act_{method.lower}"
        params = ["struct invocation *inv", f"const struct {method.lower}_op *op"]
        lines += [signature(head, params) + ";", ""]
    return "\n".join(lines).rstrip() + "\n"


def unpack_value(param):
    value = f"invocation_mr(inv, {param.mr})"
    if not param.shares_register:
        return f"(u8){value}" if param.type == "u8" else value
    shifted = f"{value} >> {param.shift}" if param.shift else value
    if param.type == "bool":
        return f"({shifted} & 1) != 0" if not param.shift else f"(({shifted}) & 1) != 0"
    return f"(u8)({shifted})"


def invoke(method):
    lines = [f"static enum act_result invoke_{method.lower}(struct invocation *inv) {{"]
    arguments = ["inv", "&op"]
    if method.words:
        arguments.insert(1, "&args")
        lines.append(f"    struct {method.lower}_args args = {{")
        lines += [f"        .{p.member} = {unpack_value(p)}," for p in method.words]
        lines.append("    };")
    lines += [
        f"    struct {method.lower}_op op;",
        "",
        f"    enum sel4_error error = decode_{method.lower}({', '.join(arguments)});",
        "    if (UNLIKELY(error != SEL4_NO_ERROR)) {",
        "        return invocation_refuse(inv, error);",
        "    }",
    ]
    if method.all_registers:
        lines += ["    if (UNLIKELY(invocation_needs_whole(inv))) {", "        return ACT_NEEDS_WHOLE;", "    }"]
    return lines + [f"    return act_{method.lower}(inv, &op);", "}", ""]


def table_entry(method):
    index = method_constant(method)
    if method.label >= SEL4_LABELS:
        index = f"METHOD_COUNT + {method.index - SEL4_LABELS}"
    return [
        f"    [{index}] = {{",
        f"        .kind = SEL4_CAP_{method.object['kind'].upper()},",
        f"        .length = {method.min_length},",
        f"        .caps = {len(method.caps)},",
        f"        .invoke = invoke_{method.lower},",
        "    },",
    ]


def dispatch_inc_h(abi):
    lines = file_head(
        "The dispatch table. Included once, by kernel/invoke, after invocation.h, operation.h and"
        " method.h. An entry is used only if the kind of the invoked capability is its kind, the"
        " message has its length and as many extra capabilities.",
        guard=None,
    )
    for method in abi.methods:
        lines += invoke(method)
    lines += comment(
        "Indexed by method_index(label). Entry 0, for unknown labels, is of no capability."
    )
    lines.append("const struct method methods[METHOD_TABLE_LENGTH] = {")
    lines.append("    [METHOD_INVALID] = {.kind = METHOD_OF_NOTHING},")
    for method in abi.methods:
        lines += table_entry(method)
    lines += ["};"]
    return "\n".join(lines) + "\n"
