// SPDX-License-Identifier: BSD-2-Clause
/* The end of an object, kind by kind. For kernel/object/delete.c only. */
#pragma once

#include "kernel/object/object.h"

/*
 * A capability is deleted; `final`: it is the last one to its object. Does what can be done at
 * once, and returns what has to stay in its slot: null, or a zombie if the object holds
 * capabilities or may have any number of waiters.
 */
struct cap finalise_cap(struct cap cap, bool final);

/*
 * One unit of work on a zombie without slots. Returns what stays in its slot: the zombie, with less
 * to do; null when nothing is left.
 */
struct cap finalise_step(struct cap zombie);
