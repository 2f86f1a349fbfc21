// SPDX-License-Identifier: BSD-2-Clause
// The kernel's interface, statement by statement, as an outsider would try it: a root task in sections, one per chapter
// of the seL4 reference manual and of SEL4-ABI.
//
// Each section has memory of its own, which is revoked behind it. The root task has the highest priority; helpers run
// while it waits in settle(), which comes back when all of them are blocked: then the thread below everybody runs.
#pragma once

#include <stddef.h>

#include "examples/root_tasks/kit.h"

enum { ROOM_QUIET, ROOM_A, ROOM_B, ROOM_C, ROOM_D, ROOMS };

void capabilities(void); // conform_caps.c
void messages(void);     // conform_ipc.c
void replies(void);      // conform_reply.c
void scheduling(void);   // conform_time.c
void spaces(void);       // conform_space.c

// Until nobody above the lowest priority can run. False: not within 100 ms.
void settle(void);

// A helper that begins now (after the next settle()); sc = 0: passive.
seL4_CPtr helper(unsigned room, unsigned priority, seL4_CPtr sc, void (*entry)(seL4_Word),
                 seL4_Word argument);
seL4_CPtr round_robin(void); // a scheduling context of 5 ms
void stop(void);             // a helper's end: waits for ever

seL4_IPCBuffer *buffer_of(unsigned room);

static inline seL4_MessageInfo_t info(seL4_Word label, seL4_Word caps, seL4_Word length) {
    return seL4_MessageInfo_new(label, 0, caps, length);
}

// An error and its first words, after a call that failed.
#define CHECK_ERROR(call, error) CHECK_EQUAL(call, error)
#define CHECK_ERROR_1(call, error, word)                                                           \
    do {                                                                                           \
        CHECK_EQUAL(call, error);                                                                  \
        CHECK_EQUAL(seL4_GetMR(0), word);                                                          \
    } while (0)
#define CHECK_ERROR_2(call, error, first, second)                                                  \
    do {                                                                                           \
        CHECK_ERROR_1(call, error, first);                                                         \
        CHECK_EQUAL(seL4_GetMR(1), second);                                                        \
    } while (0)
#define CHECK_ERROR_3(call, error, first, second, third)                                           \
    do {                                                                                           \
        CHECK_ERROR_2(call, error, first, second);                                                 \
        CHECK_EQUAL(seL4_GetMR(2), third);                                                         \
    } while (0)
