// SPDX-License-Identifier: BSD-2-Clause
/*
 * Faults and budget exhaustions of a core's domains (init/monitor.h).
 *
 * One reply object serves all: a timeout fault is answered with the next wait; any other fault is not
 * answered, and when the reply object is used again the faulting thread is left inactive.
 */
#include "user/init/monitor.h"

#include "user/init/say.h"
#include "user/init/watch.h"
#include "user/microkit/layout.h"

static struct watched watched[INIT_MAX_WATCHED];

bool monitor_watch(u32 index, const struct watched *domain) {
    if (index >= INIT_MAX_WATCHED) {
        return false;
    }
    watched[index] = *domain;
    if (domain->stats != NULL) {
        rt_stats_begin(domain->stats, say_core_name(), domain->name, say_timebase_hz());
    }
    return true;
}

/* Which access a VMFault's status register names (SEL4-ABI 9). */
static const char *access_name(seL4_Word fsr) {
    switch (fsr) {
    case 1:
        return "fetch from";
    case 5:
        return "load from";
    case 7:
        return "store to";
    default:
        return "access to";
    }
}

static void fault_say(const char *name, seL4_Word label) {
    unsigned long ip = seL4_GetMR(0);
    switch (label) {
    case seL4_Fault_VMFault:
        say("%s stopped: %s 0x%lx, which it may not, at 0x%lx", name, access_name(seL4_GetMR(3)),
            (unsigned long)seL4_GetMR(1), ip);
        break;
    case seL4_Fault_CapFault:
        say("%s stopped: no such capability: %lu, at 0x%lx", name, (unsigned long)seL4_GetMR(1),
            ip);
        break;
    case seL4_Fault_UserException:
        say("%s stopped: exception %lu at 0x%lx", name, (unsigned long)seL4_GetMR(2), ip);
        break;
    case seL4_Fault_UnknownSyscall:
        say("%s stopped: no such system call: %ld, at 0x%lx", name, (long)seL4_GetMR(10), ip);
        break;
    default:
        say("%s stopped: fault %lu", name, (unsigned long)label);
        break;
    }
}

/* Returns true if the fault is to be answered, so that the thread goes on at its next refill. */
static bool fault_handle(struct watched *domain, seL4_Word label) {
    bool timeout = label == seL4_Fault_Timeout;
    if (domain->stats != NULL && timeout) {
        domain->stats->exhaustions++;
    }
    if (domain->stats != NULL && !timeout) {
        domain->stats->faults++;
        domain->stats->last_fault = label;
        domain->stats->last_fault_ip = seL4_GetMR(0);
    }
    if (!timeout) {
        fault_say(domain->name, label);
    }
    return timeout;
}

/* Domains that have initialised give their scheduling context to their notification. */
static void passive_take(seL4_Word word) {
    while (word != 0) {
        u32 index = (u32)__builtin_ctzll(word);
        word &= word - 1;
        struct watched *domain = &watched[index % INIT_MAX_WATCHED];
        if ((domain->flags & INIT_WATCH_PASSIVE) == 0) {
            continue;
        }
        seL4_Error error = seL4_SchedContext_UnbindObject(domain->sc, domain->tcb);
        if (error == seL4_NoError && domain->notification != seL4_CapNull) {
            error = seL4_SchedContext_Bind(domain->sc, domain->notification);
        }
        if (error != seL4_NoError) {
            say("%s cannot become passive: seL4 error %d", domain->name, (int)error);
        }
    }
}

void monitor_serve(seL4_CPtr endpoint, seL4_CPtr reply) {
    bool answer = false;
    for (;;) {
        seL4_Word badge = 0;
        seL4_MessageInfo_t info =
            answer ? seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge, reply)
                   : seL4_Recv(endpoint, &badge, reply);
        answer = false;
        if ((badge & PD_BADGE_FAULT) != 0) {
            u32 index = (u32)(badge & MASK(32)) % INIT_MAX_WATCHED;
            answer = fault_handle(&watched[index], seL4_MessageInfo_get_label(info));
        } else {
            passive_take(badge);
        }
    }
}
