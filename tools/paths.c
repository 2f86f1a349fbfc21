// SPDX-License-Identifier: BSD-2-Clause
// Counting paths in QEMU's execution trace (tools/trace.h), while a system runs.
//
// Kernels: stretches with interrupts off (tools/stretch.h). A job's own instructions are those in the program's
// pages from one end of a job (rt_stats_job, which counts it) to the next.
#include "tools/paths.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_command.h"
#include "tools/follow.h"
#include "tools/image.h"
#include "tools/stretch.h"
#include "tools/trace.h"

#define JOBS_OF_FASTEST 13              // of the task with the shortest period: then it is enough
#define MOST_STEPS      60000000ull     // instructions: … or this, should no task run
#define PATIENCE_NS     600000000000ull // host time
#define JOB_END         "rt_stats_job"  // called once at the end of each job (user/rt/stats.h)

struct job_path {
    const struct domain *domain;
    u64 base, end, job_end;
    bool counting; // the first job includes start-up, and is left out
    u64 length;
    struct paths_job result;
};

struct tracer {
    struct arena *arena;
    struct system *system;
    struct stretch_kernel kernel[MAX_CORES];
    struct stretch stretch[MAX_CORES];
    struct job_path *jobs;
    unsigned job_count;
    const struct job_path *fastest;
    u64 steps;
    struct trace *trace;
};

/* ---- What to look for -------------------------------------------------------------------------- */

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
        const struct stretch_kernel *kernel = &tracer->kernel[i];
        filter = arena_printf(arena, "%s%s0x%" PRIx64 "+0x%" PRIx64, filter ? filter : "",
                              filter ? "," : "", kernel->base, kernel->end - kernel->base);
    }
    for (unsigned i = 0; i < tracer->job_count; i++) {
        filter = arena_printf(arena, "%s,0x%" PRIx64 "+0x%" PRIx64, filter, tracer->jobs[i].base,
                              tracer->jobs[i].end - tracer->jobs[i].base);
    }
    return filter;
}

/* ---- Counting ---------------------------------------------------------------------------------- */

static bool enough(const struct tracer *tracer) {
    return tracer->steps >= MOST_STEPS ||
           (tracer->fastest && tracer->fastest->result.count >= JOBS_OF_FASTEST);
}

static void job_step(struct job_path *job, u64 pc) {
    if (pc == job->job_end) {
        if (job->counting && job->result.count < PATHS_MAX_JOBS) {
            job->result.lengths[job->result.count++] = job->length;
        }
        job->counting = true;
        job->length = 0;
    }
    job->length++;
}

static void core_step(struct tracer *tracer, unsigned core, u64 pc) {
    if (pc >= tracer->kernel[core].base) {
        stretch_step(&tracer->stretch[core], pc);
        return;
    }
    for (unsigned i = 0; i < tracer->job_count; i++) {
        struct job_path *job = &tracer->jobs[i];
        if (job->domain->core == &tracer->system->cores[core] && pc >= job->base && pc < job->end) {
            job_step(job, pc);
            return;
        }
    }
}

static void take(void *context, const struct trace_event *event) {
    struct tracer *tracer = context;
    for (unsigned i = 0; i < tracer->system->core_count; i++) {
        if (event->kind == TRACE_STEP && tracer->system->cores[i].hart == event->hart) {
            core_step(tracer, i, event->pc);
        }
    }
    // At once, not when some amount has been read: that depends on the host.
    tracer->steps++;
    if (enough(tracer)) {
        trace_stop(tracer->trace);
    }
}

/* ---- The run ----------------------------------------------------------------------------------- */

static struct follow *traced_start(struct tracer *tracer, const char *folder,
                                   const struct run_options *options) {
    struct arena *arena = tracer->arena;
    char *fifo = arena_printf(arena, "%s/trace", folder), *why = NULL;
    tracer->trace = trace_open(arena, fifo, take, tracer);
    if (!tracer->trace) {
        fprintf(stderr, "skerry run: error: %s: %s\n", fifo, strerror(errno));
        return NULL;
    }
    struct arguments arguments =
        boot_arguments(arena, tracer->system, arena_printf(arena, "%s/package.bin", folder),
                       arena_printf(arena, "%s/machine.dtb", folder));
    arguments_add(arena, &arguments, "-no-reboot");
    const char *const *traced = trace_arguments(arena, filter_make(tracer), false, fifo);
    for (; *traced; traced++) {
        arguments_add(arena, &arguments, *traced);
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

static bool prepare(struct tracer *tracer, const struct package_output *package) {
    for (unsigned i = 0; i < tracer->system->core_count; i++) {
        char *why = NULL;
        if (!stretch_kernel_read(tracer->arena, package->partition[i].kernel_path,
                                 &tracer->kernel[i], &why)) {
            fprintf(stderr, "skerry run: error: no paths: %s\n", why);
            return false;
        }
        stretch_begin(&tracer->stretch[i], tracer->arena, &tracer->kernel[i]);
    }
    jobs_prepare(tracer);
    return true;
}

static struct paths *result_make(struct tracer *tracer) {
    struct paths *paths = ARENA_NEW(tracer->arena, struct paths);
    memcpy(paths->kernel, tracer->stretch, sizeof(paths->kernel));
    paths->jobs = ARENA_ARRAY(tracer->arena, struct paths_job, tracer->job_count + 1);
    for (unsigned i = 0; i < tracer->job_count; i++) {
        paths->jobs[paths->job_count] = tracer->jobs[i].result;
        paths->jobs[paths->job_count].domain = tracer->jobs[i].domain;
        paths->job_count += tracer->jobs[i].result.count > 0;
    }
    return paths;
}

struct paths *paths_count(struct load *load, const struct package_output *package,
                          const char *folder, const struct run_options *options) {
    struct tracer *tracer = ARENA_NEW(load->arena, struct tracer);
    tracer->arena = load->arena;
    tracer->system = load->system;
    struct follow *follow = NULL;
    if (!prepare(tracer, package) || !(follow = traced_start(tracer, folder, options))) {
        return NULL;
    }
    u64 started_ns = host_time_ns();
    bool ended = false;
    while (!ended && !trace_is_over(tracer->trace) && !run_interrupted() &&
           host_time_ns() - started_ns < PATIENCE_NS) {
        // Until the emulator has opened the pipe, and while all harts sleep, there is nothing to read.
        const char *line;
        ended = !trace_read(tracer->trace, 1) && follow_next(follow, false, &line) == FOLLOW_END;
    }
    while (ended && trace_read(tracer->trace, 0)) {
        // What the emulator wrote last.
    }
    follow_stop(follow);
    bool over = trace_is_over(tracer->trace);
    trace_close(tracer->trace);
    if (!tracer->steps || (!ended && !over)) {
        fprintf(stderr, "skerry run: error: the traced run ended early\n%s", follow_errors(follow));
        return NULL;
    }
    return result_make(tracer);
}

/* ---- Tables ------------------------------------------------------------------------------------ */

static int order(const void *a, const void *b) {
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

static void head_print(const char *what, const char *counted) {
    printf("\n%-44s %10s %10s %10s %10s\n", what, counted, "shortest", "median", "longest");
}

// Sorts the lengths.
static void line_print(const char *what, u64 *lengths, unsigned count) {
    if (count) {
        qsort(lengths, count, sizeof(u64), order);
        printf("%-44s %10u %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", what, count, lengths[0],
               lengths[count / 2], lengths[count - 1]);
    }
}

void paths_print(struct arena *arena, const struct system *system, struct paths *paths) {
    puts("\npaths, in instructions of the hart's own (simulated, counted from outside, firmware "
         "apart)");
    head_print("kernel, interrupts off", "stretches");
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        for (enum stretch_kind kind = 0; kind < STRETCH_KINDS; kind++) {
            const struct stretch_lengths *lengths = &paths->kernel[i].lengths[kind];
            line_print(arena_printf(arena, "%s.%s", core->name, stretch_kind_name(kind)),
                       lengths->list, lengths->count);
        }
    }
    puts(
        "the spans of the lab's rows stretch., cross. .sender and cross. .receiver (skerry bench); its other rows have "
        "the user's stub besides");
    head_print("task, its program per job", "jobs");
    for (unsigned i = 0; i < paths->job_count; i++) {
        struct paths_job *job = &paths->jobs[i];
        line_print(job->domain->task->name, job->lengths, job->count);
    }
}
