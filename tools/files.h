// SPDX-License-Identifier: BSD-2-Clause
// Whole files: read at once, written so that nobody ever sees half of one.
#pragma once

#include "tools/arena.h"

struct bytes {
    u8 *data; // NULL: none
    size_t size;
};

// NULL data if the file cannot be read; errno says why.
struct bytes file_read(struct arena *arena, const char *path);

// Writes a temporary file beside `path` and renames it. False: errno says why, and `path` is untouched.
bool file_write(const char *path, const void *data, size_t size);

bool file_exists(const char *path);
bool directory_make(const char *path); // true also if it is there already

// Path of the folder of a file: "a/b.c" gives "a", "b.c" gives ".".
char *path_folder(struct arena *arena, const char *path);

// Last part without its extension: "a/b.system" gives "b".
char *path_stem(struct arena *arena, const char *path);
