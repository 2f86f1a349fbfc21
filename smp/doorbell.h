// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbell lines: how one kernel signals another. The only code that touches memory two kernels
 * share (abi/pair_region.h); smp/README.md lists the fields, docs/cross-core.md has the argument
 * that nothing is lost, tests/model/doorbell.pml checks it.
 *
 *   send     word |= line ; unless it was set: summary |= the word's bit ; ring
 *   collect  summary → 0 ; each word it named → 0, into `held`
 *   take     one line at a time that is held and not masked
 *
 * A line is a binary signal: sends that the receiver has not yet taken merge, as with a
 * notification. The peer is another kernel and need not be honest: whatever it writes is only a set
 * of bits, of which the configured lines count; it cannot make this kernel wait, nor deliver a line
 * more than once per acknowledgement.
 */
#pragma once

#include "abi/boot_record.h"
#include "arch/atomic.h"
#include "kernel/model/kernel.h"

/*
 * Boot: learn to know a peer. `position` counts this kernel's BOOT_PEER items; peer->line is the
 * caller's business. Repairs what an earlier life of either kernel left half done, so a partition
 * may restart at any time. NULL, or one sentence saying what is wrong.
 */
MUST_USE const char *smp_peer_connect(struct peer *peer, u32 position,
                                      const struct boot_peer *description);

/* Boot is over: tell the other kernel that this one runs. */
void smp_peer_announce(struct peer *peer);

/* This kernel is at its end: take that back. */
void smp_peer_withdraw(struct peer *peer);

/* Is there a signal in the page that nobody has taken? Its sender has rung, or is about to, and won't again. */
MUST_USE bool smp_peer_has_sent(const struct peer *peer);

/*
 * Signal a line below peer->send_lines. Who learns of it sees everything written before. (Here, because it is a system
 * call's fast path: a few instructions, in line. The numbers in brackets are those of docs/cross-core.md.)
 */
ALWAYS_INLINE void smp_doorbell_send(struct peer *peer, u32 line) {
    u32 word = line / PAIR_WORD_LINES;
    u64 bit = BIT(line % PAIR_WORD_LINES);

    __atomic_thread_fence(__ATOMIC_RELEASE); /* [S1] what the sender wrote before the signal */
    if (arch_atomic_or_u64(&peer->out->word[word], bit) & bit) {
        return; /* [S4] not taken yet: the ring of the earlier send stands for this one, too */
    }
    __atomic_thread_fence(__ATOMIC_RELEASE); /* [S2] the word before the summary that names it */
    (void)arch_atomic_or_u64(&peer->out->summary, BIT(word));
    arch_fence_before_doorbell(); /* [S3] words and summary before the ring */
    arch_doorbell_ring(&peer->target);
}

/*
 * Move what the peer sent into peer->held and note which words to look at; follows
 * arch_fence_after_claim().
 */
void smp_doorbell_collect(struct peer *peer);

/*
 * The same in fewer steps for the usual ring: if it brought one line, which may be delivered, and nothing else is left
 * to deliver, then true, and *line is taken as smp_doorbell_take() would. False: look what there is to take.
 */
MUST_USE bool smp_doorbell_collect_lone(struct peer *peer, u32 *line);

/* The next line to deliver: it is masked now, and held no more. False: there is none. */
bool smp_doorbell_take(struct peer *peer, u32 *line);

/* A line taken cannot be delivered now (nobody listens): keep it until it is unmasked. */
void smp_doorbell_hold(struct peer *peer, u32 line);

/*
 * The line may be delivered again. True: it was held; it is masked again, and the caller delivers
 * it now.
 */
MUST_USE bool smp_doorbell_unmask(struct peer *peer, u32 line);

/* The receive end is gone: mask the line and forget what was signalled to it. */
void smp_doorbell_forget(struct peer *peer, u32 line);

/* Send ends: which lines have one. */
bool smp_doorbell_is_issued(const struct peer *peer, u32 line);
void smp_doorbell_issue(struct peer *peer, u32 line);
void smp_doorbell_retire(struct peer *peer, u32 line); /* its last capability is deleted */

/*
 * Receive bound (core_config.doorbell_max_rate_per_s). A window opens with the first interrupt from
 * a peer and is SMP_BURST / rate seconds long; after SMP_BURST interrupts in it the peer's rings
 * are shut out until it ends. So in any stretch of time t a peer costs at most SMP_BURST x (t /
 * window + 2) interrupts. Nothing is lost: the hardware remembers one ring, and one is enough.
 */
#define SMP_BURST 16

/* An interrupt from this peer was taken, at kernel.now. */
void smp_throttle_count(struct peer *peer);

/* Let in again all peers whose window has ended by kernel.now. Cheap if none is shut out. */
void smp_throttle_release(void);

/*
 * When the next peer is to be let in; ~0 (never) if none is shut out. The timer has to fire then.
 */
ticks_t smp_throttle_deadline(void);
