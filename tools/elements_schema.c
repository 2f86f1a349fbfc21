// SPDX-License-Identifier: BSD-2-Clause
// docs/system-file.rng: the dialect of version 1 as a RELAX NG schema (ISO/IEC 19757-2), for editors and for those who make
// system files by program. It says what the parser says before any rule is looked at: elements, where they may stand and
// how often, attributes and the form of their values. Ranges are not in it: a pattern cannot compare numbers with units.
#include <inttypes.h>

#include "tools/elements.h"

static const char NAME_PATTERN[] = "[A-Za-z][A-Za-z0-9_.\\-]{0,30}";

static const char *type_pattern(enum value_type type) {
    switch (type) {
    case VALUE_NAME:
        return NAME_PATTERN;
    case VALUE_NAMES:
        return " *[A-Za-z][A-Za-z0-9_.\\-]{0,30}( +[A-Za-z][A-Za-z0-9_.\\-]{0,30})* *";
    case VALUE_INTEGER:
    case VALUE_ADDRESS:
        return "[0-9]+|0[xX][0-9a-fA-F]+";
    case VALUE_BYTES:
        return "[0-9]+(B|KiB|MiB|GiB)|0[xX][0-9a-fA-F]+";
    case VALUE_TIME:
        return "[0-9]+(ns|us|ms|s)";
    case VALUE_RATE:
        return "[0-9]+/s";
    case VALUE_BOOLEAN:
        return "true|false";
    case VALUE_PERMS:
        return "[rwx]{1,3}";
    case VALUE_SYMBOL:
        return "[A-Za-z_][A-Za-z0-9_]*";
    case VALUE_NODE:
        return "/.*";
    default:
        return ".+";
    }
}

static void value_put(FILE *out, const struct attribute *attribute) {
    if (attribute->type == VALUE_WORD) {
        fputs("        <choice>", out);
        for (unsigned i = 0; attribute->words[i]; i++) {
            fprintf(out, "<value>%s</value>", attribute->words[i]);
        }
        fputs("</choice>\n", out);
    } else if (attribute->id == ATTRIBUTE_VERSION) {
        fprintf(out, "        <value>%" PRIu64 "</value>\n", attribute->maximum);
    } else {
        fprintf(out, "        <data type=\"string\"><param name=\"pattern\">%s</param></data>\n",
                type_pattern(attribute->type));
    }
}

static void attribute_put(FILE *out, const struct attribute *attribute) {
    if (attribute->need == NEED_UNSUPPORTED || !(attribute->dialects & SKERRY)) {
        return;
    }
    bool optional = attribute->need != NEED_REQUIRED;
    fprintf(out, "%s      <attribute name=\"%s\">\n", optional ? "      <optional>\n" : "",
            attribute->name);
    value_put(out, attribute);
    fprintf(out, "      </attribute>\n%s", optional ? "      </optional>\n" : "");
}

// What may stand inside, in any order.
static void children_put(FILE *out, const struct element *element) {
    bool any = false;
    for (unsigned i = 0; i < ELEMENTS; i++) {
        const struct element *child = &ELEMENT_TABLE[i];
        if (!(child->parents[DIALECT_SKERRY] & BIT(element->id)) || child->unsupported) {
            continue;
        }
        fputs(any ? "" : "      <interleave>\n", out);
        any = true;
        if (child->most == 2 && child->least == 2) {
            fprintf(out, "        <group><ref name=\"%s\"/><ref name=\"%s\"/></group>\n",
                    child->name, child->name);
            continue;
        }
        const char *how = child->most == 1 ? child->least ? NULL : "optional"
                          : child->least   ? "oneOrMore"
                                           : "zeroOrMore";
        if (how) {
            fprintf(out, "        <%s><ref name=\"%s\"/></%s>\n", how, child->name, how);
        } else {
            fprintf(out, "        <ref name=\"%s\"/>\n", child->name);
        }
    }
    fputs(any ? "      </interleave>\n" : "", out);
}

void elements_print_schema(FILE *out) {
    fputs(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"
        "<!-- Printed by `skerry explain` with its option for the schema, from tools/elements.c; edit there. -->\n"
        "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\"\n"
        "    datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\">\n"
        "  <start><ref name=\"system\"/></start>\n",
        out);
    for (unsigned i = 0; i < ELEMENTS; i++) {
        const struct element *element = &ELEMENT_TABLE[i];
        bool ours = element->id == ELEMENT_SYSTEM || element->parents[DIALECT_SKERRY];
        if (element->unsupported || !ours) {
            continue;
        }
        fprintf(out, "  <define name=\"%s\">\n    <element name=\"%s\">\n", element->name,
                element->name);
        for (unsigned j = 0; j < element->attribute_count; j++) {
            attribute_put(out, &element->attributes[j]);
        }
        children_put(out, element);
        bool empty = element->attribute_count == 0;
        fprintf(out, "%s    </element>\n  </define>\n", empty ? "      <empty/>\n" : "");
    }
    fputs("</grammar>\n", out);
}
