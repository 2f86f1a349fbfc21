// SPDX-License-Identifier: BSD-2-Clause
// posix_spawn with one pipe for both output streams.
#define _GNU_SOURCE // pipe2
#include "tools/process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *read_all(struct arena *arena, int fd) {
    char chunk[4096];
    char *text = arena_copy(arena, "", 0);
    size_t length = 0;
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return text;
        }
        char *longer = arena_alloc(arena, length + (size_t)got + 1);
        memcpy(longer, text, length);
        memcpy(longer + length, chunk, (size_t)got);
        length += (size_t)got;
        text = longer;
    }
}

struct process_result process_run(struct arena *arena, char *const *argv) {
    struct process_result result = {-1, NULL};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) {
        result.output = arena_printf(arena, "%s", strerror(errno));
        return result;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error) {
        close(ends[0]);
        result.output = arena_printf(arena, "%s: %s", argv[0], strerror(error));
        return result;
    }
    result.output = read_all(arena, ends[0]);
    close(ends[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

char *process_find(struct arena *arena, const char *program) {
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t length = strcspn(path, ":");
        char *candidate = arena_printf(arena, "%.*s/%s", (int)length, path, program);
        if (!access(candidate, X_OK)) {
            return candidate;
        }
        path += length + (path[length] == ':');
    }
    return NULL;
}
