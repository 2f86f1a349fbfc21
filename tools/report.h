// SPDX-License-Identifier: BSD-2-Clause
// The report of a run: what core 0's monitor says on its "@skerry" lines (docs/user-level.md, Console), kept
// and shown as tables. Times are shared virtual time.
#pragma once

#include <stdio.h>

#include "tools/model.h"

struct report;

struct report *report_new(struct arena *arena, const struct system *system);

enum report_line {
    REPORT_TAKEN,
    REPORT_COMPLETE, // the line ended a report: there is a newer table
    REPORT_EXIT,     // the run is over; see report_status
    REPORT_UNKNOWN   // not a line of this protocol
};

// One line, without its newline, that begins with "@skerry ".
enum report_line report_take(struct report *report, const char *line);

int report_status(const struct report *report);
unsigned report_count(const struct report *report); // complete reports so far

// The tables of the last complete report; says so if there is none.
void report_print(const struct report *report, FILE *out);

// How it goes, in a few words: the response nearest to its deadline, and who has missed one. Empty before the first
// complete report.
char *report_summary(const struct report *report);

// A duration for people: 950ns, 16.7us, 5.00ms, 1.20s.
char *report_time(struct arena *arena, u64 ns);
