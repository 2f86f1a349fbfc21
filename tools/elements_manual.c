// SPDX-License-Identifier: BSD-2-Clause
// docs/system-file.md, printed from the table of the dialect.
#include <inttypes.h>

#include "tools/elements.h"
#include "tools/units.h"

static const char INTRODUCTION[] =
    "# System files\n\n"
    "A system file says which hart, memory, devices, interrupts and programs belong to which kernel, and "
    "which\nchannels join them. It is XML; `./skerry check FILE` finds everything that is wrong with it at "
    "once. This page\nis printed from the table that the parser itself uses (`tools/elements.c`), by "
    "`skerry explain --elements`.\n\n"
    "Sizes and times carry their unit: `64KiB`, `16MiB`, `400us`, `2ms`; sizes may also be hexadecimal, "
    "`0x1000`.\nWords are Microkit's where Microkit has them. What is not supported is an error, never "
    "ignored.\n\n"
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
    "system file, then\nin the build folder under `examples/<folder of the system file>/`.\n";

static void parents_print(FILE *out, const struct element *element) {
    if (!element->parents) {
        fputs("The outermost element.", out);
        return;
    }
    const char *before = "Inside ";
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (element->parents & BIT(i)) {
            fprintf(out, "%s`<%s>`", before, ELEMENT_TABLE[i].name);
            before = " or ";
        }
    }
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

static void limit_print(FILE *out, struct arena *arena, enum value_type type, u64 limit) {
    if (type == VALUE_BYTES) {
        fputs(units_show_bytes(arena, limit), out);
    } else if (type == VALUE_TIME) {
        fputs(units_show_time_ns(arena, limit), out);
    } else {
        fprintf(out, type == VALUE_ADDRESS ? "0x%" PRIx64 : "%" PRIu64, limit);
    }
}

static void attribute_print(FILE *out, struct arena *arena, const struct attribute *attribute) {
    fprintf(out, "| `%s` | ", attribute->name);
    if (attribute->need == NEED_UNSUPPORTED) {
        fprintf(out, "refused | %s |\n", attribute->about);
        return;
    }
    if (attribute->type == VALUE_WORD) {
        for (unsigned i = 0; attribute->words[i]; i++) {
            fprintf(out, "%s`%s`", i ? ", " : "", attribute->words[i]);
        }
    } else {
        fputs(value_type_about(attribute->type), out);
    }
    if (attribute->minimum || attribute->maximum) {
        fputs(", ", out);
        limit_print(out, arena, attribute->type, attribute->minimum);
        fputs(" to ", out);
        limit_print(out, arena, attribute->type, attribute->maximum);
    }
    fprintf(out, " | %s", attribute->about);
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
        fputs("\n\n| attribute | value | meaning |\n|---|---|---|\n", out);
        for (unsigned j = 0; j < element->attribute_count; j++) {
            attribute_print(out, arena, &element->attributes[j]);
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
