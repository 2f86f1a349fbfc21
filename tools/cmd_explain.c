// SPDX-License-Identifier: BSD-2-Clause
// `skerry explain`: the long text behind a code, and the manuals made from the tables.
#include <stdio.h>
#include <string.h>

#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/elements.h"

// Prints a paragraph in lines of at most 78 columns.
static void paragraph_print(const char *text) {
    size_t column = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column && column + 1 + length > 78) {
            putchar('\n');
            column = 0;
        } else if (column) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

int cmd_explain(int argc, char **argv) {
    if (argc != 2) {
        return usage_error("explain", "one code, such as SK020");
    }
    static const struct {
        const char *option;
        void (*print)(FILE *out);
    } MADE[] = {{"--all", codes_print_manual},       {"--elements", elements_print_manual},
                {"--words", elements_print_words},   {"--schema", elements_print_schema},
                {"--manual", commands_print_manual}, {"--completion", commands_print_completion}};
    for (unsigned i = 0; i < ARRAY_LENGTH(MADE); i++) {
        if (!strcmp(argv[1], MADE[i].option)) {
            MADE[i].print(stdout);
            return EXIT_GOOD;
        }
    }
    enum code code;
    if (!code_by_name(argv[1], &code)) {
        return usage_error("explain", "there is no code \"%s\"; docs/errors.md lists them all",
                           argv[1]);
    }
    printf("%s: %s\n\n", code_name(code), code_title(code));
    paragraph_print(code_about(code));
    return EXIT_GOOD;
}
