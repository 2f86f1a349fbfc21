// SPDX-License-Identifier: BSD-2-Clause
/*
 * The world of an episode: what boot leaves (begin.c), and what the root task builds of it by system calls, which are
 * compared, too (world.c): threads in several address spaces, contexts, endpoints, CNodes in CNodes, pages, doorbells.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "tests/model/kernel/model.h"
#include "tests/model/kernel/random.h"

#define ROOT SEL4_INIT_SLOT_CNODE

#define KEEPER_LINE 1
#define LARGE_BITS  7
#define LARGE_DATA  (64 - LARGE_BITS) /* guard bits, guard 0 */

enum {
    WORLD_THREADS = 5,
    WORLD_ENDPOINTS = 3,
    WORLD_NOTIFICATIONS = 3,
    WORLD_CONTEXTS = 5,
    WORLD_REPLIES = 5,
    WORLD_TABLES = 5,
    WORLD_PAGES = 3,
    WORLD_BELLS = LINES - DEVICES
};

/* Slots of the root task's CNode. */
struct world {
    u64 memory;        /* the untyped that everything comes from */
    u64 device_memory; /* … and one that only pages can come from */
    u64 control;       /* SchedControl */
    u64 line;          /* handler of the interrupt that calls the keeper, and the
                  notification it waits for */
    u64 bell;
    u64 large;
    u64 middle;
    u64 small;
    u64 threads;
    u64 endpoints;
    u64 notifications;
    u64 contexts;
    u64 replies;
    u64 frames;
    u64 untyped;
    u64 end;
    u64 tables;
    u64 pages;  /* of the device */
    u64 device; /* handler of the other interrupt, which threads are told of */
    u64 bells;  /* send ends … */
    u64 ears;   /* … and receive ends of doorbell lines */
};
extern struct world w;

static inline u64 some_priority(void) {
    return 100 + below(3);
}

/* Boot, and tell the model what there is. */
const struct sel4_bootinfo *world_begin(void);

/* … and build a rich beginning. False: kernel and model differ already. */
bool world_build(void);
