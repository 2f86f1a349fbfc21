// SPDX-License-Identifier: BSD-2-Clause
/*
 * A ring of messages in memory that two cores share: one writer, one reader, nobody waits.
 *
 *   writer  head = 7        slots (message n in slot n mod 16)
 *                 ┌────┬────┬────┬────┬────┬────┬────┬─ …
 *                 │    │ 1  │ 2  │ 3  │ 4  │ 5  │ 6  │ 7
 *                 └────┴────┴────┴────┴────┴────┴────┴─ …
 *   reader                        next = 4 (private to the reader)
 *
 * The writer overwrites the oldest message: a reader that sleeps loses messages and knows how many, from
 * the sequence numbers, and can never delay the writer. That is the point, between a flight controller
 * and a gateway. Each slot is a sequence lock:
 *
 *   writer: slot.sequence := 0; fence(release); words; slot.sequence := n (release); head := n (release)
 *   reader: head (acquire); slot.sequence = n? (acquire); words; fence(acquire); slot.sequence = n still?
 *
 * The first fence keeps the words behind the 0, so a reader that saw any new word sees the 0 or the new
 * number at the second look; the second fence keeps that look behind the words (H.-J. Boehm, "Can
 * seqlocks get along with programming language memory models?", MSPC 2012, section 4).
 *
 * What always holds: the reader believes nothing the writer says: a head that runs backwards or leaps
 * cannot make it loop, block or read outside the ring (MESSAGE_SLOTS reads per message_take at most).
 */
#pragma once

#include <stdatomic.h>

#include "lib/types.h"

enum { MESSAGE_SLOTS = 16, MESSAGE_WORDS = 15 };

struct message_slot {
    _Atomic u64 sequence; // the message in the slot; 0 while it is written
    _Atomic u64 word[MESSAGE_WORDS];
};

struct message_ring {
    _Atomic u64 head; // newest message; 0 = none yet
    u64 reserved[15];
    struct message_slot slot[MESSAGE_SLOTS];
};

_Static_assert(sizeof(struct message_ring) <= 4096, "a ring fits into one shared page");

struct message_reader {
    u64 next; // first message not yet seen
    u64 received;
    u64 lost;    // overwritten before they were read, or torn by the writer while being read
    u64 resyncs; // times the writer's head went backwards (it restarted, or lies)
};

struct message {
    u64 sequence;
    u64 word[MESSAGE_WORDS];
};

/* The writer, before its first message: an empty ring, whatever an earlier life left there. */
void message_ring_init(struct message_ring *r);

/* The writer. `words` at most MESSAGE_WORDS; the rest of the message is 0. Returns its sequence number. */
u64 message_put(struct message_ring *r, const u64 *word, unsigned words);

void message_reader_init(struct message_reader *reader);

/* Takes the oldest message that is still there; false if there is none. */
MUST_USE bool message_take(struct message_reader *reader, struct message_ring *r,
                           struct message *out);

/* Reads one message without a reader's place; false if it is not there yet, or not any more. */
MUST_USE bool message_read(struct message_ring *r, u64 sequence, struct message *out);
