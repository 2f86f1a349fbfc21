// SPDX-License-Identifier: BSD-2-Clause
/*
 * Refill lists; contract and laws in mcs/refill.h.
 *
 * Why the sporadic bound holds: a token (one tick of budget) used at t is appended with a time of at
 * least t + period, and appending, joining and merging only ever move a token later. So between two uses
 * of one token lies at least a period, and there are `budget` tokens.
 */
#include "mcs/refill.h"

#include "lib/bound.h"

static void refill_pop(struct sched_context *sc) {
    unsigned next = sc->refill_head + 1u;

    sc->refill_head = (u16)(next < sc->refill_max ? next : 0);
    sc->refill_count--;
}

/* Join the head into its successor, at the successor's time. */
static void refill_join_head(struct sched_context *sc) {
    ticks_t amount = refill_head(sc)->amount;

    refill_pop(sc);
    refill_head(sc)->amount += amount;
}

void refill_new(struct sched_context *sc, unsigned max, ticks_t budget, ticks_t period, u16 flags,
                ticks_t now) {
    sc->period = period;
    sc->budget = budget;
    sc->flags = period == 0 ? flags & (u16)~SC_SPORADIC : flags;
    sc->refill_max = (u16)max;
    sc->refill_head = 0;
    sc->refill_count = 1;
    sc->refill[0] = (struct refill){now, budget};
}

void refill_update(struct sched_context *sc, unsigned max, ticks_t budget, ticks_t period,
                   u16 flags, ticks_t now, ticks_t min_budget) {
    struct refill head = *refill_head(sc);
    ticks_t left = min_u64(head.amount, budget);

    /* The head keeps what it had left; the rest of the new budget comes one new period after it. */
    refill_new(sc, max, budget, period, flags, max_u64(head.time, now));
    if (period != 0 && left < budget) {
        sc->refill[0].amount = left;
        refill_append(sc, sc->refill[0].time + period, budget - left);
        if (left < min_budget) {
            refill_join_head(sc);
        }
    }
}

/*
 * Join the successor of the head into it, at the head's time. Both may be used now, and sporadic time comes back one
 * period after its use, whatever time the refill carries, so the older time is as safe. And it must stay: tokens given
 * up come back one period after it (refill_yield), so a periodic thread that is dispatched a little late would
 * otherwise be released a little later every period.
 */
static void refill_join_due(struct sched_context *sc) {
    struct refill head = *refill_head(sc);

    refill_pop(sc);
    refill_head(sc)->amount += head.amount;
    refill_head(sc)->time = head.time;
}

void refill_merge_due(struct sched_context *sc, ticks_t now) {
    if ((sc->flags & SC_SPORADIC) == 0) {
        return; /* constant bandwidth: a refill's own time decides when its tokens come back */
    }
    BOUND(refill_merge_due, sc->refill_max);
    while (sc->refill_count > 1 && refill_at(sc, 1)->time <= now) {
        BOUND_STEP(refill_merge_due);
        refill_join_due(sc);
    }
}

/* Round robin: what is used waits behind the head until the slice is over, then all is there again. */
static enum refill_outcome charge_round_robin(struct sched_context *sc, ticks_t used, ticks_t end) {
    struct refill *head = refill_head(sc);

    if (used < head->amount) {
        head->amount -= used;
        if (sc->refill_count == 1) {
            sc->refill_count = 2;
            *refill_tail(sc) = (struct refill){head->time, 0};
        }
        refill_tail(sc)->amount += used;
        return REFILL_LEFT;
    }
    sc->refill_count = 1;
    *head = (struct refill){min_u64(head->time, end), sc->budget};
    return REFILL_EXHAUSTED;
}

enum refill_outcome refill_charge(struct sched_context *sc, ticks_t used, ticks_t start,
                                  ticks_t min_budget) {
    enum refill_outcome outcome = REFILL_LEFT;
    bool sporadic = (sc->flags & SC_SPORADIC) != 0;

    if (sc_is_round_robin(sc)) {
        return charge_round_robin(sc, used, start + used);
    }
    /* An overrun is shorter than a budget in practice; whatever it is, it is paid within two turns of the list. */
    BOUND(refill_charge, 2u * sc->refill_max + 2u);
    for (unsigned turns = 2u * sc->refill_max + 2u; used > 0 && turns > 0; turns--) {
        BOUND_STEP(refill_charge);
        struct refill head = *refill_head(sc);
        ticks_t since = sporadic ? max_u64(start, head.time) : head.time;
        ticks_t taken = min_u64(used, head.amount);

        if (taken == head.amount) {
            refill_pop(sc);
            outcome = REFILL_EXHAUSTED;
        } else {
            refill_head(sc)->amount -= taken;
        }
        refill_append(sc, since + sc->period, taken);
        used -= taken;
        start += taken;
    }
    BOUND(refill_join, sc->refill_max);
    while (sc->refill_count > 1 && refill_head(sc)->amount < min_budget) {
        BOUND_STEP(refill_join);
        refill_join_head(sc);
        outcome = REFILL_EXHAUSTED;
    }
    return outcome;
}

void refill_yield(struct sched_context *sc, ticks_t now, ticks_t min_budget) {
    struct refill *head = refill_head(sc);

    if (sc_is_round_robin(sc)) {
        (void)refill_charge(sc, head->amount, now, min_budget);
        return;
    }
    /* Tokens given up were not used, so they may come back at the head's own next turn. */
    ticks_t again = head->time + sc->period;
    if ((sc->flags & SC_SPORADIC) != 0) {
        again = max_u64(again, now);
    }
    if (sc->refill_count > 1 && refill_at(sc, 1)->time <= again) {
        ticks_t amount = head->amount;

        refill_pop(sc);
        refill_append(sc, again, amount);
    } else {
        head->time = again;
    }
    BOUND(refill_yield_join, sc->refill_max);
    while (sc->refill_count > 1 && refill_head(sc)->amount < min_budget) {
        BOUND_STEP(refill_yield_join);
        refill_join_head(sc);
    }
}

ticks_t refill_sum(const struct sched_context *sc) {
    ticks_t sum = 0;

    BOUND(refill_sum, sc->refill_max);
    for (unsigned i = 0; i < sc->refill_count; i++) {
        BOUND_STEP(refill_sum);
        sum += refill_at((struct sched_context *)(uintptr_t)sc, i)->amount;
    }
    return sum;
}
