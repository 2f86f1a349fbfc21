// SPDX-License-Identifier: BSD-2-Clause
// Reading report lines and printing tables. A report that is being received replaces the last complete one
// only when its end has come, so a run that dies in the middle of one still has a whole table to show.
#include "tools/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/units.h"

#define MAX_ROWS 512

struct row {
    const char *kind; // pd, response, channel, value, kernel
    const char *text; // the fields
};

struct rows {
    struct row row[MAX_ROWS];
    unsigned count;
};

struct report {
    struct arena *arena;
    const struct system *system;
    struct rows *coming, *complete;
    unsigned reports;
    int status;
};

struct report *report_new(struct arena *arena, const struct system *system) {
    struct report *report = ARENA_NEW(arena, struct report);
    report->arena = arena;
    report->system = system;
    report->coming = ARENA_NEW(arena, struct rows);
    report->complete = ARENA_NEW(arena, struct rows);
    return report;
}

static bool begins(const char *line, const char *with) {
    return !strncmp(line, with, strlen(with));
}

enum report_line report_take(struct report *report, const char *line) {
    if (!begins(line, "@skerry ")) {
        return REPORT_UNKNOWN;
    }
    line += strlen("@skerry ");
    if (begins(line, "exit ")) {
        report->status = atoi(line + strlen("exit "));
        return REPORT_EXIT;
    }
    if (!strcmp(line, "report begin")) {
        report->coming->count = 0;
        return REPORT_TAKEN;
    }
    if (!strcmp(line, "report end")) {
        struct rows *done = report->coming;
        report->coming = report->complete;
        report->complete = done;
        report->reports++;
        return REPORT_COMPLETE;
    }
    size_t length = strcspn(line, " ");
    if (report->coming->count == MAX_ROWS || !line[length]) {
        return REPORT_UNKNOWN;
    }
    report->coming->row[report->coming->count++] =
        (struct row){arena_copy(report->arena, line, length),
                     arena_copy(report->arena, line + length + 1, strlen(line + length + 1))};
    return REPORT_TAKEN;
}

int report_status(const struct report *report) {
    return report->status;
}

unsigned report_count(const struct report *report) {
    return report->reports;
}

/* ---- Fields ------------------------------------------------------------------------------------ */

// The value behind "key=", up to the next space; NULL if there is none.
static char *field(const struct report *report, const struct row *row, const char *key) {
    size_t length = strlen(key);
    for (const char *at = row->text; *at; at += strcspn(at, " "), at += *at == ' ') {
        if (!strncmp(at, key, length) && at[length] == '=') {
            const char *value = at + length + 1;
            return arena_copy(report->arena, value, strcspn(value, " "));
        }
    }
    return NULL;
}

static u64 number(const struct report *report, const struct row *row, const char *key) {
    const char *value = row ? field(report, row, key) : NULL;
    return value ? strtoull(value, NULL, 10) : 0;
}

// The row of a kind that is about a given domain, and channel if that is not NULL.
static const struct row *row_find(const struct report *report, const char *kind, const char *name,
                                  const char *channel) {
    for (unsigned i = 0; i < report->complete->count; i++) {
        const struct row *row = &report->complete->row[i];
        const char *row_name = field(report, row, "name"),
                   *row_channel = field(report, row, "channel");
        if (!strcmp(row->kind, kind) && row_name && !strcmp(row_name, name) &&
            (!channel || (row_channel && !strcmp(row_channel, channel)))) {
            return row;
        }
    }
    return NULL;
}

char *report_time(struct arena *arena, u64 ns) {
    if (ns < 1000) {
        return arena_printf(arena, "%" PRIu64 "ns", ns);
    }
    if (ns < 1000000) {
        return arena_printf(arena, "%" PRIu64 ".%" PRIu64 "us", ns / 1000, ns % 1000 / 100);
    }
    if (ns < 1000000000) {
        return arena_printf(arena, "%" PRIu64 ".%02" PRIu64 "ms", ns / 1000000,
                            ns % 1000000 / 10000);
    }
    return arena_printf(arena, "%" PRIu64 ".%02" PRIu64 "s", ns / 1000000000,
                        ns % 1000000000 / 10000000);
}

/* ---- Tables ------------------------------------------------------------------------------------ */

static char *time_field(const struct report *report, const struct row *row, const char *key) {
    return row ? report_time(report->arena, number(report, row, key))
               : arena_copy(report->arena, "-", 1);
}

static void domains_print(const struct report *report, FILE *out) {
    fprintf(out, "%-24s %11s %7s %9s %7s %9s %9s %9s %9s %9s\n", "protection domain", "activations",
            "misses", "exhausted", "faults", "p50", "p90", "p99", "max", "deadline");
    for (unsigned i = 0; i < report->complete->count; i++) {
        const struct row *row = &report->complete->row[i];
        const char *name = field(report, row, "name"), *core = field(report, row, "core");
        if (strcmp(row->kind, "pd") || !name || !core) {
            continue;
        }
        const struct row *response = row_find(report, "response", name, NULL);
        bool has_deadline = response && number(report, response, "deadline_ns");
        fprintf(out,
                "%-24s %11" PRIu64 " %7" PRIu64 " %9" PRIu64 " %7" PRIu64 " %9s %9s %9s %9s %9s\n",
                arena_printf(report->arena, "%s %s", core, name),
                number(report, row, "activations"), number(report, row, "misses"),
                number(report, row, "exhaustions"), number(report, row, "faults"),
                time_field(report, response, "p50_ns"), time_field(report, response, "p90_ns"),
                time_field(report, response, "p99_ns"), time_field(report, response, "max_ns"),
                has_deadline ? time_field(report, response, "deadline_ns") : "-");
    }
    fputs("(times: from release to completion, in virtual time that all harts share)\n", out);
}

static void channel_print(const struct report *report, const struct channel_end *from,
                          const struct channel_end *to, FILE *out) {
    struct arena *arena = report->arena;
    const struct row *sender =
        row_find(report, "channel", from->domain->name, arena_printf(arena, "%u", from->id));
    const struct row *receiver =
        row_find(report, "channel", to->domain->name, arena_printf(arena, "%u", to->id));
    u64 sent = number(report, sender, "sent"), received = number(report, receiver, "received");
    u64 coalesced = number(report, receiver, "coalesced");
    if (!coalesced && sent > received) {
        coalesced = sent - received;
    }
    fprintf(out, "%-48s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n",
            arena_printf(arena, "%s %s %s %s", from->domain->name,
                         from->domain->core == to->domain->core ? "->" : "=>", to->domain->name,
                         from->domain->core == to->domain->core
                             ? ""
                             : arena_printf(arena, "(%s to %s)", from->domain->core->name,
                                            to->domain->core->name)),
            sent, received, coalesced);
}

static void channels_print(const struct report *report, FILE *out) {
    const struct system *system = report->system;
    if (!system->channel_count) {
        return;
    }
    fprintf(out, "\n%-48s %9s %9s %9s\n", "channel (=> between kernels)", "sent", "received",
            "coalesced");
    for (unsigned i = 0; i < 2 * system->channel_count; i++) {
        const struct channel *channel = &system->channels[i / 2];
        if (channel->end[i % 2].notify) {
            channel_print(report, &channel->end[i % 2], &channel->end[1 - i % 2], out);
        }
    }
}

// A chain took as long as its last task's jobs, if their release is the first task's, which came with the data:
// that is what a sporadic job's release is (rt_job_begin). The clock of a periodic one says nothing of the data.
static void chain_print(const struct report *report, const struct chain *chain, FILE *out) {
    const struct domain *last =
        chain->task_count ? chain->tasks[chain->task_count - 1]->domain : NULL;
    const struct row *domain = last ? row_find(report, "pd", last->name, NULL) : NULL;
    const char *kind = domain ? field(report, domain, "kind") : NULL;
    const struct row *response =
        kind && !strcmp(kind, "sporadic") ? row_find(report, "response", last->name, NULL) : NULL;
    u64 longest = number(report, response, "max_ns");
    fprintf(out, "%-24s %9" PRIu64 " %9s %9s %9s %9s %9s %s\n", chain->name,
            response ? number(report, domain, "completions") : 0,
            time_field(report, response, "p50_ns"), time_field(report, response, "p90_ns"),
            time_field(report, response, "p99_ns"), time_field(report, response, "max_ns"),
            report_time(report->arena, chain->deadline_ns),
            !response                       ? "not measured"
            : longest <= chain->deadline_ns ? "met"
                                            : "MISSED");
}

static void chains_print(const struct report *report, FILE *out) {
    const struct system *system = report->system;
    if (!system->chain_count) {
        return;
    }
    fprintf(out, "\n%-24s %9s %9s %9s %9s %9s %9s\n", "chain, end to end", "completed", "p50",
            "p90", "p99", "max", "deadline");
    for (unsigned i = 0; i < system->chain_count; i++) {
        chain_print(report, &system->chains[i], out);
    }
}

// Lines "kernel": entries by kind, one row each.
static void kernels_print(const struct report *report, FILE *out) {
    bool first = true;
    for (unsigned i = 0; i < report->complete->count; i++) {
        const struct row *row = &report->complete->row[i];
        if (strcmp(row->kind, "kernel")) {
            continue;
        }
        if (first) {
            fprintf(out, "\n%-24s %11s %9s %9s %9s %9s\n", "kernel entries by kind", "syscalls",
                    "faults", "timer", "device", "doorbell");
        }
        first = false;
        const char *core = field(report, row, "core");
        fprintf(out, "%-24s", core ? core : "?");
        for (unsigned k = 0; k < 5; k++) {
            static const char *const kinds[] = {"syscalls", "faults", "timer", "device",
                                                "doorbell"};
            const char *value = field(report, row, kinds[k]);
            fprintf(out, " %*s", k ? 9 : 11, value ? value : "-");
        }
        fputc('\n', out);
    }
}

static void values_print(const struct report *report, FILE *out) {
    bool first = true;
    for (unsigned i = 0; i < report->complete->count; i++) {
        const struct row *row = &report->complete->row[i];
        const char *core = field(report, row, "core"), *name = field(report, row, "name");
        const char *key = field(report, row, "key"), *value = field(report, row, "value");
        if (strcmp(row->kind, "value") || !core || !name || !key || !value) {
            continue;
        }
        if (first) {
            fprintf(out, "\n%-24s %-23s %s\n", "reported by", "value", "");
        }
        first = false;
        fprintf(out, "%-24s %-23s %10s\n", arena_printf(report->arena, "%s %s", core, name), key,
                value);
    }
}

// The rows of domains that have responses, one after the other; NULL: no more.
static const struct row *response_next(const struct report *report, unsigned *at) {
    while (*at < report->complete->count) {
        const struct row *row = &report->complete->row[(*at)++];
        if (!strcmp(row->kind, "response") && field(report, row, "name") &&
            number(report, row, "deadline_ns")) {
            return row;
        }
    }
    return NULL;
}

static u64 misses_of(const struct report *report, const char *name) {
    return number(report, row_find(report, "pd", name, NULL), "misses");
}

// Of the domains that have missed nothing, the one whose worst response is nearest to its deadline.
static char *nearest_show(const struct report *report) {
    char *text = arena_copy(report->arena, "", 0);
    double nearest = -1;
    const struct row *row;
    for (unsigned at = 0; (row = response_next(report, &at));) {
        const char *name = field(report, row, "name");
        u64 most = number(report, row, "max_ns"), deadline = number(report, row, "deadline_ns");
        double share = (double)most / (double)deadline;
        if (share > nearest && !misses_of(report, name)) {
            nearest = share;
            text = arena_printf(report->arena, ", worst response %s %s of %s", name,
                                report_time(report->arena, most),
                                report_time(report->arena, deadline));
        }
    }
    return text;
}

char *report_summary(const struct report *report) {
    if (!report->reports) {
        return arena_copy(report->arena, "", 0);
    }
    char *misses = arena_copy(report->arena, "", 0);
    const struct row *row;
    for (unsigned at = 0; (row = response_next(report, &at));) {
        const char *name = field(report, row, "name");
        u64 count = misses_of(report, name);
        if (count) {
            misses = arena_printf(report->arena, "%s%s %s %" PRIu64, misses, *misses ? "," : "",
                                  name, count);
        }
    }
    return arena_printf(report->arena, "%s, misses:%s", nearest_show(report),
                        *misses ? misses : " none");
}

void report_print(const struct report *report, FILE *out) {
    if (!report->reports) {
        fputs("(no report has come from the console program)\n", out);
        return;
    }
    fputc('\n', out);
    domains_print(report, out);
    channels_print(report, out);
    chains_print(report, out);
    kernels_print(report, out);
    values_print(report, out);
}
