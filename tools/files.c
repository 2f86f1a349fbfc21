// SPDX-License-Identifier: BSD-2-Clause
// Reading and writing whole files.
#define _GNU_SOURCE // mkostemp
#include "tools/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes file_read(struct arena *arena, const char *path) {
    struct bytes bytes = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        return bytes;
    }
    struct stat status;
    if (fstat(fileno(file), &status) || !S_ISREG(status.st_mode)) {
        fclose(file);
        errno = errno ? errno : EINVAL;
        return bytes;
    }
    u8 *data = arena_alloc(arena, (size_t)status.st_size + 1);
    size_t got = fread(data, 1, (size_t)status.st_size, file);
    if (!ferror(file)) {
        bytes = (struct bytes){data, got};
    }
    fclose(file);
    return bytes;
}

static bool write_all(int fd, const u8 *data, size_t size) {
    while (size) {
        ssize_t put = write(fd, data, size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        data += put;
        size -= (size_t)put;
    }
    return true;
}

bool file_write(const char *path, const void *data, size_t size) {
    char temporary[4096];
    int length = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return false;
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool written = write_all(fd, data, size) && !fchmod(fd, 0644);
    written = !close(fd) && written;
    if (written && !rename(temporary, path)) {
        return true;
    }
    int error = errno;
    unlink(temporary);
    errno = error;
    return false;
}

bool file_exists(const char *path) {
    return !access(path, R_OK);
}

bool directory_make(const char *path) {
    return !mkdir(path, 0777) || errno == EEXIST;
}

char *path_folder(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return arena_copy(arena, ".", 1);
    }
    return slash == path ? arena_copy(arena, "/", 1)
                         : arena_copy(arena, path, (size_t)(slash - path));
}

char *path_stem(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return arena_copy(arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}
