// SPDX-License-Identifier: BSD-2-Clause
/*
 * The keeper: the root task, of highest priority, waiting for its interrupt. It comes when nobody else can run, sets
 * things right or upsets them, and waits again. See tests/model/kernel/generate.h.
 */
#include "tests/model/kernel/generate.h"
#include "tests/model/kernel/random.h"
#include "tests/model/kernel/world.h"

static struct m_cap keeper_cap(u64 slot) {
    return slots[node_slot(0, slot)].cap;
}

/* An object that went with its last capability is made anew. */
static bool keeper_remakes(struct step_record *step) {
    const struct {
        u64 first;
        u64 count;
        u64 type;
        u64 bits;
    } all[] = {{w.threads, WORLD_THREADS, OBJECT_TCB, 0},
               {w.endpoints, WORLD_ENDPOINTS, OBJECT_ENDPOINT, 0},
               {w.notifications, WORLD_NOTIFICATIONS, OBJECT_NOTIFICATION, 0},
               {w.contexts, WORLD_CONTEXTS, OBJECT_SCHED_CONTEXT, 8},
               {w.replies, WORLD_REPLIES, OBJECT_REPLY, 0},
               {w.frames, WORLD_THREADS, OBJECT_4K_PAGE, 0},
               {w.untyped, 3, OBJECT_UNTYPED, 12}};

    for (unsigned kind = 0; kind < ARRAY_LENGTH(all); kind++) {
        for (u64 i = 0; i < all[kind].count; i++) {
            if (keeper_cap(all[kind].first + i).kind == SEL4_CAP_NULL) {
                step->cap = w.memory;
                step_message(step, METHOD_UNTYPED_RETYPE,
                             W(all[kind].type, all[kind].bits, 0, 0, all[kind].first + i, 1),
                             W(ROOT));
                return true;
            }
        }
    }
    return false;
}

static bool keeper_gives_time(struct step_record *step, u64 thread) {
    for (u64 i = 0; i < WORLD_CONTEXTS; i++) {
        struct m_cap cap = keeper_cap(w.contexts + i);

        if (cap.kind != SEL4_CAP_SCHED_CONTEXT) {
            continue;
        }
        const struct m_context *context = &contexts[cap.object];
        if (context->max == 0) {
            const u64 *p =
                (const u64[][2]){{1000, 1000}, {500, 2000}, {20, 100}, {300, 700}}[below(4)];

            step->cap = w.control;
            step_message(step, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                         W(p[0], p[1], below(9), below(100), below(2)), W(w.contexts + i));
            return true;
        }
        if (context->thread == NOBODY && context->notification == NOBODY) {
            step->cap = w.threads + thread;
            step_message(
                step, METHOD_TCB_SET_SCHED_PARAMS, W(100 + below(4), some_priority()),
                W(SEL4_INIT_SLOT_TCB, w.contexts + i,
                  chance(60) ? w.endpoints + below(WORLD_ENDPOINTS) : SEL4_INIT_SLOT_NULL));
            return true;
        }
    }
    return false;
}

static bool waits(int thread) {
    return threads[thread].state == RECEIVING;
}

/* A server that is to be passive loses its time while it waits. */
static bool keeper_takes_time(struct step_record *step, int thread) {
    int context = threads[thread].context;

    for (u64 i = 0; i < WORLD_CONTEXTS && context != NOBODY; i++) {
        struct m_cap cap = keeper_cap(w.contexts + i);

        if (cap.kind == SEL4_CAP_SCHED_CONTEXT && cap.object == context) {
            step->cap = w.contexts + i;
            step_message(step, METHOD_SCHED_CONTEXT_UNBIND, W(0), W(ROOT));
            return true;
        }
    }
    return false;
}

/* What keeps a thread from running is set right. False: nothing does, or
 * nothing can be done. */
static bool keeper_mends(struct step_record *step, u64 thread) {
    struct m_cap cap = keeper_cap(w.threads + thread);

    if (cap.kind != SEL4_CAP_THREAD) {
        return false;
    }
    step->cap = w.threads + thread;
    if (slot_empty(held_slot(cap.object, HELD_CSPACE))) {
        step_message(step, METHOD_TCB_CONFIGURE, W(LARGE_DATA, 0, chance(90) ? 0x14000 : 0),
                     W(w.large, SEL4_INIT_SLOT_VSPACE, w.frames + below(WORLD_THREADS)));
        return true;
    }
    if (waits(cap.object) && chance(is_server(cap.object) ? 60 : 20) &&
        keeper_takes_time(step, cap.object)) {
        return true;
    }
    if (threads[cap.object].state != RUNNABLE && chance(waits(cap.object) ? 10 : 40)) {
        step_message(step, METHOD_TCB_RESUME, W(0), W(ROOT));
        return true;
    }
    return threads[cap.object].context == NOBODY && chance(waits(cap.object) ? 5 : 80) &&
           keeper_gives_time(step, thread);
}

static void keeper_upsets(struct step_record *step) {
    u64 anything = w.threads + below(w.end - w.threads);
    u64 context = w.contexts + below(WORLD_CONTEXTS);

    step->cap = w.large;
    switch (below(8)) {
    case 0:
        step->cap = chance(80) ? w.large : w.middle;
        step_message(step, METHOD_CNODE_DELETE, W(below(32), step->cap == w.large ? LARGE_BITS : 5),
                     W(ROOT));
        break;
    case 1:
        step->cap = ROOT;
        step_message(step, METHOD_CNODE_REVOKE, W(chance(50) ? w.untyped + below(3) : anything, 64),
                     W(ROOT));
        break;
    case 2:
        step->cap = context;
        step_message(step, METHOD_SCHED_CONTEXT_UNBIND, W(0), W(ROOT));
        break;
    case 3:
        step->cap = w.threads + below(WORLD_THREADS);
        step_message(step, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(0),
                     W(w.endpoints + below(WORLD_ENDPOINTS)));
        break;
    default:
        step_message(step, METHOD_CNODE_COPY, W(below(64), LARGE_BITS, anything, 64, 15), W(ROOT));
        break;
    }
}

/*
 * The root task is the keeper: of highest priority, waiting for its interrupt.
 * It comes when nobody else can run, sets things right or upsets them, and
 * waits again.
 */
void keeper_step(struct step_record *step) {
    u64 first = below(WORLD_THREADS);

    step->number = SYSCALL_CALL;
    step->interrupted = chance(50); /* nobody is above the keeper, so it goes on by itself */
    if (chance(15)) {
        keeper_upsets(step);
        return;
    }
    if (keeper_remakes(step)) {
        return;
    }
    for (u64 i = 0; i < WORLD_THREADS; i++) {
        if (keeper_mends(step, (first + i) % WORLD_THREADS)) {
            return;
        }
    }
    if (lines[KEEPER_LINE].masked) {
        step->cap = w.line;
        step_message(step, METHOD_IRQ_HANDLER_ACK, W(0), W(ROOT));
    } else {
        step->number = SYSCALL_WAIT;
        step->cap = w.bell;
    }
}
