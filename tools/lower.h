// SPDX-License-Identifier: BSD-2-Clause
// The system as JSON: the form that every other tool reads.
//
// Addresses and sizes are numbers in bytes, times numbers in nanoseconds; addresses of things that could not
// be placed are left out. Keys are in a fixed order, so the same system gives the same bytes.
#pragma once

#include "tools/model.h"

#define JSON_FORM_VERSION 1

// Ends with a newline.
char *lower_json(struct arena *arena, const struct system *system);
