// SPDX-License-Identifier: BSD-2-Clause
// Codes of diagnostics: what stands in brackets behind a message, and what `skerry explain` says.
//
// A code is never given a second meaning. docs/errors.md is printed from the table in tools/codes.c.
#pragma once

#include <stdio.h>

#include "lib/types.h"

enum code {
    SK001,
    SK002,
    SK003,
    SK004,
    SK005,
    SK006,
    SK007,
    SK008,
    SK009,
    SK010,
    SK011,
    SK012,
    SK013,
    SK014,
    SK015,
    SK016,
    SK017,
    SK018,
    SK020,
    SK021,
    SK022,
    SK023,
    SK024,
    SK025,
    SK026,
    SK027,
    SK028,
    SK029,
    SK030,
    SK031,
    SK032,
    SK033,
    SK034,
    SK035,
    SK036,
    SK037,
    SK038,
    SK039,
    SK040,
    SK041,
    SK042,
    SK043,
    SK044,
    SK045,
    SK050,
    SK051,
    SK052,
    SK053,
    SK054,
    SK055,
    SK056,
    SK057,
    SK058,
    SK059,
    SK060,
    SK061,
    SK062,
    SK063,
    SK064,
    SK065,
    SK070,
    SK071,
    SK072,
    SK073,
    SK074,
    SK075,
    SK076,
    SK077,
    SK078,
    SK080,
    SK081,
    SK082,
    CODES
};

const char *code_name(enum code code);

// The longer text: what the error means, why it is one, what to do. NULL-terminated name lookup is
// case-insensitive; returns false if there is no such code.
bool code_by_name(const char *name, enum code *code);
const char *code_title(enum code code);
const char *code_about(enum code code);

// docs/errors.md, whole.
void codes_print_manual(FILE *out);
