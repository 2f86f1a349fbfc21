// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which Skerry this is. The strings live in one small object that meson makes from lib/version.c.in, so
 * a new commit recompiles that object only.
 */
#pragma once

/* The release, e.g. "0.1.0". */
extern const char skerry_version[];
/* `git describe` of the tree that was built, e.g. "1a2b3c4" or "1a2b3c4-dirty"; "unknown" without git. */
extern const char skerry_commit[];
