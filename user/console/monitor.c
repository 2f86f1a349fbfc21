// SPDX-License-Identifier: BSD-2-Clause
/*
 * Statistics pages to report lines (console/console.h). A page belongs to a domain that may be hostile: it is
 * copied, the copy checked, and every name reduced to letters that cannot break a line.
 */
#include "user/console/console.h"

#include "user/rt/stats.h"

typedef unsigned long ul;

static struct rt_stats copy;

static struct rt_stats *page_at(u32 index) {
    return (struct rt_stats *)(console_stats + (u64)index * PAGE_SIZE);
}

static u32 pages(void) {
    return (u32)min_u64(console_stats_count, CONSOLE_MAX_STATS);
}

/* Letters, digits and "_-.:" stay, everything else becomes '_'. The name is zero-terminated (checked). */
static void name_clean(char *name) {
    for (; *name != '\0'; name++) {
        char c = *name;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-' || c == '.' || c == ':';
        *name = plain ? c : '_';
    }
}

/* Take a consistent-enough copy: counters are single words and only grow (user/rt/stats.h). */
static bool page_copy(u32 index) {
    const volatile u64 *from = (const volatile u64 *)page_at(index);
    u64 *to = (u64 *)&copy;
    for (u32 i = 0; i < sizeof(copy) / sizeof(u64); i++) {
        to[i] = from[i];
    }
    if (!rt_stats_check(&copy)) {
        return false;
    }
    name_clean(copy.core);
    name_clean(copy.name);
    for (u32 i = 0; i < RT_STATS_VALUES; i++) {
        name_clean(copy.value[i].name);
    }
    return true;
}

static ul ns(u64 ticks) {
    u64 hz = copy.timebase_hz;
    return ticks / hz * 1000000000ull + ticks % hz * 1000000000ull / hz;
}

static const char *kind_name(u32 kind) {
    static const char *const names[] = {"events", "periodic", "sporadic"};
    return names[kind];
}

/*
 * Faults of a domain: those its core's monitor saw, which leave it stopped, and those its parent answered with
 * a restart, which only the domain itself can count, as lives after the first.
 */
static ul faults(void) {
    return copy.faults + (copy.starts > 1 ? copy.starts - 1 : 0);
}

static void report_domain(void) {
    console_line("@skerry pd core=%s name=%s kind=%s activations=%lu completions=%lu misses=%lu "
                 "skipped=%lu exhaustions=%lu faults=%lu starts=%lu calls=%lu consumed_us=%lu "
                 "consumed_max_us=%lu budget_us=%lu",
                 copy.core, copy.name, kind_name(copy.kind), (ul)copy.activations,
                 (ul)copy.completions, (ul)copy.misses, (ul)copy.skipped, (ul)copy.exhaustions,
                 faults(), (ul)copy.starts, (ul)copy.calls, (ul)copy.consumed_us,
                 (ul)copy.consumed_max_us, (ul)copy.budget_us);
    if (copy.completions != 0) {
        console_line(
            "@skerry response core=%s name=%s p50_ns=%lu p90_ns=%lu p99_ns=%lu p999_ns=%lu "
            "max_ns=%lu sum_ns=%lu lateness_max_ns=%lu period_ns=%lu deadline_ns=%lu",
            copy.core, copy.name, ns(rt_stats_percentile(&copy, 500)),
            ns(rt_stats_percentile(&copy, 900)), ns(rt_stats_percentile(&copy, 990)),
            ns(rt_stats_percentile(&copy, 999)), ns(copy.response_max), ns(copy.response_sum),
            ns(copy.lateness_max), ns(copy.period_ticks), ns(copy.deadline_ticks));
    }
}

static void report_channels(void) {
    for (u32 ch = 0; ch < RT_STATS_CHANNELS; ch++) {
        const struct rt_channel_stats *c = &copy.channel[ch];
        if ((c->sent | c->received | c->coalesced) != 0) {
            console_line(
                "@skerry channel core=%s name=%s channel=%u sent=%lu received=%lu coalesced=%lu",
                copy.core, copy.name, ch, (ul)c->sent, (ul)c->received, (ul)c->coalesced);
        }
    }
}

static void report_values(void) {
    for (u32 i = 0; i < RT_STATS_VALUES; i++) {
        if (copy.value[i].name[0] != '\0') {
            console_line("@skerry value core=%s name=%s key=%s value=%ld", copy.core, copy.name,
                         copy.value[i].name, (long)copy.value[i].value);
        }
    }
}

void monitor_report(void) {
    console_line("@skerry report begin");
    for (u32 i = 0; i < pages(); i++) {
        if (page_copy(i)) {
            report_domain();
            report_channels();
            report_values();
        }
    }
    console_report_kernels();
    console_line("@skerry report end");
}

bool monitor_ended(int *status) {
    bool ended = false;
    u32 worst = 0;
    for (u32 i = 0; i < pages(); i++) {
        u64 asked = __atomic_load_n(&page_at(i)->exit, __ATOMIC_ACQUIRE);
        if ((console_exit_mask & BIT(i)) != 0 && page_at(i)->magic == RT_STATS_MAGIC &&
            (asked & RT_EXIT_SET) != 0) {
            ended = true;
            worst = (u32)max_u64(worst, (u32)asked);
        }
    }
    *status = (int)(worst & 0xff);
    return ended;
}
