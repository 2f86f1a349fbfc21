// SPDX-License-Identifier: BSD-2-Clause
/* See tests/support/machine.h. */
#include "tests/support/machine.h"

#include <string.h>

#include "abi/pair_region.h"
#include "arch/memory.h"

_Thread_local struct machine_peer peer;

void machine_add_peer(struct host_options *options, u32 core, u32 lines) {
    if (peer.pair == NULL) {
        peer.pair = host_map(sizeof *peer.pair);
        peer.mailbox = host_map(PAGE_SIZE);
        peer.peer_mailbox = host_map(PAGE_SIZE);
    }
    memset(peer.pair, 0, sizeof *peer.pair);
    *peer.mailbox = 0;
    *peer.peer_mailbox = 0;
    options->peers = 1;
    options->peer[0] = (struct host_peer){.core = core,
                                          .pair = peer.pair,
                                          .pair_bytes = sizeof *peer.pair,
                                          .doorbell = peer.peer_mailbox,
                                          .send_lines = lines,
                                          .receive_lines = lines};
    options->mailbox = peer.mailbox;
}

void machine_peer_forgets(void) {
    memset(&peer.pair->way[0], 0, sizeof peer.pair->way[0]);
    *peer.peer_mailbox = 0;
}

void machine_peer_sets(u32 line) {
    struct pair_way *way = &peer.pair->way[1];

    way->word[line / PAIR_WORD_LINES] |= BIT(line % PAIR_WORD_LINES);
    way->summary |= BIT(line / PAIR_WORD_LINES);
}

u64 machine_untyped(const struct sel4_bootinfo *info, bool device) {
    unsigned best = 0;
    u64 slot = 0;

    for (u64 i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untyped_list[i].is_device == device && info->untyped_list[i].size_bits > best) {
            best = info->untyped_list[i].size_bits;
            slot = info->untyped.start + i;
        }
    }
    return slot;
}
