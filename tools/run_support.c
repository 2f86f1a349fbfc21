// SPDX-License-Identifier: BSD-2-Clause
// What both ways of running need: Ctrl-C, host time, a folder.
#define _POSIX_C_SOURCE 200809L // sigaction, mkdtemp
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/files.h"
#include "tools/run.h"

#define SILENCE_NS      60000000000ull
#define SILENCE_HOST_NS 600000000000ull

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
    (void)signal;
    interrupted = 1;
}

void run_watch_interrupt(void) {
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    // Nobody reads on: end in order, so that no emulator and no folder is left behind.
    sigaction(SIGPIPE, &action, NULL);
}

bool run_interrupted(void) {
    return interrupted != 0;
}

u64 host_time_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u64)now.tv_sec * 1000000000ull + (u64)now.tv_nsec;
}

bool run_is_silent(struct run_instant heard, struct run_instant now) {
    return now.processor_ns > heard.processor_ns + SILENCE_NS ||
           now.host_ns > heard.host_ns + SILENCE_HOST_NS;
}

char *run_folder(struct arena *arena, const struct run_options *options) {
    if (options->log_folder) {
        return directory_make(options->log_folder)
                   ? arena_copy(arena, options->log_folder, strlen(options->log_folder))
                   : NULL;
    }
    const char *where = getenv("TMPDIR");
    char *folder = arena_printf(arena, "%s/skerry-run.XXXXXX", where ? where : "/tmp");
    return mkdtemp(folder);
}

void run_folder_remove(struct arena *arena, const struct run_options *options, const char *folder) {
    DIR *directory = options->log_folder ? NULL : opendir(folder);
    if (!directory) {
        return;
    }
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            unlink(arena_printf(arena, "%s/%s", folder, entry->d_name));
        }
    }
    closedir(directory);
    rmdir(folder);
}
