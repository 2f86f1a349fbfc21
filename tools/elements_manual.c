// SPDX-License-Identifier: BSD-2-Clause
// docs/system-file.md, printed from the table of the dialects.
#include <inttypes.h>

#include "tools/elements.h"
#include "tools/units.h"

static const char INTRODUCTION[] =
    "# System files\n\n"
    "A system file says which hart, memory, devices, interrupts and programs belong to which kernel, and "
    "which\nchannels join them. It is XML; `./skerry check FILE` finds everything that is wrong with it at "
    "once. This page\nis printed from the table that the parser itself uses (`tools/elements.c`), by "
    "`skerry explain --elements`.\n\n"
    "There are two dialects. A file that begins `<system version=\"1\">` is ours; one that begins "
    "`<system>` is Microkit's\n(its system description format as of Microkit 2.3.0) and is taken as it is: "
    "see the next section. They share their words\nwhere they can; a row that only one of them has says so. "
    "What is not supported is an error, never ignored.\n\n"
    "In ours, sizes and times carry their unit: `64KiB`, `16MiB`, `400us`, `2ms`; sizes may also be "
    "hexadecimal, `0x1000`.\n\n"
    "```xml\n"
    "<system version=\"1\" name=\"hello\">\n"
    "  <core name=\"console\" hart=\"0\">\n"
    "    <memory size=\"8MiB\"/>\n"
    "    <device name=\"uart\" path=\"/soc/serial@10000000\"/>\n"
    "    <protection_domain name=\"console\" priority=\"200\" budget=\"400us\" period=\"2ms\">\n"
    "      <program_image path=\"console.elf\"/>\n"
    "      <map mr=\"uart\" vaddr=\"0x10000000\" perms=\"rw\" setvar_vaddr=\"console_uart\"/>\n"
    "    </protection_domain>\n"
    "  </core>\n"
    "  <core name=\"worker\" hart=\"1\">\n"
    "    <memory size=\"8MiB\"/>\n"
    "    <protection_domain name=\"worker\" priority=\"100\" budget=\"1ms\" period=\"10ms\">\n"
    "      <program_image path=\"worker.elf\"/>\n"
    "      <map mr=\"mail\" vaddr=\"0x20000000\" perms=\"rw\" setvar_vaddr=\"mail\"/>\n"
    "    </protection_domain>\n"
    "  </core>\n"
    "  <region name=\"mail\" size=\"4KiB\" cores=\"console worker\"/>\n"
    "  <channel max_rate=\"1000/s\"><end pd=\"worker\" id=\"1\"/><end pd=\"console\" id=\"1\"/></channel>\n"
    "</system>\n"
    "```\n\n"
    "The first core of a file is the platform core. The domain of the platform core whose program has a "
    "variable\n`console_rings` is the console: it gets every domain's and every kernel's console ring, and "
    "the statistics\npages, mapped, and prints them. What the tool patches into programs by itself is "
    "listed in\n`user/microkit/layout.h` and `user/console/console.h`. Images are looked for beside the "
    "system file, then\nin the build folder under `examples/<folder of the system file>/`.\n"
    "\n## Microkit files\n\n"
    "```xml\n"
    "<system>\n"
    "  <memory_region name=\"clock\" size=\"0x1_000\" phys_addr=\"0x101_000\"/>\n"
    "  <protection_domain name=\"timer\" priority=\"100\" budget=\"200\" period=\"1_000\">\n"
    "    <program_image path=\"timer.elf\"/>\n"
    "    <map mr=\"clock\" vaddr=\"0x2_000_000\" perms=\"rw\" cached=\"false\" setvar_vaddr=\"rtc\"/>\n"
    "    <irq irq=\"11\" id=\"0\"/>\n"
    "  </protection_domain>\n"
    "  <protection_domain name=\"client\" priority=\"50\" cpu=\"1\"><program_image path=\"client.elf\"/>"
    "</protection_domain>\n"
    "  <channel><end pd=\"timer\" id=\"1\"/><end pd=\"client\" id=\"1\"/></channel>\n"
    "</system>\n"
    "```\n\n"
    "Numbers have no units: bytes, and microseconds for `budget` and `period`; underscores may stand "
    "between digits. What the\nfile does not say, the tool decides:\n\n"
    "- **Kernels.** One for each `cpu` in use, named `cpu0`, `cpu1` and so on, on the hart of that number; "
    "the lowest is the\n  platform core. A channel between two of them is a doorbell line and carries "
    "notifications only; a protected call, a child or\n  a capability across is an error.\n"
    "- **Memory.** A partition is as large as what is in it. A region belongs to the core whose domains map "
    "it, or to two\n  (a third is an error), and is zero or filled from its file before a domain runs; "
    "one that two cores share cannot be filled.\n"
    "- **Devices.** Registers, given by `phys_addr`, belong to the core that maps them, with all of the "
    "devices of the device\n  tree whose pages they touch. Addresses without a device, or in RAM, are "
    "errors.\n"
    "- **The console.** `microkit_dbg_puts` and the like are printed by a domain of the tool's own, "
    "`skerry.console`, on the platform\n  core (priority 254, 1 ms in 10 ms). Only a domain on that core may "
    "map the serial port, too.\n"
    "- **Machine and variant** are options of `check`, `build`, `show` and `run`: `--machine virt-aia` and "
    "`--variant release` unless\n  given.\n\n"
    "`budget` and `period` of a passive domain hold for its `init`. Interrupts, channels and children are "
    "numbered 0 to 61, as in\nMicrokit's header.\n";

static const char *const DIALECT_NAMES[] = {"version 1", "Microkit"};

static void often_print(FILE *out, const struct element *element) {
    if (element->least && element->least == element->most) {
        fprintf(out, ", exactly %s.", element->least == 1 ? "once" : "twice");
    } else if (element->most == 1) {
        fputs(", at most once.", out);
    } else if (element->most) {
        fprintf(out, ", %u to %u times.", element->least, element->most);
    } else {
        fputs(", any number of times.", out);
    }
}

static void inside_print(FILE *out, u64 parents) {
    const char *before = "";
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (parents & BIT(i)) {
            fprintf(out, "%s`<%s>`", before, ELEMENT_TABLE[i].name);
            before = " or ";
        }
    }
}

static void parents_print(FILE *out, const struct element *element) {
    const u64 *parents = element->parents;
    if (element->id == ELEMENT_SYSTEM) {
        fputs("The outermost element.", out);
        return;
    }
    bool one = !parents[0] || !parents[1];
    fputs("Inside ", out);
    inside_print(out, parents[0] ? parents[0] : parents[1]);
    if (one) {
        fprintf(out, ", in %s files", DIALECT_NAMES[parents[0] ? 0 : 1]);
    } else if (parents[0] != parents[1]) {
        fprintf(out, " (%s) or inside ", DIALECT_NAMES[0]);
        inside_print(out, parents[1]);
        fprintf(out, " (%s)", DIALECT_NAMES[1]);
    }
    often_print(out, element);
}

static void limit_print(FILE *out, struct arena *arena, enum value_type type, u64 limit) {
    if (type == VALUE_BYTES) {
        fputs(units_show_bytes(arena, limit), out);
    } else if (type == VALUE_TIME) {
        fputs(units_show_time_ns(arena, limit), out);
    } else {
        fprintf(out, type == VALUE_ADDRESS ? "0x%" PRIx64 : "%" PRIu64, limit);
    }
}

// Which dialect, if the element is in both and the attribute is not.
static void attribute_dialect_print(FILE *out, const struct element *element,
                                    const struct attribute *attribute) {
    if (attribute->dialects != BOTH && element_in(element, DIALECT_SKERRY) &&
        element_in(element, DIALECT_MICROKIT)) {
        fprintf(out, "%s: ", DIALECT_NAMES[attribute->dialects == MICROKIT]);
    }
}

static void attribute_print(FILE *out, struct arena *arena, const struct element *element,
                            const struct attribute *attribute) {
    fprintf(out, "| `%s` | ", attribute->name);
    if (attribute->need == NEED_UNSUPPORTED) {
        fputs("refused | ", out);
        attribute_dialect_print(out, element, attribute);
        fprintf(out, "%s |\n", attribute->about);
        return;
    }
    if (attribute->type == VALUE_WORD) {
        for (unsigned i = 0; attribute->words[i]; i++) {
            fprintf(out, "%s`%s`", i ? ", " : "", attribute->words[i]);
        }
    } else {
        fputs(value_type_about(attribute->type, attribute->dialects == MICROKIT), out);
    }
    if (attribute->minimum || attribute->maximum) {
        fputs(", ", out);
        limit_print(out, arena, attribute->type, attribute->minimum);
        fputs(" to ", out);
        limit_print(out, arena, attribute->type, attribute->maximum);
    }
    fputs(" | ", out);
    attribute_dialect_print(out, element, attribute);
    fputs(attribute->about, out);
    if (attribute->need == NEED_REQUIRED) {
        fputs(" Required.", out);
    } else if (attribute->fallback) {
        fprintf(out, " `%s` if absent.", attribute->fallback);
    }
    fputs(" |\n", out);
}

void elements_print_manual(FILE *out) {
    struct arena *arena = arena_new();
    fputs(INTRODUCTION, out);
    for (unsigned i = 0; i < ELEMENTS; i++) {
        const struct element *element = &ELEMENT_TABLE[i];
        fprintf(out, "\n## `<%s>`\n\n", element->name);
        if (element->unsupported) {
            fprintf(out, "Refused: %s.\n", element->unsupported);
            continue;
        }
        fprintf(out, "%s ", element->about);
        parents_print(out, element);
        if (!element->attribute_count) {
            fputs("\n\nNo attributes.\n", out);
            continue;
        }
        fputs("\n\n| attribute | value | meaning |\n|---|---|---|\n", out);
        for (unsigned j = 0; j < element->attribute_count; j++) {
            attribute_print(out, arena, element, &element->attributes[j]);
        }
    }
    arena_free(arena);
}

void elements_print_words(FILE *out) {
    for (unsigned i = 0; i < ELEMENTS; i++) {
        fputs(ELEMENT_TABLE[i].name, out);
        for (unsigned j = 0; j < ELEMENT_TABLE[i].attribute_count; j++) {
            fprintf(out, " %s", ELEMENT_TABLE[i].attributes[j].name);
        }
        fputc('\n', out);
    }
}
