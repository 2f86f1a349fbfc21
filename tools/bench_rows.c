// SPDX-License-Identifier: BSD-2-Clause
// Rows: summaries, and a result that grows by them.
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"

static int order(const void *a, const void *b) {
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

static u64 *sorted_copy(struct arena *arena, const u64 *samples, unsigned count) {
    u64 *sorted = ARENA_ARRAY(arena, u64, count + 1);
    memcpy(sorted, samples, count * sizeof(u64));
    qsort(sorted, count, sizeof(u64), order);
    return sorted;
}

void bench_row_summarise(struct arena *arena, struct bench_row *row) {
    u64 *sorted = sorted_copy(arena, row->samples, row->count);
    row->min = sorted[0];
    row->median = sorted[row->count / 2];
    row->p99 = sorted[row->count * 99ul / 100];
    row->max = row->count ? sorted[row->count - 1] : 0;
    for (row->input = 0; row->input < row->count && row->samples[row->input] != row->max;) {
        row->input++;
    }
}

static void room_make(struct arena *arena, struct bench_result *result) {
    if (result->row_count < result->row_room) {
        return;
    }
    result->row_room = 2 * result->row_room + 64;
    struct bench_row *rows = ARENA_ARRAY(arena, struct bench_row, result->row_room);
    if (result->row_count) {
        memcpy(rows, result->rows, result->row_count * sizeof(rows[0]));
    }
    result->rows = rows;
}

struct bench_row *bench_row_add(struct arena *arena, struct bench_result *result,
                                const struct bench_row *row) {
    room_make(arena, result);
    struct bench_row *added = &result->rows[result->row_count++];
    *added = *row;
    added->reference = bench_reference_find(row->name);
    added->unit = row->unit ? row->unit : "instructions";
    bench_row_summarise(arena, added);
    return added;
}

struct bench_row *bench_row_add_sorted(struct arena *arena, struct bench_result *result,
                                       const char *name, const u64 *samples, unsigned count) {
    struct bench_row row = {
        .name = name, .samples = sorted_copy(arena, samples, count), .count = count};
    return bench_row_add(arena, result, &row);
}

const struct bench_row *bench_row_find(const struct bench_result *result, const char *name) {
    for (unsigned i = 0; i < result->row_count; i++) {
        if (!strcmp(result->rows[i].name, name)) {
            return &result->rows[i];
        }
    }
    return NULL;
}

bool bench_row_is_phased(const struct bench_row *row) {
    return !strncmp(row->name, "irq.from-", 9) || !strcmp(row->name, "sched.jitter") ||
           !strncmp(row->name, "stretch.", 8) || !strncmp(row->name, "cyclic.", 7);
}

bool bench_row_meets_aim(const struct bench_row *row) {
    // A stretch with interrupts off keeps somebody waiting however rare it is.
    u64 figure = strncmp(row->name, "stretch.", 8) ? row->median : row->max;
    return row->reference && row->reference->aim && figure <= row->reference->aim;
}
