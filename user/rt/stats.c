// SPDX-License-Identifier: BSD-2-Clause
/* Statistics of a domain: pure, so the host tests it and the console program shares it (rt/stats.h). */
#include "user/rt/stats.h"

/* Below this many ticks a bucket is one value; from here on an octave has STEPS buckets. */
#define EXACT      32u
#define STEPS      16u
#define STEPS_BITS 4u

u32 rt_bucket(u64 ticks) {
    if (ticks < EXACT) {
        return (u32)ticks;
    }
    u32 top = 63u - (u32)__builtin_clzll(ticks);
    u32 step = (u32)(ticks >> (top - STEPS_BITS)) & (STEPS - 1);
    u32 bucket = (top - 3u) * STEPS + step;
    return bucket < RT_STATS_BUCKETS ? bucket : RT_STATS_BUCKETS - 1;
}

u64 rt_bucket_top(u32 bucket) {
    if (bucket < EXACT) {
        return bucket;
    }
    if (bucket >= RT_STATS_BUCKETS - 1) {
        return ~0ull;
    }
    u32 top = bucket / STEPS + 3u;
    u64 width = 1ull << (top - STEPS_BITS);
    return (STEPS + bucket % STEPS) * width + width - 1;
}

/* Copies a zero-terminated string, cut to fit, and clears the rest. */
static void name_copy(char *to, u32 size, const char *from) {
    u32 i = 0;
    for (; i + 1 < size && from[i] != '\0'; i++) {
        to[i] = from[i];
    }
    for (; i < size; i++) {
        to[i] = '\0';
    }
}

void rt_stats_begin(struct rt_stats *s, const char *core, const char *name, u64 timebase_hz) {
    if (s->magic != RT_STATS_MAGIC || s->version != RT_STATS_VERSION) {
        u64 *word = (u64 *)s;
        for (u32 i = 0; i < sizeof(*s) / sizeof(u64); i++) {
            word[i] = 0;
        }
    }
    s->version = RT_STATS_VERSION;
    s->exit = 0;
    name_copy(s->core, sizeof(s->core), core);
    name_copy(s->name, sizeof(s->name), name);
    s->timebase_hz = timebase_hz;
    __atomic_store_n(&s->magic, RT_STATS_MAGIC, __ATOMIC_RELEASE);
}

void rt_stats_job(struct rt_stats *s, u64 release, u64 begin, u64 end) {
    u64 response = end > release ? end - release : 0;
    u64 late = begin > release ? begin - release : 0;
    s->response_sum += response;
    s->response_max = max_u64(s->response_max, response);
    s->lateness_max = max_u64(s->lateness_max, late);
    s->histogram[rt_bucket(response)]++;
    if (s->deadline_ticks != 0 && response > s->deadline_ticks) {
        s->misses++;
    }
    /* Last: a reader that sees n completions finds at least n entries in the histogram. */
    __atomic_store_n(&s->completions, s->completions + 1, __ATOMIC_RELEASE);
}

u64 rt_stats_percentile(const struct rt_stats *s, u32 permille) {
    u64 entries = 0;
    for (u32 i = 0; i < RT_STATS_BUCKETS; i++) {
        entries += s->histogram[i];
    }
    /* The rank of the wanted response, from 1; rounded up, so that 1000 is the slowest job. */
    u64 rank = max_u64((entries * permille + 999) / 1000, 1);
    u64 seen = 0;
    for (u32 i = 0; i < RT_STATS_BUCKETS; i++) {
        seen += s->histogram[i];
        if (seen >= rank) {
            return min_u64(rt_bucket_top(i), s->response_max);
        }
    }
    return 0;
}

static bool name_ends(const char *name, u32 size) {
    for (u32 i = 0; i < size; i++) {
        if (name[i] == '\0') {
            return true;
        }
    }
    return false;
}

bool rt_stats_check(const struct rt_stats *s) {
    if (s->magic != RT_STATS_MAGIC || s->version != RT_STATS_VERSION || s->timebase_hz == 0 ||
        s->kind > RT_KIND_SPORADIC || !name_ends(s->core, sizeof(s->core)) ||
        !name_ends(s->name, sizeof(s->name))) {
        return false;
    }
    for (u32 i = 0; i < RT_STATS_VALUES; i++) {
        if (!name_ends(s->value[i].name, RT_VALUE_NAME)) {
            return false;
        }
    }
    return true;
}
