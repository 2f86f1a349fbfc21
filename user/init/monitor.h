// SPDX-License-Identifier: BSD-2-Clause
/* The init task's second life: the core's monitor (init/watch.h says what it does). */
#pragma once

#include <sel4/sel4.h>

#include "lib/types.h"
#include "user/rt/stats.h"

/* A domain to watch. */
struct watched {
    seL4_CPtr tcb;
    seL4_CPtr sc;
    seL4_CPtr notification;
    struct rt_stats *stats; /* NULL = nobody counts */
    u32 flags;              /* INIT_WATCH_… */
    char name[17];
};

/* Remember a domain under its index (0..INIT_MAX_WATCHED-1); false if the index is out of range. */
MUST_USE bool monitor_watch(u32 index, const struct watched *domain);

/* Serve `endpoint` (and the notification bound to the own TCB) for ever. */
NORETURN void monitor_serve(seL4_CPtr endpoint, seL4_CPtr reply);
