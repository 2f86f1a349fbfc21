// SPDX-License-Identifier: BSD-2-Clause
// Lines of the emulator's log, from a pipe.
#define _GNU_SOURCE // size of a pipe
#include "tools/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER     (1u << 20)
#define GATHER_NS  2000000
#define NOT_A_HEX  16
#define CAUSE_BITS 0x3fu
#define CHARACTER  "serial_write write addr 0x00 val 0x"
#define LAST_LINE  "@skerry exit " // of the console, as it begins

struct trace {
    trace_taker *take;
    void *context;
    int pipe;
    bool stopped;
    bool holds; // `held` waits for the next line
    struct trace_event held;
    unsigned column; // of the console's line
    bool last;       // so far it reads as the last one does
    size_t used;
    char buffer[BUFFER + 1];
};

static unsigned hex_digit(char c) {
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                  : NOT_A_HEX;
}

static u64 hex(const char *at) {
    u64 value = 0;
    for (unsigned digit; (digit = hex_digit(*at)) != NOT_A_HEX; at++) {
        value = value << 4 | digit;
    }
    return value;
}

static void hand_on(struct trace *trace, const struct trace_event *event) {
    if (!trace->stopped) {
        trace->take(trace->context, event);
    }
}

static void release(struct trace *trace) {
    if (trace->holds) {
        trace->holds = false;
        hand_on(trace, &trace->held);
    }
}

static void step_take(struct trace *trace, const char *line) {
    const char *bracket = strchr(line, '['), *slash = bracket ? strchr(bracket, '/') : NULL;
    release(trace);
    if (slash) {
        trace->holds = true;
        trace->held = (struct trace_event){.kind = TRACE_STEP,
                                           .hart = (unsigned)strtoul(line + 6, NULL, 10),
                                           .pc = hex(slash + 1)};
    }
}

static void trap_take(struct trace *trace, const char *line) {
    const char *hart = strstr(line, "hart:"), *async = strstr(line, "async:"),
               *cause = strstr(line, "cause:");
    release(trace);
    if (hart && async && cause) {
        hand_on(trace, &(struct trace_event){.kind = TRACE_TRAP,
                                             .hart = (unsigned)strtoul(hart + 5, NULL, 10),
                                             .cause = hex(cause + 6) & CAUSE_BITS,
                                             .async = async[6] == '1'});
    }
}

static void character_take(struct trace *trace, char character) {
    release(trace);
    if (character == '\n') {
        trace->stopped |= trace->last && trace->column >= strlen(LAST_LINE);
        trace->column = 0;
        trace->last = true;
        return;
    }
    if (trace->column < strlen(LAST_LINE)) {
        trace->last &= character == LAST_LINE[trace->column++];
    }
}

static void line_take(struct trace *trace, const char *line) {
    if (!strncmp(line, "Trace ", 6)) {
        step_take(trace, line);
    } else if (!strncmp(line, "Stopped", 7)) {
        trace->holds = false;
    } else if (!strncmp(line, "riscv_cpu_do_interrupt", 22)) {
        trap_take(trace, line);
    } else if (!strncmp(line, CHARACTER, strlen(CHARACTER))) {
        character_take(trace, (char)hex(line + strlen(CHARACTER)));
    }
}

// The emulator writes line by line. A reader that took each at once would cost two switches of processes a line, a
// thousand times the line itself; so it lets some come together.
static void let_gather(const struct trace *trace) {
    int bytes = 0;
    if (!ioctl(trace->pipe, FIONREAD, &bytes) && bytes < (int)BUFFER / 2) {
        nanosleep(&(struct timespec){.tv_nsec = GATHER_NS}, NULL);
    }
}

bool trace_read(struct trace *trace, int patience_ms) {
    struct pollfd waiting = {.fd = trace->pipe, .events = POLLIN};
    if (poll(&waiting, 1, patience_ms) <= 0) {
        return false;
    }
    let_gather(trace);
    ssize_t got = read(trace->pipe, trace->buffer + trace->used, BUFFER - trace->used);
    if (got <= 0) {
        return false;
    }
    trace->used += (size_t)got;
    char *line = trace->buffer, *end = trace->buffer + trace->used;
    for (char *newline; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
        *newline = 0;
        line_take(trace, line);
    }
    trace->used = (size_t)(end - line);
    memmove(trace->buffer, line, trace->used);
    return true;
}

struct trace *trace_open(struct arena *arena, const char *path, trace_taker *take, void *context) {
    struct trace *trace = ARENA_NEW(arena, struct trace);
    trace->take = take;
    trace->context = context;
    if (mkfifo(path, 0600) && errno != EEXIST) {
        return NULL;
    }
    trace->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (trace->pipe < 0) {
        return NULL;
    }
    // Fewer switches between the emulator and us; the smaller pipe works, too.
    (void)fcntl(trace->pipe, F_SETPIPE_SZ, (int)BUFFER);
    return trace;
}

void trace_close(struct trace *trace) {
    release(trace);
    close(trace->pipe);
}

void trace_stop(struct trace *trace) {
    trace->stopped = true;
}

bool trace_is_over(const struct trace *trace) {
    return trace->stopped;
}

const char *const *trace_arguments(struct arena *arena, const char *filter, bool traps,
                                   const char *path) {
    const char *const list[] = {
        "-accel",
        "tcg,one-insn-per-tb=on",
        "-d",
        traps ? "exec,nochain,trace:serial_write,int" : "exec,nochain,trace:serial_write",
        "-dfilter",
        filter,
        "-D",
        path,
        NULL};
    const char **copy = ARENA_ARRAY(arena, const char *, ARRAY_LENGTH(list));
    memcpy(copy, list, sizeof(list));
    return copy;
}

bool trace_is_firmware_trap(const struct trace_event *event) {
    if (event->async) { // software, timer and external interrupts of M-mode
        return event->cause == 3 || event->cause == 7 || event->cause == 11;
    }
    switch (event->cause) {
    case 1: // access faults
    case 5:
    case 7:
    case 2: // illegal instruction
    case 9: // ecall from S-mode
        return true;
    default:
        return false;
    }
}
