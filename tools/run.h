// SPDX-License-Identifier: BSD-2-Clause
// Booting systems and showing what they say.
#pragma once

#include "tools/load.h"
#include "tools/qemu.h"

struct run_options {
    u64 timeout_ns;           // of host time; 0: none
    const char *log_folder;   // keep logs there; NULL: nowhere
    bool paths;               // a second, traced run that counts path lengths
    const char *only;         // show lines of this core only; NULL: all
    bool quiet;               // a root task's console goes to the log only
    bool patient;             // traced: a minute without a line means nothing
    const char *const *extra; // more arguments for QEMU, ended by NULL; or NULL
};

struct root_task_options {
    const char *elf_path;
    enum variant variant;
    u64 memory_bytes;
    u32 cnode_bits;
    u32 check_interval; // debug kernels check their state every n-th entry; 0: never
    u32 domains;
    const char *tree_path; // device tree that the root task sees; NULL: the machine's
    const char *build_folder;
};

// Builds the package of a loaded system, boots it and shows its consoles until it ends. Returns the exit
// code of the command.
int run_system(struct load *load, const struct run_options *options);

// One kernel on plain virt, without walls, everything its own; its console goes to stdout byte by byte.
int run_root_task(const struct root_task_options *task, const struct run_options *options);

// Ctrl-C has been pressed. Watched from run_watch_interrupt() on.
void run_watch_interrupt(void);
bool run_interrupted(void);

// Monotonic host time.
u64 host_time_ns(void);

// In host time, and in the emulator's processor time, of which a busy host may give it little.
struct run_instant {
    u64 host_ns, processor_ns; // processor_ns 0: not known
};

// Whether a core that said something at `heard`, and nothing since, is dead: for a minute of the emulator's processor
// time, or, as an emulator with nothing to do may sleep, ten of the host's.
bool run_is_silent(struct run_instant heard, struct run_instant now);

// A folder for the files of a run: the log folder, or a temporary one. NULL: errno says why.
char *run_folder(struct arena *arena, const struct run_options *options);

// Removes a temporary folder and the files in it.
void run_folder_remove(struct arena *arena, const struct run_options *options, const char *folder);
