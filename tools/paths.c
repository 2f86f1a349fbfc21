// SPDX-License-Identifier: BSD-2-Clause
// Counting paths in QEMU's execution trace: one line for each instruction executed in the ranges asked for,
//
//     Trace HART: host [flags/PC/flags/flags] symbol
//     Stopped execution of TB chain before host [PC] symbol      the line before was not executed after all
//
// The kernel runs with interrupts off from the trap vector to `sret`. A stretch is what comes between two
// instants at which an interrupt would be taken: a PC at the vector, a wait for work, or a look at `sip` (a
// preemption point; what is pending is then served next).
// A job's own instructions are those in the program's pages from one end of a job (rt_stats_job, which counts it) to the next.
#define _GNU_SOURCE // pipes by name, poll
#include "tools/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/boot_command.h"
#include "tools/follow.h"
#include "tools/image.h"

#define JOBS_OF_FASTEST 13              // of the task with the shortest period: then it is enough
#define MOST_LINES      60000000ull     // … or this, should no task run
#define PATIENCE_NS     600000000000ull // host time
#define BUFFER          (1u << 20)
#define WFI             0x10500073u
#define READ_SIP        0x14402073u // csrr rd, sip
#define ANY_RD          0x00000f80u
#define MAX_LOOKS       64
#define JOB_END         "rt_stats_job" // called once at the end of each job (user/rt/stats.h)

struct kernel_path {
    u64 vector;          // PC of the trap vector
    u64 base, end;       // of the kernel's code
    u64 look[MAX_LOOKS]; // PCs of instructions that end a stretch
    unsigned looks;
    u64 enter;     // where it leaves for user mode
    bool entered;  // it has left once …
    bool counting; // … and come back: boot is not a stretch
    u64 length, longest, count;
};

struct job_path {
    const struct domain *domain;
    u64 base, end, job_end;
    bool counting; // the first job includes start-up, and is left out
    u64 length, shortest, longest, jobs;
};

struct tracer {
    struct arena *arena;
    struct system *system;
    struct kernel_path kernel[MAX_CORES];
    struct job_path *jobs;
    unsigned job_count;
    const struct job_path *fastest;
    u64 lines;
    u64 *last; // the counter that the last line raised
    int fifo;
    char *buffer;
    size_t used;
};

/* ---- What to look for -------------------------------------------------------------------------- */

static bool kernel_prepare(struct tracer *tracer, struct kernel_path *path, const char *elf) {
    struct image *image = NULL;
    char *why = NULL;
    u64 bytes, text_end;
    if (image_load(tracer->arena, elf, &image, &why) != IMAGE_OK ||
        !image_symbol(image, "riscv_trap", &path->vector, &bytes) ||
        !image_symbol(image, "riscv_enter", &path->enter, &bytes) ||
        !image_symbol(image, "riscv_text_end", &text_end, &bytes)) {
        fprintf(stderr, "skerry run: error: no paths: %s\n",
                why ? why : "the kernel has no symbols");
        return false;
    }
    path->base = image->base;
    path->end = text_end;
    // Compressed instructions make every even address a possible beginning.
    for (u64 at = image->base; at + 4 <= text_end && path->looks < MAX_LOOKS; at += 2) {
        u32 word;
        memcpy(&word, image_at(image, at, 4), sizeof(word));
        if (word == WFI || (word & ~ANY_RD) == READ_SIP) {
            path->look[path->looks++] = at;
        }
    }
    return true;
}

// Two programs of one core at the same addresses cannot be told apart in the trace.
static bool range_alone(const struct system *system, const struct domain *domain) {
    struct range own = {domain->image->base, domain->image->bytes};
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *other = &system->domains[i];
        struct range range = {other->image->base, other->image->bytes};
        if (other != domain && other->core == domain->core && ranges_overlap(own, range)) {
            return false;
        }
    }
    return true;
}

static void jobs_prepare(struct tracer *tracer) {
    const struct system *system = tracer->system;
    tracer->jobs = ARENA_ARRAY(tracer->arena, struct job_path, system->domain_count + 1);
    for (unsigned i = 0; i < system->domain_count; i++) {
        const struct domain *domain = &system->domains[i];
        u64 job_end, bytes;
        if (!domain->task || !image_symbol(domain->image, JOB_END, &job_end, &bytes) ||
            !range_alone(system, domain)) {
            continue;
        }
        struct job_path *job = &tracer->jobs[tracer->job_count++];
        *job = (struct job_path){.domain = domain,
                                 .base = domain->image->base,
                                 .end = domain->image->base + domain->image->bytes,
                                 .job_end = job_end};
        if (!tracer->fastest ||
            domain->task->period_ns < tracer->fastest->domain->task->period_ns) {
            tracer->fastest = job;
        }
    }
}

static char *filter_make(struct tracer *tracer) {
    struct arena *arena = tracer->arena;
    char *filter = NULL;
    for (unsigned i = 0; i < tracer->system->core_count; i++) {
        const struct kernel_path *path = &tracer->kernel[i];
        filter = arena_printf(arena, "%s%s0x%" PRIx64 "+0x%" PRIx64, filter ? filter : "",
                              filter ? "," : "", path->base, path->end - path->base);
    }
    for (unsigned i = 0; i < tracer->job_count; i++) {
        filter = arena_printf(arena, "%s,0x%" PRIx64 "+0x%" PRIx64, filter, tracer->jobs[i].base,
                              tracer->jobs[i].end - tracer->jobs[i].base);
    }
    return filter;
}

/* ---- Counting ---------------------------------------------------------------------------------- */

static void stretch_end(struct kernel_path *path) {
    if (path->counting && path->length) {
        path->count++;
        path->longest = path->length > path->longest ? path->length : path->longest;
    }
    path->length = 0;
}

static void kernel_step(struct tracer *tracer, struct kernel_path *path, u64 pc) {
    if (pc == path->vector) {
        stretch_end(path);
        path->counting |= path->entered;
    }
    path->entered |= pc == path->enter;
    path->length++;
    tracer->last = &path->length;
    for (unsigned i = 0; i < path->looks; i++) {
        if (path->look[i] == pc) {
            stretch_end(path);
        }
    }
}

static void job_step(struct tracer *tracer, struct job_path *job, u64 pc) {
    if (pc == job->job_end) {
        if (job->counting) {
            job->jobs++;
            job->longest = job->length > job->longest ? job->length : job->longest;
            job->shortest =
                job->jobs == 1 || job->length < job->shortest ? job->length : job->shortest;
        }
        job->counting = true;
        job->length = 0;
    }
    job->length++;
    tracer->last = &job->length;
}

static void step(struct tracer *tracer, u64 hart, u64 pc) {
    struct system *system = tracer->system;
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].hart != hart) {
            continue;
        }
        if (pc >= tracer->kernel[i].base) {
            kernel_step(tracer, &tracer->kernel[i], pc);
            return;
        }
        for (unsigned j = 0; j < tracer->job_count; j++) {
            struct job_path *job = &tracer->jobs[j];
            if (job->domain->core == &system->cores[i] && pc >= job->base && pc < job->end) {
                job_step(tracer, job, pc);
                return;
            }
        }
    }
}

static u64 hex(const char *at) {
    u64 value = 0;
    for (;; at++) {
        unsigned digit = *at >= '0' && *at <= '9'   ? (unsigned)(*at - '0')
                         : *at >= 'a' && *at <= 'f' ? (unsigned)(*at - 'a' + 10)
                                                    : 16;
        if (digit == 16) {
            return value;
        }
        value = value << 4 | digit;
    }
}

static void line_take(struct tracer *tracer, const char *line) {
    tracer->lines++;
    if (!strncmp(line, "Trace ", 6)) {
        const char *bracket = strchr(line, '['), *slash = bracket ? strchr(bracket, '/') : NULL;
        if (slash) {
            tracer->last = NULL;
            step(tracer, strtoull(line + 6, NULL, 10), hex(slash + 1));
        }
    } else if (!strncmp(line, "Stopped", 7) && tracer->last && *tracer->last) {
        --*tracer->last;
        tracer->last = NULL;
    }
}

static bool enough(const struct tracer *tracer) {
    return tracer->lines >= MOST_LINES ||
           (tracer->fastest && tracer->fastest->jobs >= JOBS_OF_FASTEST);
}

// Counts what there is to read, if there is anything.
static void read_some(struct tracer *tracer) {
    struct pollfd waiting = {.fd = tracer->fifo, .events = POLLIN};
    if (poll(&waiting, 1, 1) <= 0) {
        return;
    }
    ssize_t got = read(tracer->fifo, tracer->buffer + tracer->used, BUFFER - tracer->used);
    if (got <= 0) {
        return;
    }
    tracer->used += (size_t)got;
    char *line = tracer->buffer, *end = tracer->buffer + tracer->used;
    for (char *newline; !enough(tracer) && (newline = memchr(line, '\n', (size_t)(end - line)));
         line = newline + 1) {
        *newline = 0;
        line_take(tracer, line);
    }
    tracer->used = (size_t)(end - line);
    memmove(tracer->buffer, line, tracer->used);
}

/* ---- Tables ------------------------------------------------------------------------------------ */

static void tables_print(const struct tracer *tracer) {
    puts(
        "\npaths, in instructions of the hart's own (simulated, counted from outside, firmware apart)");
    printf("%-32s %12s %12s\n", "kernel, interrupts off", "stretches", "longest");
    for (unsigned i = 0; i < tracer->system->core_count; i++) {
        const struct kernel_path *path = &tracer->kernel[i];
        const struct core *core = &tracer->system->cores[i];
        printf("%-32s %12" PRIu64 " %12" PRIu64 "\n",
               arena_printf(tracer->arena, "%s (%s)", core->name, variant_name(core->variant)),
               path->count, path->longest);
    }
    printf("\n%-32s %12s %12s %12s\n", "task, its program per job", "jobs", "shortest", "longest");
    for (unsigned i = 0; i < tracer->job_count; i++) {
        const struct job_path *job = &tracer->jobs[i];
        if (job->jobs) {
            printf("%-32s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", job->domain->task->name,
                   job->jobs, job->shortest, job->longest);
        }
    }
}

static struct follow *traced_start(struct tracer *tracer, const char *folder,
                                   const struct run_options *options) {
    struct arena *arena = tracer->arena;
    char *fifo = arena_printf(arena, "%s/trace", folder), *why = NULL;
    if (mkfifo(fifo, 0600) && errno != EEXIST) {
        fprintf(stderr, "skerry run: error: %s: %s\n", fifo, strerror(errno));
        return NULL;
    }
    tracer->fifo = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct arguments arguments =
        boot_arguments(arena, tracer->system, arena_printf(arena, "%s/package.bin", folder),
                       arena_printf(arena, "%s/machine.dtb", folder));
    const char *const traced[] = {"-no-reboot",
                                  "-accel",
                                  "tcg,one-insn-per-tb=on",
                                  "-d",
                                  "exec,nochain",
                                  "-dfilter",
                                  filter_make(tracer),
                                  "-D",
                                  fifo};
    for (unsigned i = 0; i < ARRAY_LENGTH(traced); i++) {
        arguments_add(arena, &arguments, traced[i]);
    }
    for (const char *const *extra = options->extra; extra && *extra; extra++) {
        arguments_add(arena, &arguments, *extra);
    }
    struct follow *follow =
        follow_start(arena, &arguments, arena_printf(arena, "%s/paths.log", folder), &why);
    if (!follow) {
        fprintf(stderr, "skerry run: error: the emulator cannot be started: %s\n", why);
    }
    return follow;
}

bool paths_print(struct load *load, const struct package_output *package, const char *folder,
                 const struct run_options *options) {
    struct tracer *tracer = ARENA_NEW(load->arena, struct tracer);
    tracer->arena = load->arena;
    tracer->system = load->system;
    tracer->buffer = arena_alloc(load->arena, BUFFER + 1);
    for (unsigned i = 0; i < load->system->core_count; i++) {
        if (!kernel_prepare(tracer, &tracer->kernel[i], package->partition[i].kernel_path)) {
            return false;
        }
    }
    jobs_prepare(tracer);
    struct follow *follow = traced_start(tracer, folder, options);
    if (!follow) {
        return false;
    }
    u64 started_ns = host_time_ns();
    bool ended = false;
    while (!ended && !enough(tracer) && !run_interrupted() &&
           host_time_ns() - started_ns < PATIENCE_NS) {
        u64 lines = tracer->lines;
        read_some(tracer);
        // Until the emulator has opened the pipe, and while all harts sleep, there is nothing to read.
        const char *line;
        if (lines == tracer->lines) {
            enum follow_event event = follow_next(follow, false, &line);
            ended = event == FOLLOW_END ||
                    (event == FOLLOW_LINE && !strncmp(line, "@skerry exit ", 13));
        }
    }
    follow_stop(follow);
    close(tracer->fifo);
    bool complete = tracer->lines > 0 && (ended || enough(tracer));
    if (complete) {
        tables_print(tracer);
    } else {
        fprintf(stderr, "skerry run: error: the traced run ended early\n%s", follow_errors(follow));
    }
    return complete;
}
