// SPDX-License-Identifier: BSD-2-Clause
/*
 * See tests/model/kernel/paths.h. A path is told by how the kernel was entered, by what was called or arrived, by what
 * became of the core, and by what went over.
 */
#include "tests/model/kernel/paths.h"

#include <inttypes.h>
#include <stdio.h>

#include "abi/gen/sel4_abi.h"
#include "arch/host/host.h"
#include "arch/upcalls.h"
#include "kernel/cspace/find.h"
#include "kernel/model/kernel.h"

enum outcome {
    GOES_ON,  /* who ran before, runs on */
    LENDS,    /* another thread runs on the same context */
    SWITCHES, /* another thread runs on its own */
    STARTS,   /* nobody ran before */
    OUTCOMES
};

/* What goes over. */
enum form {
    SHORT,  /* words in registers … */
    LONG,   /* … and in buffers */
    ANSWER, /* to a fault */
    FORMS,
    ANY = FORMS
};

/* Of a call, the kind of the capability it names; of an interrupt, enum arch_interrupt. */
enum { ENTRIES = FAST_CALLS, KINDS = 32 };

static u64 taken[ENTRIES][KINDS][OUTCOMES][FORMS];

/* What has to be seen. */
static const struct path {
    s64 number;
    int kind;
    enum outcome outcome;
    enum form form;
    const char *name;
} wanted[] = {
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, LENDS, SHORT, "Call of a passive server"},
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, LENDS, LONG, "Call of a passive server, long"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, LENDS, SHORT, "ReplyRecv of a passive server"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, LENDS, LONG, "ReplyRecv of a passive server, long"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, LENDS, ANSWER, "ReplyRecv to a fault, passive"},
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, SWITCHES, SHORT, "Call of an active server"},
    {SYSCALL_CALL, SEL4_CAP_ENDPOINT, SWITCHES, LONG, "Call of an active server, long"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, SWITCHES, SHORT, "ReplyRecv of an active server"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, SWITCHES, LONG, "ReplyRecv of an active server, long"},
    {SYSCALL_REPLY_RECV, SEL4_CAP_ENDPOINT, SWITCHES, ANSWER, "ReplyRecv to a fault, active"},
    {SYSCALL_RECV, SEL4_CAP_ENDPOINT, SWITCHES, ANY, "Recv, nobody sends"},
    {SYSCALL_SEND, SEL4_CAP_NOTIFICATION, GOES_ON, ANY, "Signal, nobody waits or below"},
    {SYSCALL_SEND, SEL4_CAP_NOTIFICATION, SWITCHES, ANY, "Signal to a higher waiter"},
    {SYSCALL_SEND, SEL4_CAP_DOORBELL, GOES_ON, ANY, "Signal to the peer"},
    {SYSCALL_WAIT, SEL4_CAP_NOTIFICATION, GOES_ON, ANY, "Wait, signalled"},
    {SYSCALL_WAIT, SEL4_CAP_NOTIFICATION, SWITCHES, ANY, "Wait, not signalled"},
    {SYSCALL_NB_SEND_RECV, SEL4_CAP_ENDPOINT, SWITCHES, ANY, "NBSendRecv, a signal aside"},
    {SYSCALL_NB_SEND_WAIT, SEL4_CAP_NOTIFICATION, SWITCHES, ANY, "NBSendWait, a signal aside"},
    {SYSCALL_NB_SEND, SEL4_CAP_ENDPOINT, GOES_ON, ANY, "NBSend, nobody waits"},
    {SYSCALL_NB_WAIT, SEL4_CAP_NOTIFICATION, GOES_ON, ANY, "Poll"},
    {SYSCALL_YIELD, SEL4_CAP_NULL, GOES_ON, ANY, "Yield, no equal"},
    {SYSCALL_YIELD, SEL4_CAP_NULL, SWITCHES, ANY, "Yield to an equal"},
    {-FAST_FAULTS, SEL4_CAP_NULL, LENDS, ANY, "fault to a passive handler"},
    {-FAST_FAULTS, SEL4_CAP_NULL, SWITCHES, ANY, "fault to an active handler"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_TIMER, SWITCHES, ANY, "timeout fault"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_EXTERNAL, GOES_ON, ANY, "device, a waiter below"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_EXTERNAL, SWITCHES, ANY, "device, a waiter above"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_EXTERNAL, STARTS, ANY, "device, the core is idle"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_SOFTWARE, GOES_ON, ANY, "doorbell, a waiter below"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_SOFTWARE, SWITCHES, ANY, "doorbell, a waiter above"},
    {-FAST_INTERRUPTS, ARCH_INTERRUPT_SOFTWARE, STARTS, ANY, "doorbell, the core is idle"},
};

/* ---- Counting ----------------------------------------------------------------------------------------------- */

/* The linker calls the kernel's own entries these, and sends who calls them here. */
struct arch_context *__real_kernel_syscall(struct arch_context *context);
struct arch_context *__wrap_kernel_syscall(struct arch_context *context);
struct arch_context *__real_kernel_fault(struct arch_context *context,
                                         const struct arch_fault *fault);
struct arch_context *__wrap_kernel_fault(struct arch_context *context,
                                         const struct arch_fault *fault);
struct arch_context *__real_kernel_interrupt(enum arch_interrupt kind);
struct arch_context *__wrap_kernel_interrupt(enum arch_interrupt kind);

/* How it was before the entry. */
struct before {
    const struct arch_context *running;
    const struct sched_context *sc;
    u64 fast;
};

static struct before before(unsigned entry, const struct arch_context *running) {
    return (struct before){running, kernel.current_sc, kernel.fast_taken[entry]};
}

static void count(unsigned entry, int kind, enum form form, struct before before,
                  const struct arch_context *next) {
    enum outcome outcome = before.running == NULL           ? STARTS
                           : next == before.running         ? GOES_ON
                           : kernel.current_sc == before.sc ? LENDS
                                                            : SWITCHES;

    taken[entry][kind][outcome][form] += kernel.fast_taken[entry] != before.fast;
}

/* The thread whose call or fault a ReplyRecv answers waits for an answer to a fault. */
static bool answers_fault(struct arch_context *context) {
    const struct cslot *slot = cspace_find(tcb_of_context(context), context->reg[REG_REPLY]);
    const struct reply *reply =
        slot != NULL && cap_is(slot->cap, CAP_REPLY) ? arch_ptr(cap_address(slot->cap)) : NULL;

    return (s64)context->reg[REG_SYSCALL] == SYSCALL_REPLY_RECV && reply != NULL &&
           reply->caller != NULL && reply->caller->fault.kind != SEL4_FAULT_NULL;
}

static enum form form_of(struct arch_context *context) {
    bool is_long = (context->reg[REG_INFO] & SEL4_MSGINFO_LENGTH_MASK) > ARCH_MESSAGE_REGISTERS;

    return answers_fault(context) ? ANSWER : is_long ? LONG : SHORT;
}

static int kind_named(struct arch_context *context) {
    const struct cslot *slot = cspace_find(tcb_of_context(context), context->reg[REG_CAP]);

    return slot != NULL && (s64)context->reg[REG_SYSCALL] != SYSCALL_YIELD
               ? (int)cap_kind(slot->cap)
               : SEL4_CAP_NULL;
}

struct arch_context *__wrap_kernel_syscall(struct arch_context *context) {
    s64 number = (s64)context->reg[REG_SYSCALL];
    int kind = kind_named(context);
    enum form form = form_of(context);
    unsigned entry = number < 0 && number > -FAST_INTERRUPTS ? (unsigned)-number : 0;
    struct before it = before(entry, context);
    struct arch_context *next = __real_kernel_syscall(context);

    if (entry != 0) {
        count(entry, kind, form, it, next);
    }
    return next;
}

struct arch_context *__wrap_kernel_fault(struct arch_context *context,
                                         const struct arch_fault *fault) {
    struct before it = before(FAST_FAULTS, context);
    struct arch_context *next = __real_kernel_fault(context, fault);

    count(FAST_FAULTS, SEL4_CAP_NULL, SHORT, it, next);
    return next;
}

struct arch_context *__wrap_kernel_interrupt(enum arch_interrupt kind) {
    struct before it = before(FAST_INTERRUPTS, host.running);
    struct arch_context *next = __real_kernel_interrupt(kind);

    count(FAST_INTERRUPTS, (int)kind, SHORT, it, next);
    return next;
}

/* ---- Telling ------------------------------------------------------------------------------------------------ */

static u64 count_of(const struct path *path) {
    const u64 *forms = taken[-path->number][path->kind][path->outcome];

    return path->form == ANY ? forms[SHORT] + forms[LONG] + forms[ANSWER] : forms[path->form];
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
