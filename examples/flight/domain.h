// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the protection domains of the demo have in common with flight.system: their channel numbers, and
 * the variables that the tool patches in their images.
 *
 *   core flight:    plant ─1→1─ filters ─2→1─ control ─2──┐ telemetry
 *   core storm:     burst ─1──────────────────────────────┼─┐ burst
 *   core gateway:                          gateway 1 ←────┘ │
 *                                          gateway 2 ←──────┘
 *                                          gateway 3 ──────┐ downlink
 *   core platform:                         observer 1 ←────┘
 */
#pragma once

#include <microkit.h>

#include "lib/types.h"
#include "user/rt/rt.h"

/* A variable of the image that `setvar` or `setvar_vaddr` writes: it must have bytes in the file. */
#define PATCHED SECTION(".data.patched")

enum {
    PLANT_TO_FILTERS = 1,
    FILTERS_FROM_PLANT = 1,
    FILTERS_TO_CONTROL = 2,
    CONTROL_FROM_FILTERS = 1,
    CONTROL_TO_GATEWAY = 2,
    GATEWAY_FROM_CONTROL = 1,
    GATEWAY_FROM_BURST = 2,
    GATEWAY_TO_OBSERVER = 3,
    OBSERVER_FROM_GATEWAY = 1,
    BURST_TO_GATEWAY = 1,
};

/* True if a job that was released at `release` has missed the deadline of the domain's <task>. */
ALWAYS_INLINE bool job_is_late(u64 release) {
    return rt_now() - release > rt_deadline_ticks();
}
