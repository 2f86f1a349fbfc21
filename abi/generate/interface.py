# SPDX-License-Identifier: BSD-2-Clause
"""The interface description, read from abi/*.toml and checked.

Everything that is generated starts here: `load()` gives an Interface, whose lists are in the order
of the files and whose methods know how their parameters travel (which message register, which
extra capability). A description that contradicts itself is refused with a sentence.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ABI_FOLDER = Path(__file__).resolve().parent.parent
SEL4_LABELS = 47  # labels below are seL4's own
OUR_FIRST_LABEL = 128
KERNEL_TYPES = {
    "word": "u64",
    "u8": "u8",
    "bool": "bool",
    "time": "u64",
    "rights": "u64",
    "attr": "u64",
    "badge": "u64",
}


class DescriptionError(Exception):
    """The description contradicts itself."""


@dataclass
class Param:
    """One parameter of a method: an extra capability, a message register or bits of one."""

    name: str
    doc: str
    cap_kinds: list = field(default_factory=list)  # empty: not a capability
    may_be_null: bool = False
    cap_index: int = -1
    type: str = "word"
    member: str = ""  # name in the kernel's argument struct
    ctype: str = ""  # C type in the user's prototype, if it is not the usual one of `type`
    mr: int = -1
    shift: int = 0
    bits: int = 64
    range: str = ""

    @property
    def is_cap(self):
        return bool(self.cap_kinds)

    @property
    def is_regs(self):
        return self.type == "regs"

    @property
    def shares_register(self):
        return self.bits < 64


@dataclass
class Method:
    """One method of a kind of object."""

    label: int
    object: dict
    name: str
    id: str
    doc: str
    user: str  # C function name
    params: list
    results: list
    errors: list
    all_registers: bool
    min_length: int  # message registers the kernel insists on
    length: int  # message registers the user stubs send

    @property
    def caps(self):
        return [p for p in self.params if p.is_cap]

    @property
    def words(self):
        """Parameters in message registers that the kernel unpacks by name."""
        return [p for p in self.params if not p.is_cap and not p.is_regs]

    @property
    def lower(self):
        return f"{self.object['name']}_{snake(self.name)}"

    @property
    def index(self):
        """Place in the dispatch table: seL4's labels, then ours."""
        if self.label < SEL4_LABELS:
            return self.label
        return self.label - OUR_FIRST_LABEL + SEL4_LABELS


def snake(name):
    """ReadRegisters -> read_registers, SetTLSBase -> set_tls_base, SetMCPriority -> set_mc_priority."""
    for word, plain in (("TLS", "Tls"), ("IPC", "Ipc"), ("MCP", "McP")):
        name = name.replace(word, plain)
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def make_param(raw, where):
    if "cap" in raw:
        return Param(
            name=raw["name"],
            doc=raw["doc"],
            cap_kinds=raw["cap"].split("|"),
            may_be_null=raw.get("null", False),
        )
    kind = raw["type"]
    if kind not in KERNEL_TYPES and kind != "regs":
        raise DescriptionError(f"{where}: parameter {raw['name']} has the unknown type {kind}")
    return Param(
        name=raw["name"],
        doc=raw["doc"],
        type=kind,
        member=raw.get("member", raw["name"]),
        ctype=raw.get("ctype", ""),
        mr=raw.get("mr", -1),
        shift=raw.get("shift", 0),
        bits=raw.get("bits", 64),
        range=raw.get("range", ""),
    )


def place_params(params):
    """Number extra capabilities and message registers in order; returns the registers used."""
    next_cap, next_mr = 0, 0
    for param in params:
        if param.is_cap:
            param.cap_index = next_cap
            next_cap += 1
            continue
        if param.mr < 0:
            param.mr = next_mr
        next_mr = max(next_mr, param.mr + 1)
    return next_mr


def make_method(raw, objects, context_words):
    where = f"method {raw['object']}.{raw['name']}"
    if raw["object"] not in objects:
        raise DescriptionError(f"{where}: no such object")
    owner = objects[raw["object"]]
    params = [make_param(p, where) for p in raw["params"]]
    registers = place_params(params)
    length = registers
    if any(p.is_regs for p in params):
        length = registers - 1 + context_words
    return Method(
        label=raw["label"],
        object=owner,
        name=raw["name"],
        id=raw["id"],
        doc=raw["doc"],
        user=raw.get("user", f"{owner['prefix']}_{raw['name']}"),
        params=params,
        results=raw.get("results", []),
        errors=raw["errors"],
        all_registers=raw.get("all_registers", False),
        min_length=raw.get("min_length", registers),
        length=length,
    )


class Interface:
    """Everything that kernel and programs agree on."""

    def __init__(self, data):
        self.syscalls = data["syscall"]
        self.message_info = data["message_info"]
        self.ipc_buffer = data["ipc_buffer"]
        self.rights = data["right"]
        self.object_types = data["object_type"]
        self.cap_kinds = data["cap_kind"]
        self.errors = data["error"]
        self.lookup_failures = data["lookup_failure"]
        self.faults = data["fault"]
        self.registers = data["user_context"]["order"]
        self.frame_registers = data["user_context"]["frame"]
        self.slots = data["slot"]
        self.bootinfo = data["bootinfo"]
        self.constants = data["constant"]
        self.objects = data["object"]
        self.pages = data["page"]
        objects = {o["name"]: o for o in self.objects}
        self.methods = [make_method(m, objects, len(self.registers)) for m in data["method"]]
        self.check()

    def constant(self, name):
        return next(c["value"] for c in self.constants if c["name"] == name)

    def methods_of(self, owner):
        return [m for m in self.methods if m.object["name"] == owner["name"]]

    def check(self):
        """Refuse what cannot be meant: holes, repetitions, unknown names."""
        for what, numbers in (
            ("method labels", [m.label for m in self.methods]),
            ("system call numbers", [-s["number"] for s in self.syscalls]),
            ("capability kinds", [k["number"] for k in self.cap_kinds]),
        ):
            if len(numbers) != len(set(numbers)) or numbers != sorted(numbers):
                raise DescriptionError(f"{what} repeat or are out of order")
        own = [m.label for m in self.methods if m.label < OUR_FIRST_LABEL]
        if own != list(range(1, SEL4_LABELS)):
            raise DescriptionError("seL4's labels must be 1..46 without a hole")
        for what, items in (
            ("object types", self.object_types),
            ("errors", self.errors),
            ("lookup failures", self.lookup_failures),
            ("faults", self.faults),
            ("slots", self.slots),
        ):
            if [i["number"] for i in items] != list(range(len(items))):
                raise DescriptionError(f"{what} must be numbered from 0 without a hole")
        self.check_layouts()
        self.check_references()

    def check_layouts(self):
        """Offsets in the IPC buffer follow from what stands before."""
        place = 0
        for entry in self.ipc_buffer:
            if entry["offset"] != place:
                raise DescriptionError(f"IPC buffer: {entry['name']} is at {place}")
            place += 8 * entry.get("words", 1)
        if place != 1 << self.constant("ipc_buffer_bits"):
            raise DescriptionError(f"the IPC buffer has {place} bytes")

    def check_references(self):
        codes = {e["name"] for e in self.errors}
        kinds = {k["name"] for k in self.cap_kinds}
        for method in self.methods:
            for error in method.errors:
                if error["code"] not in codes:
                    raise DescriptionError(f"{method.lower}: no error {error['code']}")
            for param in method.caps:
                if not set(param.cap_kinds) <= kinds:
                    raise DescriptionError(f"{method.lower}: no capability kind {param.cap_kinds}")
            if len(method.caps) > self.constant("msg_max_extra_caps"):
                raise DescriptionError(f"{method.lower}: too many extra capabilities")
            if not any(method.object["name"] in p.get("objects", []) for p in self.pages):
                raise DescriptionError(f"{method.lower}: on no page of the manual")
            if method.object["kind"] not in kinds:
                raise DescriptionError(f"{method.lower}: no capability kind {method.object['kind']}")


def load(folder=ABI_FOLDER):
    """Read abi/*.toml; the files are parts of one description."""
    data = {}
    for name in ("sel4.toml", "methods.toml", "skerry.toml", "manual.toml"):
        path = folder / name
        for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(value, list):
                data.setdefault(key, []).extend(value)
            else:
                data[key] = value
    return Interface(data)
