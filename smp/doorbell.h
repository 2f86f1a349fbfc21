// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbell lines: how one kernel signals another. The only code that touches memory two kernels share
 * (abi/pair_region.h); smp/README.md lists the fields, docs/cross-core.md has the argument that nothing is lost,
 * tests/model/doorbell.pml checks it.
 *
 *   send     word |= line ; summary |= word's bit ; fence ; ring
 *   collect  summary → 0 ; each word that it named → 0, into `held`
 *   take     one line that is held and not masked, at a time
 *
 * A line is a binary signal: sends that the receiver has not yet taken merge, as with a notification. The peer is
 * another kernel and need not be honest: whatever it writes is only a set of bits, of which the configured lines
 * count; it cannot make this kernel wait or do more than one delivery per line and acknowledgement.
 */
#pragma once

#include "abi/boot_record.h"
#include "kernel/model/kernel.h"

ALWAYS_INLINE u32 line_word(u32 line) {
    return line / PAIR_WORD_LINES;
}

ALWAYS_INLINE u64 line_bit(u32 line) {
    return BIT(line % PAIR_WORD_LINES);
}

/*
 * Boot: learn to know a peer. `position` counts the BOOT_PEER items. The caller provides peer->line, all inactive,
 * and afterwards calls irq_doorbells() once for all peers, since rings from before the connection are gone.
 * NULL, or one sentence saying what is wrong.
 */
MUST_USE const char *smp_peer_connect(struct peer *peer, u32 position,
                                      const struct boot_peer *description);

/* Is the other kernel running (or was it once)? */
bool smp_peer_is_up(const struct peer *peer);

/* Signal a line (below peer->send_lines). Everything written before is seen by whoever learns of the signal. */
void smp_doorbell_send(struct peer *peer, u32 line);

/* Move what the peer sent into peer->held; notes the words to look at in peer->words_left. */
void smp_doorbell_collect(struct peer *peer);

/* The next line to deliver: held and not masked. It is held no longer and masked now. False: no more. */
bool smp_doorbell_take(struct peer *peer, u32 *line);

/* Unmask a line; true if it is held: the caller delivers it, or masks it again. */
bool smp_doorbell_unmask(struct peer *peer, u32 line);
void smp_doorbell_mask(struct peer *peer, u32 line);

/* A line taken by smp_doorbell_take() cannot be delivered now: keep it. */
void smp_doorbell_hold(struct peer *peer, u32 line);

/* The receive end is gone: forget what was signalled to it. */
void smp_doorbell_forget(struct peer *peer, u32 line);

/* Send lines that have a capability (IssueDoorbell makes at most one family of copies). */
bool smp_doorbell_is_issued(const struct peer *peer, u32 line);
void smp_doorbell_issue(struct peer *peer, u32 line);
void smp_doorbell_retire(struct peer *peer, u32 line);

/*
 * Receive bound (core_config.doorbell_max_rate_per_s). An interrupt from this peer was taken at `now`: past the limit
 * its rings are shut out until the window ends. Nothing is lost: the hardware remembers one ring.
 */
void smp_throttle_count(struct peer *peer, ticks_t now);

/* Let in again the peer if its window has ended. */
void smp_throttle_release(struct peer *peer, ticks_t now);

/* When the next throttled peer is to be let in; ARCH_TIMER_NEVER if none is. `peers` entries of kernel.peer. */
ticks_t smp_throttle_deadline(void);
