// SPDX-License-Identifier: BSD-2-Clause
/*
 * The usual search in a few instructions: a CSpace of one CNode whose guard and radix use up all 64 bits.
 * Answers exactly what cspace_lookup() would, or NULL: then that has to be asked.
 */
#pragma once

#include "kernel/cspace/lookup.h"

ALWAYS_INLINE struct cslot *cspace_find(const struct tcb *tcb, u64 cptr) {
    return cspace_one_level(tcb->slot[TCB_CSPACE].cap, cptr, 64);
}
