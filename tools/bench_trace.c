// SPDX-License-Identifier: BSD-2-Clause
// Symbols from nm, lines of `-d exec`.
#include "tools/bench_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/process.h"

static int by_address(const void *a, const void *b) {
    u64 x = ((const struct bench_function *)a)->address,
        y = ((const struct bench_function *)b)->address;
    return x < y ? -1 : x > y;
}

void bench_symbols_add(struct arena *arena, struct bench_functions *functions, const char *elf) {
    const char *const argv[] = {"riscv64-unknown-elf-nm", "-n", elf, NULL};
    struct process_result result = process_run(arena, (char *const *)argv);
    unsigned lines = 1;
    for (const char *at = result.output; *at; at++) {
        lines += *at == '\n';
    }
    struct bench_function *list =
        ARENA_ARRAY(arena, struct bench_function, functions->count + lines);
    if (functions->count) {
        memcpy(list, functions->list, functions->count * sizeof(list[0]));
    }
    functions->list = list;
    for (char *line = strtok(result.output, "\n"); line; line = strtok(NULL, "\n")) {
        u64 address;
        char type, name[256];
        if (sscanf(line, "%" SCNx64 " %c %255s", &address, &type, name) == 3 &&
            strchr("tTwW", type) && name[0] != '.' && name[0] != '$') {
            list[functions->count++] =
                (struct bench_function){address, arena_copy(arena, name, strlen(name))};
        }
    }
    qsort(list, functions->count, sizeof(list[0]), by_address);
}

const struct bench_function *bench_function_at(const struct bench_functions *functions, u64 pc) {
    unsigned low = 0, high = functions->count;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;
        *(functions->list[middle].address <= pc ? &low : &high) = middle;
    }
    return &functions->list[low];
}

u64 bench_address_of(const struct bench_functions *functions, const char *name) {
    for (unsigned i = 0; i < functions->count; i++) {
        if (!strcmp(functions->list[i].name, name)) {
            return functions->list[i].address;
        }
    }
    return 0;
}

bool bench_trace_line(const char *line, unsigned *hart, u64 *pc) {
    const char *slash = strncmp(line, "Trace ", 6) ? NULL : strchr(line, '/');
    if (!slash) {
        return false;
    }
    *hart = (unsigned)strtoul(line + 6, NULL, 10);
    *pc = strtoull(slash + 1, NULL, 16);
    return true;
}
