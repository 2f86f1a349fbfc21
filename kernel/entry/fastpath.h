// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fast paths: the system calls that real-time systems make all day, in three steps.
 *
 *   admit   reads only. Every line names the rule of the slow path that it stands for; if one does not hold, the
 *           slow path does the call, from the beginning.
 *   commit  writes only, and cannot fail.
 *   arrive  the context to resume.
 *
 * A taken fast path leaves exactly the state that the slow path would (tests/unit/kernel/entry/fastpath_test.c);
 * it reads no clock, since a lent context goes on running and nobody's timer changes.
 */
#pragma once

#include "arch/context.h"

struct cslot;

/*
 * `slot` is where the capability address in a0 leads by the usual search (kernel/cspace/find.h), or NULL. The context
 * to resume, or NULL: not admitted, nothing changed.
 */
struct arch_context *fastpath_syscall(struct arch_context *context, const struct cslot *slot);
