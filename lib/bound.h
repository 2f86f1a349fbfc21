// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every kernel loop states how often it may turn.
 *
 *     BOUND(pqueue_descend, 27);
 *     while (node != NULL) {
 *         BOUND_STEP(pqueue_descend);
 *         …
 *     }
 *
 * BOUND names the loop and its limit (a constant, or a configured limit); in a release build it emits no
 * instruction and leaves the record (address, bound, id) in the non-loaded section `.bounds` for the
 * static analysis of worst-case paths. With checks compiled in (debug kernels, host tests) BOUND_STEP
 * counts and calls bound_exceeded() on excess. Choice by link-time constant: `bound_checked`.
 */
#pragma once

#include "lib/types.h"

/* True in builds that count loops; a constant of the build (lib/variant/). */
#include "lib/build_checks.h"

void bound_exceeded(const char *id, u64 bound) NORETURN;

struct bound_record {
    const char *id;
    u64 bound;
};

#define BOUND(id, limit)                                                                           \
    u64 bound_left_##id = (limit);                                                                 \
    const u64 bound_limit_##id = bound_left_##id;                                                  \
    (void)bound_left_##id;                                                                         \
    (void)bound_limit_##id;                                                                        \
    BOUND_RECORD(#id, #limit)

#define BOUND_STEP(id)                                                                             \
    do {                                                                                           \
        if (BUILD_CHECKS && bound_left_##id-- == 0) {                                              \
            bound_exceeded(#id, bound_limit_##id);                                                 \
        }                                                                                          \
    } while (0)

/*
 * The record is text of the assembler, so it costs no instruction: the place, the id, and the limit as
 * written in the source. The section is not allocated, hence never loaded.
 */
#define BOUND_RECORD(id, limit)                                                                    \
    __asm__ volatile(".pushsection .bounds,\"\",@progbits\n\t"                                     \
                     ".8byte 661f\n\t"                                                             \
                     ".asciz \"" id "\"\n\t"                                                       \
                     ".asciz \"" limit "\"\n\t"                                                    \
                     ".popsection\n"                                                               \
                     "661:")
