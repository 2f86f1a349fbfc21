// SPDX-License-Identifier: BSD-2-Clause
/*
 * The refill list of a scheduling context (kernel/model/sched_context.h has the picture and INV-SC-1..3).
 *
 * Sporadic (flag set): time used from t on comes back at t + period, so in any window of one period the
 * context runs for at most its budget (plus one overrun, which is charged against the following refill).
 * Constant bandwidth (flag clear): time used from a refill that became due at t comes back at t + period,
 * so since its release the context runs for at most budget x (floor(elapsed / period) + 1).
 * Round robin (period 0): the whole budget comes back at once; the flag means nothing then and is not kept.
 *
 * All times are ticks; `now` is handed in, nothing here reads the clock.
 */
#pragma once

#include "kernel/model/sched_context.h"

/* A fresh list: one refill of `budget` due at `now`. 2 <= max <= what the object holds. */
void refill_new(struct sched_context *sc, unsigned max, ticks_t budget, ticks_t period, u16 flags,
                ticks_t now);

/* Change the parameters of a list in use: what was used in the current period stays used. */
void refill_update(struct sched_context *sc, unsigned max, ticks_t budget, ticks_t period,
                   u16 flags, ticks_t now, ticks_t min_budget);

ALWAYS_INLINE struct refill *refill_head(struct sched_context *sc) {
    return &sc->refill[sc->refill_head];
}

ALWAYS_INLINE bool sc_is_configured(const struct sched_context *sc) {
    return sc->refill_max > 0;
}

ALWAYS_INLINE bool sc_is_round_robin(const struct sched_context *sc) {
    return sc->period == 0;
}

/* The head refill is due: the thread may run. */
ALWAYS_INLINE bool refill_is_ready(struct sched_context *sc, ticks_t now) {
    return refill_head(sc)->time <= now;
}

ALWAYS_INLINE struct refill *refill_at(struct sched_context *sc, unsigned index) {
    unsigned place = sc->refill_head + index;

    return &sc->refill[place < sc->refill_max ? place : place - sc->refill_max];
}

ALWAYS_INLINE struct refill *refill_tail(struct sched_context *sc) {
    return refill_at(sc, sc->refill_count - 1u);
}

/*
 * Add tokens that may be used from `time` on, behind the tail. The k-th token of a refill cannot be used before the
 * refill's time + k, since the ones before it take that long: so tokens due by then join the tail as it stands. A full
 * list lets the tail wait until they can.
 */
ALWAYS_INLINE void refill_append(struct sched_context *sc, ticks_t time, ticks_t amount) {
    if (sc->refill_count > 0) {
        struct refill *tail = refill_tail(sc);

        if (time > tail->time + tail->amount && sc->refill_count == sc->refill_max) {
            tail->time = time - tail->amount;
        }
        if (time <= tail->time + tail->amount) {
            tail->amount += amount;
            return;
        }
    }
    sc->refill_count++;
    *refill_tail(sc) = (struct refill){time, amount};
}

/* A later refill of a sporadic context is due as well: refill_merge_due() has something to do. */
ALWAYS_INLINE bool refill_next_is_due(struct sched_context *sc, ticks_t now) {
    return sc->refill_count > 1 && (sc->flags & SC_SPORADIC) != 0 && refill_at(sc, 1)->time <= now;
}

/* Join every refill that is due by now into the head: called when the context is about to run. */
void refill_merge_due(struct sched_context *sc, ticks_t now);

/* Result of a charge. */
enum refill_outcome { REFILL_LEFT, REFILL_EXHAUSTED };

/* `used` ticks ran from `start` on. EXHAUSTED: the head refill is used up (the list is ready for the next). */
enum refill_outcome refill_charge(struct sched_context *sc, ticks_t used, ticks_t start,
                                  ticks_t min_budget);

/* Charging `used` leaves at least the minimum in the head, and a list that needs no care: the usual case. */
ALWAYS_INLINE bool refill_covers(struct sched_context *sc, ticks_t used, ticks_t now,
                                 ticks_t min_budget) {
    return refill_head(sc)->amount > used + min_budget && !refill_next_is_due(sc, now);
}

/* The same as refill_charge(), in the usual case. */
ALWAYS_INLINE void refill_charge_covered(struct sched_context *sc, ticks_t used, ticks_t start) {
    struct refill *head = refill_head(sc);
    bool sporadic = (sc->flags & SC_SPORADIC) != 0;
    ticks_t since = sporadic ? max_u64(start, head->time) : head->time;

    head->amount -= used;
    if (sc->refill_count == 1) {
        sc->refill_count = 2; /* later than the head, or (round robin) behind it all the same */
        *refill_tail(sc) = (struct refill){since + sc->period, used};
    } else {
        refill_append(sc, since + sc->period, used);
    }
}

/* The list of a round-robin context as refill_yield() leaves it: a whole slice. */
ALWAYS_INLINE void refill_whole(struct sched_context *sc) {
    sc->refill_count = 1;
    refill_head(sc)->amount = sc->budget;
}

/* Give up what is left of the head refill (Yield): it comes back as if it had been used at `now`. */
void refill_yield(struct sched_context *sc, ticks_t now, ticks_t min_budget);

/* Sum of all amounts: equals sc->budget (INV-SC-2). */
ticks_t refill_sum(const struct sched_context *sc);
