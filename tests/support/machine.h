// SPDX-License-Identifier: BSD-2-Clause
/*
 * The machine under a test of the whole kernel: beside the core there is one peer, whose part the test plays. And what
 * its root task is given to begin with.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "arch/host/host.h"

/* What core and peer share; the core's side is 0, so it sends on way[0]. A thread is a core: each has its own. */
struct machine_peer {
    struct pair_page *pair;
    u64 *mailbox;      /* where the peer rings this core … */
    u64 *peer_mailbox; /* … and this core the peer */
};

extern _Thread_local struct machine_peer peer;

/* Add the peer to what will be booted, with as many lines each way; what is shared is clear afterwards. */
void machine_add_peer(struct host_options *options, u32 core, u32 lines);

/* The peer has seen all that it was sent. */
void machine_peer_forgets(void);

/* What the peer sends: a line's bit is set; nothing is rung. */
void machine_peer_sets(u32 line);

/* Slot of the largest untyped of ordinary or of device memory. */
u64 machine_untyped(const struct sel4_bootinfo *info, bool device);
