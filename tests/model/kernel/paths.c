// SPDX-License-Identifier: BSD-2-Clause
/* See tests/model/kernel/paths.h. A path is told by what was called, on what, and by what became of the caller. */
#include "tests/model/kernel/paths.h"

#include <inttypes.h>
#include <stdio.h>

#include "abi/gen/sel4_abi.h"
#include "arch/upcalls.h"
#include "kernel/cspace/find.h"
#include "kernel/model/kernel.h"

enum outcome {
    GOES_ON,  /* the caller runs on */
    LENDS,    /* another thread runs on the same context */
    SWITCHES, /* another thread runs on its own */
    OUTCOMES
};

enum { SYSCALLS = FAST_CALLS, KINDS = 32, LENGTHS = 2 };

static u64 taken[SYSCALLS][KINDS][OUTCOMES][LENGTHS];

/* What has to be seen; the words of a message may be in registers or not. */
static const struct path {
    s64 number;
    int kind;
    enum outcome outcome;
    int is_long; /* 2: either */
    const char *name;
} wanted[] = {
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, LENDS, 0, "Call of a passive server"},
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, LENDS, 1, "Call of a passive server, long"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, LENDS, 0, "ReplyRecv of a passive server"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, LENDS, 1, "ReplyRecv of a passive server, long"},
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, SWITCHES, 0, "Call of an active server"},
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, SWITCHES, 1, "Call of an active server, long"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, SWITCHES, 0, "ReplyRecv of an active server"},
    {SYSCALL_RECV, SEL4_CAP_ENDPOINT, SWITCHES, 2, "Recv, nobody sends"},
    {SYSCALL_SEND, SEL4_CAP_NOTIFICATION, GOES_ON, 2, "Signal, nobody waits or below"},
    {SYSCALL_SEND, SEL4_CAP_NOTIFICATION, SWITCHES, 2, "Signal to a higher waiter"},
    {SYSCALL_WAIT, SEL4_CAP_NOTIFICATION, GOES_ON, 2, "Wait, signalled"},
    {SYSCALL_WAIT, SEL4_CAP_NOTIFICATION, SWITCHES, 2, "Wait, not signalled"},
    {SYSCALL_NB_SEND_RECV, SEL4_CAP_ENDPOINT, SWITCHES, 2, "NBSendRecv, a signal aside"},
    {SYSCALL_NB_SEND_WAIT, SEL4_CAP_NOTIFICATION, SWITCHES, 2, "NBSendWait, a signal aside"},
    {SYSCALL_NB_SEND, SEL4_CAP_ENDPOINT, GOES_ON, 2, "NBSend, nobody waits"},
    {SYSCALL_NB_WAIT, SEL4_CAP_NOTIFICATION, GOES_ON, 2, "Poll"},
    {SYSCALL_YIELD, SEL4_CAP_NULL, GOES_ON, 2, "Yield, no equal"},
    {SYSCALL_YIELD, SEL4_CAP_NULL, SWITCHES, 2, "Yield to an equal"},
    {-FAST_FAULTS, SEL4_CAP_NULL, LENDS, 2, "Fault to a passive handler"},
    {-FAST_FAULTS, SEL4_CAP_NULL, SWITCHES, 2, "Fault to an active handler"},
};

/* ---- Counting ----------------------------------------------------------------------------------------------- */

struct arch_context *__real_kernel_syscall(struct arch_context *context);
struct arch_context *__wrap_kernel_syscall(struct arch_context *context);
struct arch_context *__real_kernel_fault(struct arch_context *context,
                                         const struct arch_fault *fault);
struct arch_context *__wrap_kernel_fault(struct arch_context *context,
                                         const struct arch_fault *fault);

static enum outcome outcome_of(const struct arch_context *context, const struct sched_context *sc,
                               const struct arch_context *next) {
    return next == context ? GOES_ON : kernel.current_sc == sc ? LENDS : SWITCHES;
}

struct arch_context *__wrap_kernel_syscall(struct arch_context *context) {
    const struct sched_context *sc = kernel.current_sc;
    const struct cslot *slot = cspace_find(tcb_of_context(context), context->reg[REG_CAP]);
    s64 number = (s64)context->reg[REG_SYSCALL];
    bool counted = number < 0 && number > -SYSCALLS;
    bool is_long = (context->reg[REG_INFO] & SEL4_MSGINFO_LENGTH_MASK) > ARCH_MESSAGE_REGISTERS;
    int kind = slot != NULL && number != SYSCALL_YIELD ? (int)cap_kind(slot->cap) : SEL4_CAP_NULL;
    u64 before = counted ? kernel.fast_taken[-number] : 0;
    struct arch_context *next = __real_kernel_syscall(context);

    if (counted && kernel.fast_taken[-number] != before) {
        taken[-number][kind][outcome_of(context, sc, next)][is_long]++;
    }
    return next;
}

struct arch_context *__wrap_kernel_fault(struct arch_context *context,
                                         const struct arch_fault *fault) {
    const struct sched_context *sc = kernel.current_sc;
    u64 before = kernel.fast_taken[FAST_FAULTS];
    struct arch_context *next = __real_kernel_fault(context, fault);

    if (kernel.fast_taken[FAST_FAULTS] != before) {
        taken[FAST_FAULTS][SEL4_CAP_NULL][outcome_of(context, sc, next)][0]++;
    }
    return next;
}

/* ---- Telling ------------------------------------------------------------------------------------------------ */

static u64 count_of(const struct path *path) {
    const u64 *lengths = taken[-path->number][path->kind][path->outcome];

    return path->is_long == 2 ? lengths[0] + lengths[1] : lengths[path->is_long];
}

void paths_print(void) {
    for (unsigned i = 0; i < ARRAY_LENGTH(wanted); i++) {
        printf("# fast path, %s: %" PRIu64 "\n", wanted[i].name, count_of(&wanted[i]));
    }
}

const char *paths_missing(void) {
    for (unsigned i = 0; i < ARRAY_LENGTH(wanted); i++) {
        if (count_of(&wanted[i]) == 0) {
            return wanted[i].name;
        }
    }
    return NULL;
}
