// SPDX-License-Identifier: BSD-2-Clause
// The user image of a core: init task, its table (abi/init_table.h), and the domains' pages.
//
// Virtual addresses of a protection domain that are the tool's, all above everything a program maps:
//
//     PD_MAP_BASE    the domain's console ring, then its statistics page
//     PD_RINGS       console program only: all console rings, then all statistics pages
//     PD_UART        console program only: registers of the UART, unless the file maps them
//     PD_STACK_TOP   end of a stack larger than the image's own, growing down over unmapped space
#pragma once

#include "tools/files.h"
#include "tools/fit.h"
#include "tools/image.h"

#define USER_TOP     0x3ffffff000ull
#define PD_MAP_BASE  0x3f00000000ull
#define PD_RINGS     0x3f00200000ull
#define PD_UART      0x3f00400000ull
#define PD_STACK_TOP 0x3f80000000ull

#define REPORT_US                                                                                  \
    1000000u // virtual time between reports: a run that dies has a table (tools/run_system.c)

struct user_image {
    struct bytes pages; // whole pages: init's own, the table, payload
    u64 virtual_base;
    u64 entry;
    u64 slots; // empty slots the table uses
    unsigned actions;
    struct object_list objects; // that it creates
    u64 object_bytes;           // memory of them all
    char *listing;              // the table, one action a line, for people
};

// Builds it for a core with protection domains. `init` is a fresh copy of init.elf that may be patched;
// the images of the domains are patched too, so this is done once per run of the tool.
// Reports what cannot be done at the core's place in the file.
bool emit_init(struct arena *arena, struct diagnostics *diags, struct system *system,
               struct core *core, struct image *init, struct user_image *user);
