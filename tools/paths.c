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
#define MOST_LINES      60000000ull     // … or this, should no task run
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
    return trace_lines(tracer->trace) >= MOST_LINES ||
           (tracer->fastest && tracer->fastest->result.count >= JOBS_OF_FASTEST);
}

static void job_step(struct tracer *tracer, struct job_path *job, u64 pc) {
    if (pc == job->job_end) {
        if (job->counting && job->result.count < PATHS_MAX_JOBS) {
            job->result.lengths[job->result.count++] = job->length;
        }
        job->counting = true;
        job->length = 0;
        if (enough(tracer)) {
            trace_stop(tracer->trace);
        }
    }
    job->length++;
}

static void take(void *context, const struct trace_event *event) {
    struct tracer *tracer = context;
    struct system *system = tracer->system;
    for (unsigned i = 0; i < system->core_count; i++) {
        if (event->kind != TRACE_STEP || system->cores[i].hart != event->hart) {
            continue;
        }
        if (event->pc >= tracer->kernel[i].base) {
            stretch_step(&tracer->stretch[i], event->pc);
            return;
        }
        for (unsigned j = 0; j < tracer->job_count; j++) {
            struct job_path *job = &tracer->jobs[j];
            if (job->domain->core == &system->cores[i] && event->pc >= job->base &&
                event->pc < job->end) {
                job_step(tracer, job, event->pc);
                return;
            }
        }
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
    while (!ended && !enough(tracer) && !run_interrupted() &&
           host_time_ns() - started_ns < PATIENCE_NS) {
        // Until the emulator has opened the pipe, and while all harts sleep, there is nothing to read.
        const char *line;
        if (!trace_read(tracer->trace, 1)) {
            enum follow_event event = follow_next(follow, false, &line);
            ended = event == FOLLOW_END ||
                    (event == FOLLOW_LINE && !strncmp(line, "@skerry exit ", 13));
        }
    }
    follow_stop(follow);
    trace_close(tracer->trace);
    if (!trace_lines(tracer->trace) || (!ended && !enough(tracer))) {
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

void paths_print(struct arena *arena, const struct system *system, struct paths *paths) {
    puts(
        "\npaths, in instructions of the hart's own (simulated, counted from outside, firmware apart)");
    printf("%-32s %12s %12s\n", "kernel, interrupts off", "stretches", "longest");
    for (unsigned i = 0; i < system->core_count; i++) {
        const struct core *core = &system->cores[i];
        printf("%-32s %12" PRIu64 " %12" PRIu64 "\n",
               arena_printf(arena, "%s (%s)", core->name, variant_name(core->variant)),
               stretch_count(&paths->kernel[i]), stretch_longest(&paths->kernel[i])->length);
    }
    printf("\n%-32s %12s %12s %12s\n", "task, its program per job", "jobs", "shortest", "longest");
    for (unsigned i = 0; i < paths->job_count; i++) {
        struct paths_job *job = &paths->jobs[i];
        qsort(job->lengths, job->count, sizeof(u64), order);
        printf("%-32s %12u %12" PRIu64 " %12" PRIu64 "\n", job->domain->task->name, job->count,
               job->lengths[0], job->lengths[job->count - 1]);
    }
}
