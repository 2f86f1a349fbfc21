// SPDX-License-Identifier: BSD-2-Clause
/*
 * A fuzzer's target as an ordinary test: the inputs that long runs kept, then random bytes from a fixed generator. It
 * passes if it ends.
 *
 *     smoke [--runs N] [--seed S] [PATH…]    files, and folders of files, that are inputs
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/kernel/input.h"

#define MOST_BYTES 65536

static u8 buffer[MOST_BYTES];

/* splitmix64 (Steele, Lea, Flood 2014). */
static u64 next(u64 *state) {
    *state += 0x9e3779b97f4a7c15ull;
    u64 z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static void run_random(u64 seed) {
    u64 state = seed;
    size_t bytes = next(&state) % fuzz_most_bytes;

    for (size_t i = 0; i < bytes; i++) {
        buffer[i] = (u8)next(&state);
    }
    fuzz_input(buffer, bytes);
}

static unsigned files;

static bool run_file(const char *name) {
    FILE *file = fopen(name, "rb");

    if (file == NULL) {
        (void)fprintf(stderr, "%s: cannot be read\n", name);
        return false;
    }
    size_t bytes = fread(buffer, 1, sizeof buffer, file);

    (void)fclose(file);
    fuzz_input(buffer, bytes);
    files++;
    return true;
}

/* A file, or all files of a folder; a folder without any is a mistake. */
static bool run_path(const char *path) {
    DIR *folder = opendir(path);
    unsigned before = files;
    bool good = true;

    if (folder == NULL) {
        return run_file(path);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char name[1024];

        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        good = (entry->d_name[0] == '.' || run_file(name)) && good;
    }
    (void)closedir(folder);
    return good && files > before;
}

int main(int argc, char **argv) {
    u64 runs = 1000;
    u64 seed = 1;
    bool good = true;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc) {
            runs = strtoull(argv[++i], NULL, 0);
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            seed = strtoull(argv[++i], NULL, 0);
        } else {
            good = run_path(argv[i]) && good;
        }
    }
    for (u64 i = 0; i < runs; i++) {
        run_random(seed + i);
    }
    printf("%s 1 - %s: %u kept inputs, %lu random ones\n1..1\n", good ? "ok" : "not ok", fuzz_name,
           files, runs);
    return good ? 0 : 1;
}
