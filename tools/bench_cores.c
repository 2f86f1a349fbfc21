// SPDX-License-Identifier: BSD-2-Clause
// Four kernels, each with a periodic thread (benchmarks/cyclic.system): their boot and their timers.
//
//     boot.CORE.loader    instructions from the bootloader's first to the kernel's first
//     boot.CORE.kernel    from there to the init task's first
//     boot.CORE.init      from there to the first program's first: init task and kernel, on its behalf
//     boot.CORE.reset     ns of virtual time from reset to the periodic thread: harts in firmware and idle time included
//     cyclic.CORE         how late each release was, ns of the virtual time that all harts share, told by the thread
//     cyclic.path.CORE    instructions of the hart's own kernel from waking in `wfi` to the thread
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/package.h"
#include "tools/bench.h"
#include "tools/stretch.h"

#define CORES        4
#define MOST_SAMPLES 256
#define SKIPPED      16 // wakes before the thread is in its period
#define INIT_BASE    0x10000ull
#define PROGRAMS_AT  0x200000ull // in other address spaces than the init task
#define PROGRAMS_END 0x400000ull
#define LOADER_AT    0x80400000ull // at the package's beginning
#define LOADER_END   (LOADER_AT + PACKAGE_HEADER_OFFSET)
// Bootloader, and kernels before they use their own addresses. Not the firmware below, where harts spend many millions
// of instructions waiting for each other, as many as the emulator's slices make it.
#define MACHINE_CODE "0x80400000+0xfc00000,"
#define USER_CODE    "0x10000+0x1f0000,0x200000+0x1000," // the init task, and where programs begin
#define KERNEL_CODE  "0xffffffffc0000000+0x200000"

enum phase { BOOT_LOADER, BOOT_KERNEL, BOOT_INIT, BOOT_DONE };

static const char *const PHASES[BOOT_DONE] = {"loader", "kernel", "init"};

struct core_watch {
    const char *name;
    enum phase phase;
    u64 boot[BOOT_DONE];
    bool asleep, waking;
    u64 instructions; // since it woke
    unsigned wakes;
    unsigned paths, late;
    u64 reset; // virtual time at which the thread began
    u64 path[MOST_SAMPLES];
    u64 lateness[MOST_SAMPLES];
};

struct watch {
    struct stretch_kernel kernel;
    struct core_watch core[CORES]; // by hart
};

static const char *const PROGRAMS[] = {"benchmarks/cyclic.elf", "user/console.elf", NULL};

/* ---- The trace ------------------------------------------------------------------------------------- */

static void boot_step(struct core_watch *core, u64 pc) {
    if (core->phase == BOOT_LOADER && pc >= LOADER_END) {
        core->phase = BOOT_KERNEL;
    }
    if (core->phase == BOOT_KERNEL && pc >= INIT_BASE && pc < PROGRAMS_AT) {
        core->phase = BOOT_INIT;
    } else if (core->phase == BOOT_INIT && pc >= PROGRAMS_AT && pc < PROGRAMS_END) {
        core->phase = BOOT_DONE;
    }
    if (core->phase != BOOT_DONE) {
        core->boot[core->phase]++;
    }
}

// From the first instruction behind the wait to the one that leaves for user mode: what follows is a trap.
static void wake_step(const struct watch *watch, struct core_watch *core, u64 pc) {
    if (pc < KERNEL_BASE) {
        return;
    }
    bool asleep = pc == watch->kernel.wait;
    if (core->waking && pc == watch->kernel.vector) {
        core->waking = false;
        if (core->wakes++ >= SKIPPED && core->paths < MOST_SAMPLES) {
            core->path[core->paths++] = core->instructions;
        }
    }
    core->waking |= asleep;
    core->instructions = asleep ? 0 : core->instructions + 1;
}

static void take(void *context, const struct trace_event *event) {
    struct watch *watch = context;
    if (event->kind == TRACE_STEP && event->hart < CORES) {
        struct core_watch *core = &watch->core[event->hart];
        if (core->phase == BOOT_DONE) {
            wake_step(watch, core, event->pc);
        } else {
            boot_step(core, event->pc);
        }
    }
}

/* ---- What the threads say ---------------------------------------------------------------------------- */

// "[coreN cyclicN] cyclic LATE LATE …" or "… began NS"
static void line_read(struct watch *watch, const char *line) {
    unsigned core, thread;
    int length = 0;
    unsigned long long began;
    if (sscanf(line, "[core%u cyclic%u] began %llu", &core, &thread, &began) == 3 && core < CORES) {
        watch->core[core].reset = began;
    }
    if (sscanf(line, "[core%u cyclic%u] cyclic%n", &core, &thread, &length) < 2 || !length ||
        core >= CORES) {
        return;
    }
    struct core_watch *own = &watch->core[core];
    char *end;
    for (const char *at = line + length; own->late < MOST_SAMPLES; at = end) {
        u64 late = strtoull(at, &end, 10);
        if (end == at) {
            break;
        }
        own->lateness[own->late++] = late;
    }
}

static bool console_read(struct arena *arena, const struct bench_plan *plan, struct watch *watch) {
    struct bytes console = file_read(arena, arena_printf(arena, "%s/console.log", plan->folder));
    char *text = arena_copy(arena, console.data ? (char *)console.data : "", console.size);
    for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        line_read(watch, line);
    }
    return console.data != NULL;
}

/* ---- Rows -------------------------------------------------------------------------------------------- */

static void rows_put(struct arena *arena, struct bench_result *result,
                     const struct core_watch *core, unsigned number) {
    const char *name = arena_printf(arena, "core%u", number);
    for (unsigned phase = 0; phase < BOOT_DONE; phase++) {
        struct bench_row row = {.name = arena_printf(arena, "boot.%s.%s", name, PHASES[phase]),
                                .core = name,
                                .samples = &core->boot[phase],
                                .count = 1};
        bench_row_add(arena, result, &row);
    }
    struct bench_row reset = {.name = arena_printf(arena, "boot.%s.reset", name),
                              .core = name,
                              .unit = "ns",
                              .samples = &core->reset,
                              .count = 1};
    bench_row_add(arena, result, &reset);
    struct bench_row late = {.name = arena_printf(arena, "cyclic.%s", name),
                             .core = name,
                             .unit = "ns",
                             .samples = core->lateness,
                             .count = core->late};
    struct bench_row path = {.name = arena_printf(arena, "cyclic.path.%s", name),
                             .core = name,
                             .samples = core->path,
                             .count = core->paths};
    bench_row_add(arena, result, &late);
    bench_row_add(arena, result, &path);
}

bool bench_cores_run(struct arena *arena, const struct bench_plan *plan,
                     struct bench_result *result) {
    struct watch *watch = ARENA_NEW(arena, struct watch);
    struct bench_system system = {.build_folder = plan->build_folder,
                                  .folder = plan->folder,
                                  .system = "cyclic.system",
                                  .programs = PROGRAMS,
                                  .extra =
                                      trace_arguments(arena, MACHINE_CODE USER_CODE KERNEL_CODE,
                                                      false, bench_pipe(arena, plan->folder))};
    const char *elf =
        arena_printf(arena, "%s/kernel/skerry-virt-aia-release.elf", plan->build_folder);
    char *why = NULL;
    if (!stretch_kernel_read(arena, elf, &watch->kernel, &why)) {
        fprintf(stderr, "skerry bench: error: %s\n", why);
        return false;
    }
    if (!bench_system_copy(arena, &system) ||
        !bench_watch(arena, plan->folder, bench_system_boot, &system, take, watch, NULL) ||
        !console_read(arena, plan, watch)) {
        return false;
    }
    for (unsigned i = 0; i < CORES; i++) {
        if (watch->core[i].phase != BOOT_DONE || !watch->core[i].late || !watch->core[i].paths) {
            fprintf(stderr, "skerry bench: error: nothing is known of hart %u in the trace\n", i);
            return false;
        }
        rows_put(arena, result, &watch->core[i], i);
    }
    return true;
}
