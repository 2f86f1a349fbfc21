// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbell lines; see smp/doorbell.h. The numbers in brackets are those of the argument in
 * docs/cross-core.md; the sending half is in the header.
 *
 * Fences between accesses to memory are C's (one instruction on RISC-V); those between memory and
 * the doorbell device are arch/atomic.h's.
 */
#include "smp/doorbell.h"

#include "arch/atomic.h"
#include "arch/memory.h"
#include "lib/bits.h"
#include "lib/bound.h"

#define US_PER_S 1000000ull

static u32 line_word(u32 line) {
    return line / PAIR_WORD_LINES;
}

static u64 line_bit(u32 line) {
    return BIT(line % PAIR_WORD_LINES);
}

/* Bits of word `word` that are configured lines, when there are `lines` lines. */
static u64 configured_bits(u32 lines, u32 word) {
    u32 first = word * PAIR_WORD_LINES;

    return lines > first ? MASK(lines - first) : 0;
}

/* Words that hold configured lines. */
static u64 configured_words(u32 lines) {
    return MASK((lines + PAIR_WORD_LINES - 1) / PAIR_WORD_LINES);
}

static u32 peer_bit(const struct peer *peer) {
    return 1u << (peer - kernel.peer);
}

static u32 own_side(const struct peer *peer) {
    return peer->out == &peer->page->way[0] ? 0 : 1;
}

/* Rings without a send: what an earlier life left is announced again. */
static void ring(struct peer *peer) {
    arch_fence_before_doorbell(); /* [S3] */
    arch_doorbell_ring(&peer->target);
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static void collect_words(struct peer *peer, u64 words) {
    words &= peer->receive_words;
    peer->words_left |= (u32)words;
    kernel.peers_left |= words != 0 ? peer_bit(peer) : 0;
    BOUND(doorbell_words, PAIR_WORDS);
    while (words != 0) {
        BOUND_STEP(doorbell_words);
        u32 word = lowest_bit(words);

        words &= words - 1;
        peer->held[word] |= arch_atomic_swap_u64(&peer->in->word[word], 0) &
                            configured_bits(peer->receive_lines, word);
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* [R2] what the senders wrote, for those we wake */
}

void smp_doorbell_collect(struct peer *peer) {
    u64 words = arch_atomic_swap_u64(&peer->in->summary, 0);

    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* [R1] the summary before the words it names */
    collect_words(peer, words);
}

/* One bit, or none. */
static bool is_lone(u64 bits) {
    return (bits & (bits - 1)) == 0;
}

bool smp_doorbell_collect_lone(struct peer *peer, u32 *line) {
    u64 words = arch_atomic_swap_u64(&peer->in->summary, 0) & peer->receive_words;

    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* [R1] */
    if (words == 0 || !is_lone(words) || kernel.peers_left != 0) {
        collect_words(peer, words);
        return false;
    }
    u32 word = lowest_bit(words);
    u64 taken = arch_atomic_swap_u64(&peer->in->word[word], 0);

    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* [R2] */
    if (taken == 0 || !is_lone(taken) || (taken & ~peer->unmasked[word]) != 0 ||
        peer->held[word] != 0) {
        peer->held[word] |= taken & configured_bits(peer->receive_lines, word);
        peer->words_left |= (u32)words;
        kernel.peers_left |= peer_bit(peer);
        return false;
    }
    peer->unmasked[word] ^= taken;
    *line = word * PAIR_WORD_LINES + lowest_bit(taken);
    return true;
}

bool smp_doorbell_take(struct peer *peer, u32 *line) {
    BOUND(doorbell_take, PAIR_WORDS);
    while (peer->words_left != 0) {
        BOUND_STEP(doorbell_take);
        u32 word = lowest_bit(peer->words_left);
        u64 ready = peer->held[word] & peer->unmasked[word];

        if (ready != 0) {
            u32 first = lowest_bit(ready);

            peer->held[word] &= ~BIT(first);
            peer->unmasked[word] &= ~BIT(first);
            if ((ready & (ready - 1)) == 0) {
                peer->words_left &= peer->words_left - 1; /* its last one */
            }
            *line = word * PAIR_WORD_LINES + first;
            return true;
        }
        peer->words_left &= peer->words_left - 1;
    }
    return false;
}

void smp_doorbell_hold(struct peer *peer, u32 line) {
    peer->held[line_word(line)] |= line_bit(line);
}

bool smp_doorbell_unmask(struct peer *peer, u32 line) {
    u64 *held = &peer->held[line_word(line)];
    u64 bit = line_bit(line);

    if (*held & bit) {
        *held &= ~bit;
        peer->unmasked[line_word(line)] &= ~bit;
        return true;
    }
    peer->unmasked[line_word(line)] |= bit;
    return false;
}

void smp_doorbell_forget(struct peer *peer, u32 line) {
    peer->held[line_word(line)] &= ~line_bit(line);
    peer->unmasked[line_word(line)] &= ~line_bit(line);
}

/* ---- Send ends ------------------------------------------------------------------------------- */

bool smp_doorbell_is_issued(const struct peer *peer, u32 line) {
    return (peer->issued[line_word(line)] & line_bit(line)) != 0;
}

void smp_doorbell_issue(struct peer *peer, u32 line) {
    peer->issued[line_word(line)] |= line_bit(line);
}

void smp_doorbell_retire(struct peer *peer, u32 line) {
    peer->issued[line_word(line)] &= ~line_bit(line);
}

/* ---- Receive bound --------------------------------------------------------------------------- */

void smp_throttle_count(struct peer *peer) {
    if (peer->window_ticks == 0) {
        return;
    }
    if (kernel.now - peer->window_start >= peer->window_ticks) {
        peer->window_start = kernel.now;
        peer->window_count = 0;
    }
    peer->window_count++;
    if (peer->window_count >= SMP_BURST && (kernel.peers_throttled & peer_bit(peer)) == 0) {
        kernel.peers_throttled |= peer_bit(peer);
        kernel.timer_stale = true;
        arch_doorbell_mask(peer->position);
    }
}

void smp_throttle_release(void) {
    u32 shut_out = kernel.peers_throttled;

    BOUND(throttle_release, CORE_CONFIG_MAX_PEERS + 1);
    while (shut_out != 0) {
        BOUND_STEP(throttle_release);
        struct peer *peer = &kernel.peer[lowest_bit(shut_out)];

        shut_out &= shut_out - 1;
        if (kernel.now - peer->window_start >= peer->window_ticks) {
            kernel.peers_throttled &= ~peer_bit(peer);
            kernel.timer_stale = true;
            arch_doorbell_unmask(peer->position);
        }
    }
}

ticks_t smp_throttle_deadline(void) {
    u32 shut_out = kernel.peers_throttled;
    ticks_t deadline = ~0ull;

    BOUND(throttle_deadline, CORE_CONFIG_MAX_PEERS + 1);
    while (shut_out != 0) {
        BOUND_STEP(throttle_deadline);
        const struct peer *peer = &kernel.peer[lowest_bit(shut_out)];

        shut_out &= shut_out - 1;
        deadline = min_u64(deadline, peer->window_start + peer->window_ticks);
    }
    return deadline;
}

/* ---- Boot ------------------------------------------------------------------------------------ */

static const char *check_description(const struct boot_peer *description) {
    if (description->core > CORE_CONFIG_MAX_PEERS || description->side > 1) {
        return "a peer of the boot record has an impossible number";
    }
    if (description->send_lines > CORE_CONFIG_MAX_LINES ||
        description->receive_lines > CORE_CONFIG_MAX_LINES) {
        return "a peer of the boot record has too many lines";
    }
    if (!is_aligned(description->pair.base, PAGE_BITS) ||
        description->pair.size < sizeof(struct pair_page) ||
        !arch_memory_in_window(paddr_of(description->pair.base), sizeof(struct pair_page))) {
        return "the pair region of a peer is not usable";
    }
    return NULL;
}

/*
 * Either side may have been restarted between any two of its steps [B]: what it left is announced
 * again.
 */
static void repair(struct peer *peer) {
    u64 words = configured_words(peer->send_lines);

    (void)arch_atomic_swap_u64(&peer->in->summary, 0);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    collect_words(peer, MASK(PAIR_WORDS));
    if (words != 0) {
        __atomic_thread_fence(__ATOMIC_RELEASE);
        (void)arch_atomic_or_u64(&peer->out->summary, words);
        ring(peer);
    }
}

const char *smp_peer_connect(struct peer *peer, u32 position, const struct boot_peer *description) {
    const char *problem = check_description(description);

    if (problem != NULL) {
        return problem;
    }
    u32 rate = kernel.config->doorbell_max_rate_per_s;
    struct pair_page *page = arch_ptr(paddr_of(description->pair.base));
    peer->position = position;
    peer->send_lines = description->send_lines;
    peer->receive_lines = description->receive_lines;
    peer->receive_words = (u32)configured_words(description->receive_lines);
    peer->page = page;
    peer->out = &page->way[description->side];
    peer->in = &page->way[1 - description->side];
    peer->window_ticks = rate != 0 ? SMP_BURST * US_PER_S * kernel.ticks_per_us / rate : 0;
    problem = arch_doorbell_connect(position, description, &peer->target);
    if (problem != NULL) {
        return problem;
    }
    peer->present = true;
    kernel.peer_positions |= 1u << position;
    kernel.peer_at[position] = (u8)(peer - kernel.peer);
    repair(peer); /* after rings are accepted: one that came before is made good by looking */
    return NULL;
}

void smp_peer_announce(struct peer *peer) {
    arch_store_release_u64(&peer->page->up[own_side(peer)], PAIR_UP);
}

void smp_peer_withdraw(struct peer *peer) {
    arch_store_release_u64(&peer->page->up[own_side(peer)], 0);
}

/* The words, not the summary: a sender may be between the two. */
bool smp_peer_has_sent(const struct peer *peer) {
    u64 found = 0;

    BOUND(peer_has_sent, PAIR_WORDS);
    for (u32 word = 0; word < PAIR_WORDS; word++) {
        BOUND_STEP(peer_has_sent);
        found |= arch_load_acquire_u64(&peer->in->word[word]) &
                 configured_bits(peer->receive_lines, word);
    }
    return found != 0;
}
