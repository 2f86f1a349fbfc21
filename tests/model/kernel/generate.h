// SPDX-License-Identifier: BSD-2-Clause
/*
 * The next step of a random run. Calls are aimed: a capability address is nearly always one that leads somewhere, mostly
 * to what the call is about; a tenth or so of everything is off.
 *
 *   generate.c     what comes next: a call, a fault, an interrupt, time
 *   reach.c        what the running thread can name
 *   invocations.c  calls of objects
 *   habits.c       messages and signals
 *   keeper.c       what the root task does, so that life goes on
 */
#pragma once

#include "tests/model/kernel/step.h"

void random_step(struct step_record *step);

/* ---- reach.c ------------------------------------------------------------------------------------------------ */

/* Before anything is picked: look around in the CSpace of the running thread. `anew`: in another world than before. */
void look_around(bool anew);

/* A capability address: nearly always one of that kind, if there is one; `slot` is where it leads (or NOBODY). */
u64 pick(int kind, int *slot);
u64 pick_any(int kind);
u64 pick_such(int kind, bool (*wanted)(struct m_cap)); /* one for which it holds, if there is one */
u64 pick_communication(void);                          /* to send to; rather where somebody waits */
u64 pick_source(void); /* to receive from; rather where something is to be had */

/* Where to put or find something: a CNode, and index and depth in it. */
struct place {
    u64 root;
    u64 index;
    u64 depth;
};

struct place pick_place(bool want_empty);
struct place pick_victim(void); /* of Delete and Revoke */

/* A capability to that object (NOBODY: to any) with these rights. False: none is in reach. */
bool find_object(int kind, int object, u64 rights, u64 *cptr);
u64 find_or_pick(int kind, int object, u64 rights);
u64 find_queue(int state,
               u64 rights); /* an endpoint where threads wait in that state; rather that than any */

/* ---- invocations.c, habits.c, keeper.c ---------------------------------------------------------------------- */

void random_invocation(struct step_record *step);
void random_communication(struct step_record *step);
void follow_habit(struct step_record *step);
bool is_server(int thread);
void keeper_step(struct step_record *step);
