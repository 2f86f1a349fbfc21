// SPDX-License-Identifier: BSD-2-Clause
// Starting QEMU and following its serial file.
#include "tools/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MS    10
#define BUFFER     65536u
#define STOP_TRIES 100 // times IDLE_MS until SIGKILL

struct follow {
    struct arena *arena;
    pid_t pid;
    int status; // -1: running
    int file;
    const char *errors_path;
    char buffer[BUFFER + 1];
    size_t used, taken;
    size_t text_length; // of the last FOLLOW_TEXT
};

static void child_run(const struct arguments *arguments, int errors) {
    // The emulator must not outlive us, whatever ends us; Ctrl-C is ours to handle.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(errors, 2);
    execvp(arguments->list[0], (char *const *)arguments->list);
    dprintf(2, "%s: %s\n", arguments->list[0], strerror(errno));
    _exit(127);
}

struct follow *follow_start(struct arena *arena, struct arguments *arguments,
                            const char *serial_path, char **why) {
    struct follow *follow = ARENA_NEW(arena, struct follow);
    follow->arena = arena;
    follow->status = -1;
    follow->errors_path = arena_printf(arena, "%s.errors", serial_path);
    arguments_add(arena, arguments, "-chardev");
    arguments_add(arena, arguments,
                  arena_printf(arena, "file,id=serial0,path=%s", qemu_path(arena, serial_path)));
    arguments_add(arena, arguments, "-serial");
    arguments_add(arena, arguments, "chardev:serial0");
    follow->file = open(serial_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int errors = open(follow->errors_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (follow->file < 0 || errors < 0) {
        *why = arena_printf(arena, "%s: %s", serial_path, strerror(errno));
        return NULL;
    }
    follow->pid = fork();
    if (follow->pid == 0) {
        child_run(arguments, errors);
    }
    close(errors);
    if (follow->pid < 0) {
        *why = arena_printf(arena, "fork: %s", strerror(errno));
        return NULL;
    }
    return follow;
}

static void reap(struct follow *follow, int options) {
    int status;
    if (follow->status == -1 && waitpid(follow->pid, &status, options) == follow->pid) {
        follow->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

static void idle(void) {
    struct timespec time = {0, IDLE_MS * 1000000};
    nanosleep(&time, NULL);
}

// A whole line in the buffer, or what there is if it is full. NULL: not yet.
static const char *line_take(struct follow *follow, bool flush) {
    char *from = follow->buffer + follow->taken;
    size_t length = follow->used - follow->taken;
    char *newline = memchr(from, '\n', length);
    if (!newline && !(length && (flush || length >= BUFFER / 2))) {
        return NULL;
    }
    char *end = newline ? newline : from + length;
    *end = 0;
    if (end > from && end[-1] == '\r') {
        end[-1] = 0;
    }
    follow->taken = (size_t)(end - follow->buffer) + (newline ? 1 : 0);
    return from;
}

static size_t refill(struct follow *follow) {
    memmove(follow->buffer, follow->buffer + follow->taken, follow->used - follow->taken);
    follow->used -= follow->taken;
    follow->taken = 0;
    ssize_t got = read(follow->file, follow->buffer + follow->used, BUFFER - follow->used);
    follow->used += got > 0 ? (size_t)got : 0;
    return got > 0 ? (size_t)got : 0;
}

static const char *take(struct follow *follow, bool raw, bool flush) {
    if (!raw) {
        return line_take(follow, flush);
    }
    if (follow->taken == follow->used) {
        return NULL;
    }
    const char *text = follow->buffer + follow->taken;
    follow->text_length = follow->used - follow->taken;
    follow->taken = follow->used;
    return text;
}

enum follow_event follow_next(struct follow *follow, bool raw, const char **line) {
    bool ended = follow->status != -1; // looked at before reading: what it wrote before is complete
    if ((*line = take(follow, raw, false))) {
        return raw ? FOLLOW_TEXT : FOLLOW_LINE;
    }
    if (refill(follow) && (*line = take(follow, raw, false))) {
        return raw ? FOLLOW_TEXT : FOLLOW_LINE;
    }
    if (ended) {
        *line = take(follow, raw, true);
        return !*line ? FOLLOW_END : raw ? FOLLOW_TEXT : FOLLOW_LINE;
    }
    reap(follow, WNOHANG);
    idle();
    return FOLLOW_IDLE;
}

size_t follow_text_length(const struct follow *follow) {
    return follow->text_length;
}

void follow_stop(struct follow *follow) {
    if (follow->status == -1) {
        kill(follow->pid, SIGTERM);
    }
    for (unsigned i = 0; follow->status == -1 && i < STOP_TRIES; i++) {
        reap(follow, WNOHANG);
        idle();
    }
    if (follow->status == -1) {
        kill(follow->pid, SIGKILL);
        reap(follow, 0);
    }
    if (follow->file >= 0) {
        close(follow->file);
        follow->file = -1;
    }
}

u64 follow_processor_ns(const struct follow *follow) {
    clockid_t clock;
    struct timespec time;
    if (follow->status != -1 || clock_getcpuclockid(follow->pid, &clock) ||
        clock_gettime(clock, &time)) {
        return 0;
    }
    return (u64)time.tv_sec * 1000000000 + (u64)time.tv_nsec;
}

int follow_status(const struct follow *follow) {
    return follow->status;
}

char *follow_errors(struct follow *follow) {
    struct bytes text = file_read(follow->arena, follow->errors_path);
    char *kept = arena_copy(follow->arena, "", 0);
    for (char *line = (char *)text.data; line && *line;) {
        size_t length = strcspn(line, "\n");
        bool more = line[length] == '\n';
        line[length] = 0;
        if (!strstr(line, "has no peer") && !strstr(line, "terminating on signal")) {
            kept = arena_printf(follow->arena, "%s%s\n", kept, line);
        }
        line += length + more;
    }
    return kept;
}
