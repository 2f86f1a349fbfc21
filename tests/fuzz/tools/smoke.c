// SPDX-License-Identifier: BSD-2-Clause
// The fuzzers' inputs as an ordinary test: seeds and the golden cases, each mutated a fixed number of times by a
// fixed generator, and the inputs that long runs kept. It passes if it ends; in build/asan the sanitizers end it at the
// first bad access.
//
//     tools-smoke CASES CORPUS    a folder with *.system files; one with a folder for each kind of file
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/tools/inputs.h"
#include "tools/files.h"

#define MUTANTS_OF_SEED 1500
#define MUTANTS_OF_CASE 20
#define MAX_EDITS       4

static u64 state;

// xorshift64* (Vigna 2016).
static u64 chance(u64 below) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 0x2545f4914f6cdd1dull >> 16) % below;
}

// One edit: a bit, a byte, a stretch copied, removed or cut off at the end.
static size_t edit(u8 *data, size_t bytes, size_t room) {
    static const u8 NASTY[] = {0, 0xff, '<', '>', '"', '&', '/', '=', ' ', '0', 0x80, 0x7f};
    size_t at = chance(bytes), length = 1 + chance(bytes - at > 40 ? 40 : bytes - at);
    switch (chance(5)) {
    case 0:
        data[at] ^= (u8)(1u << chance(8));
        return bytes;
    case 1:
        data[at] = NASTY[chance(sizeof(NASTY))];
        return bytes;
    case 2:
        if (bytes + length > room) {
            return bytes;
        }
        memmove(data + at + length, data + at, bytes - at);
        return bytes + length;
    case 3:
        memmove(data + at, data + at + length, bytes - at - length);
        return bytes > length ? bytes - length : bytes;
    default:
        return chance(16) ? bytes : at + 1;
    }
}

static void mutate(enum input_kind kind, const u8 *seed, size_t bytes, unsigned mutants) {
    size_t room = bytes + 256;
    u8 *data = malloc(room);
    state = 0x9e3779b97f4a7c15ull ^ bytes; // the same mutants, in whatever order files are listed
    input_try(kind, seed, bytes);
    for (unsigned i = 0; data && i < mutants; i++) {
        memcpy(data, seed, bytes);
        size_t length = bytes;
        for (u64 edits = 1 + chance(MAX_EDITS); edits; edits--) {
            length = edit(data, length, room);
        }
        input_try(kind, data, length);
    }
    free(data);
}

// Visits the files of a folder whose names end like that; returns how many.
static unsigned files_visit(const char *folder, const char *suffix,
                            void (*visit)(enum input_kind kind, struct bytes text),
                            enum input_kind kind) {
    struct arena *arena = arena_new();
    DIR *directory = opendir(folder);
    unsigned files = 0;
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        if (entry->d_name[0] == '.' || !strstr(entry->d_name, suffix)) {
            continue;
        }
        struct bytes text = file_read(arena, arena_printf(arena, "%s/%s", folder, entry->d_name));
        if (text.data) {
            visit(kind, text);
            files++;
        }
    }
    if (directory) {
        closedir(directory);
    }
    arena_free(arena);
    return files;
}

static void case_mutate(enum input_kind kind, struct bytes text) {
    if (text.size && text.size < 16384) {
        mutate(kind, text.data, text.size, MUTANTS_OF_CASE);
    }
}

static void kept_try(enum input_kind kind, struct bytes text) {
    input_try(kind, text.data, text.size);
}

static void point_print(bool good, unsigned count, const char *what, const char *of) {
    static unsigned point;
    printf("%s %u - %u %s %s\n", good ? "ok" : "not ok", ++point, count, what, of);
}

int main(int argc, char **argv) {
    static const char *const NAMES[INPUT_KINDS] = {"system-file", "device-tree", "elf"};
    bool good = argc == 3;
    printf("1..%d\n", 2 * INPUT_KINDS + 1);
    for (enum input_kind kind = 0; kind < INPUT_KINDS && good; kind++) {
        char folder[1024];
        size_t bytes;
        const u8 *seed = input_seed(kind, &bytes);
        mutate(kind, seed, bytes, MUTANTS_OF_SEED);
        point_print(true, MUTANTS_OF_SEED, "mutants of one", NAMES[kind]);
        snprintf(folder, sizeof(folder), "%s/%s", argv[2], NAMES[kind]);
        unsigned kept = files_visit(folder, "", kept_try, kind);
        point_print(kept > 0, kept, "kept inputs for", NAMES[kind]);
    }
    unsigned cases = good ? files_visit(argv[1], ".system", case_mutate, INPUT_SYSTEM) : 0;
    point_print(cases > 0, cases, "golden cases, mutated, for", NAMES[INPUT_SYSTEM]);
    return 0;
}
