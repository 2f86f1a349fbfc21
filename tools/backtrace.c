// SPDX-License-Identifier: BSD-2-Clause
// Resolving a backtrace with addr2line: DWARF is its trade, not ours.
#include "tools/backtrace.h"

#include <stdlib.h>
#include <string.h>

#include "tools/process.h"
#include "tools/qemu.h"

#define MAX_ADDRESSES 64

void backtrace_print(struct arena *arena, const char *elf_path, const char *text, FILE *out) {
    struct arguments arguments = {NULL, 0, 0};
    const char *const fixed[] = {
        "riscv64-unknown-elf-addr2line", "-a", "-f", "-i", "-p", "-e", elf_path};
    for (unsigned i = 0; i < ARRAY_LENGTH(fixed); i++) {
        arguments_add(arena, &arguments, fixed[i]);
    }
    unsigned count = 0;
    for (const char *at = strstr(text, "0x"); at && count < MAX_ADDRESSES;
         at = strstr(at + 2, "0x"), count++) {
        u64 address = strtoull(at, NULL, 16);
        // A return address points behind its call; the call is what a reader looks for.
        arguments_add(
            arena, &arguments,
            arena_printf(arena, "0x%llx", (unsigned long long)(address - (count ? 1 : 0))));
    }
    if (!count) {
        return;
    }
    struct process_result result = process_run(arena, (char *const *)arguments.list);
    if (result.status) {
        fprintf(out, "    (no source lines: %s)\n",
                result.output ? result.output : "addr2line failed");
        return;
    }
    for (char *line = strtok(result.output, "\n"); line; line = strtok(NULL, "\n")) {
        fprintf(out, "    %s\n", line);
    }
}
