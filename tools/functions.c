// SPDX-License-Identifier: BSD-2-Clause
// Functions from nm.
#include "tools/functions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/process.h"

static int by_address(const void *a, const void *b) {
    u64 x = ((const struct function *)a)->address, y = ((const struct function *)b)->address;
    return x < y ? -1 : x > y;
}

void functions_add(struct arena *arena, struct functions *functions, const char *elf) {
    const char *const argv[] = {"riscv64-unknown-elf-nm", "-n", elf, NULL};
    struct process_result result = process_run(arena, (char *const *)argv);
    unsigned lines = 1;
    for (const char *at = result.output; *at; at++) {
        lines += *at == '\n';
    }
    struct function *list = ARENA_ARRAY(arena, struct function, functions->count + lines);
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
                (struct function){address, arena_copy(arena, name, strlen(name))};
        }
    }
    qsort(list, functions->count, sizeof(list[0]), by_address);
}

const struct function *function_at(const struct functions *functions, u64 pc) {
    unsigned low = 0, high = functions->count;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;
        *(functions->list[middle].address <= pc ? &low : &high) = middle;
    }
    return &functions->list[low];
}

u64 function_address(const struct functions *functions, const char *name) {
    for (unsigned i = 0; i < functions->count; i++) {
        if (!strcmp(functions->list[i].name, name)) {
            return functions->list[i].address;
        }
    }
    return 0;
}
