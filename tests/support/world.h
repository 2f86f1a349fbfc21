// SPDX-License-Identifier: BSD-2-Clause
/*
 * A world to test the whole kernel in: one core on arch/host, a root task, and threads that make system calls
 * when the test says so.
 *
 *     world_boot();                                  checks all invariants after every kernel entry
 *     u64 endpoint = make(OBJECT_ENDPOINT, 0);        the root task retypes one object
 *     struct thread t = thread_make(100);             TCB, context, buffer, in the root's CSpace
 *     as(&t);                                         from now on t runs
 *     sys_recv(endpoint, t.reply);                    … and waits
 *     as(&root);
 *     invoke(endpoint, 7, W(1, 2), C());              Call with two words: label of the answer
 *
 * How `as` works. The root task has the highest priority. It lets others run by waiting for a notification, and
 * comes back when the test raises interrupt line 1, as a device would; so nobody else's registers or queues
 * change. To choose among the others, the wanted thread is given priority 254 until the next `as`.
 * A test that is about priorities does not use `as` for more than the root: it looks at running().
 *
 * A test that goes wrong fails at the first broken invariant: the check panics, and a panic aborts.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "abi/gen/sel4_abi.h"
#include "arch/host/host.h"
#include "arch/memory.h"
#include "kernel/entry/check.h"
#include "kernel/ipc/transfer.h"
#include "kernel/model/kernel.h"
#include "tests/support/words.h"

#define TICKS_PER_US 10ull
#define TICKS_PER_MS (1000 * TICKS_PER_US)

/* Slots of the root task. */
#define ROOT_TCB    SEL4_INIT_SLOT_TCB
#define ROOT_CNODE  SEL4_INIT_SLOT_CNODE
#define ROOT_VSPACE SEL4_INIT_SLOT_VSPACE

struct thread {
    u64 tcb;   /* capability addresses in the root's CSpace … */
    u64 sc;    /* 0: passive */
    u64 frame; /* of the IPC buffer */
    u64 reply;
    u8 priority;
    struct tcb *object; /* … and the objects themselves */
    struct sched_context *context;
    u64 *buffer;
    u64 *reg; /* registers */
};

extern _Thread_local struct thread root; /* a thread is a core: each has a world of its own */
extern _Thread_local struct sel4_bootinfo *info;

/* Boot and set up what `as` needs. Options may be NULL; check_interval is 1 unless they say otherwise. */
void world_boot(const struct host_options *options);

/* ---- Objects: the root task makes them, and runs afterwards ---- */

u64 free_slot(void);                                 /* an empty slot nobody else uses */
u64 free_slots(unsigned count);                      /* several in a row */
u64 make(enum sel4_object_type type, u64 size_bits); /* one object of ordinary memory */
u64 make_many(enum sel4_object_type type, u64 size_bits, unsigned count);
u64 mint(u64 cptr, u64 rights, u64 badge); /* a copy in a new slot */
u64 copy(u64 cptr);
u64 sched_context(u64 budget_us, u64 period_us,
                  u64 flags); /* of 8 bits, configured with 4 extra refills */
u64 device_untyped(void);
struct cslot *slot(u64 cptr);
struct cap cap(u64 cptr);
void *object(u64 cptr);

/* A thread that is ready to be resumed (thread_make resumes it; it runs when nobody above it does). */
struct thread thread_new(u8 priority);
struct thread thread_passive(u8 priority); /* without a context, resumed */
struct thread thread_make(u8 priority);    /* round robin, 5 ms */
void thread_set_fault_handler(const struct thread *t, u64 endpoint);
void thread_set_timeout_handler(const struct thread *t, u64 endpoint);

/* ---- Who runs ---- */

void as(const struct thread *t);
bool running(const struct thread *t);
void rest(void);                 /* the root task waits: whoever is next runs */
void root_returns(void);         /* the root task runs again */
bool root_tries_to_return(void); /* … if it still can */

/* ---- System calls of the running thread ---- */

void message(u64 label, struct words words,
             struct words caps); /* msginfo, message registers, caps */
void syscall_with(s64 number, u64 a0);
/* Call, restarted after preemptions until it is complete: label of the answer. Words: answer(i). */
u64 invoke(u64 cptr, u64 label, struct words words, struct words caps);
void sys_call(u64 cptr, u64 label, struct words words);
void sys_send(u64 cptr, u64 label, struct words words);
void sys_nb_send(u64 cptr, u64 label, struct words words);
void sys_signal(u64 cptr);
void sys_recv(u64 cptr, u64 reply);
void sys_nb_recv(u64 cptr, u64 reply);
void sys_wait(u64 cptr);
void sys_nb_wait(u64 cptr);
void sys_reply_recv(u64 cptr, u64 reply, u64 label, struct words words);
void sys_yield(void);

/* ---- Looking: what a thread has in its registers ---- */

u64 badge(const struct thread *t);
u64 label(const struct thread *t);
u64 length(const struct thread *t);
u64 word(const struct thread *t, unsigned i);
u64 answer(unsigned i); /* of the running thread */
enum thread_state state(const struct thread *t);

/* The answer of the last invocation: label and exactly these words. */
#define assert_answer(error, ...) check_answer((error), W(__VA_ARGS__), __FILE__, __LINE__)
void check_answer(u64 error, struct words words, const char *file, int line);

/* What a thread received: badge, label and exactly these words. */
#define assert_message(t, badge, label, ...)                                                       \
    check_message((t), (badge), (label), W(__VA_ARGS__), __FILE__, __LINE__)
void check_message(const struct thread *t, u64 badge, u64 label, struct words words,
                   const char *file, int line);

/* Fill all registers of a thread with a pattern; compare all but those in `except` (bit per register). */
void fill_registers(const struct thread *t);
#define REGISTER(r)                 (1ull << (r))
#define assert_registers(t, except) check_registers((t), (except), __FILE__, __LINE__)
void check_registers(const struct thread *t, u64 except, const char *file, int line);

/* All invariants hold now. */
void check_world(void);
