// SPDX-License-Identifier: BSD-2-Clause
/* The ring of examples/flight/message_ring.h; the argument for the memory orders is there. */
#include "examples/flight/message_ring.h"

void message_ring_init(struct message_ring *r) {
    atomic_store_explicit(&r->head, 0, memory_order_relaxed);
    for (unsigned i = 0; i < MESSAGE_SLOTS; i++) {
        atomic_store_explicit(&r->slot[i].sequence, 0, memory_order_relaxed);
    }
}

u64 message_put(struct message_ring *r, const u64 *word, unsigned words) {
    u64 sequence = atomic_load_explicit(&r->head, memory_order_relaxed) + 1;
    struct message_slot *slot = &r->slot[sequence % MESSAGE_SLOTS];
    atomic_store_explicit(&slot->sequence, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
        atomic_store_explicit(&slot->word[i], i < words ? word[i] : 0, memory_order_relaxed);
    }
    atomic_store_explicit(&slot->sequence, sequence, memory_order_release);
    atomic_store_explicit(&r->head, sequence, memory_order_release);
    return sequence;
}

void message_reader_init(struct message_reader *reader) {
    *reader = (struct message_reader){.next = 1};
}

/* Moves the reader to where the writer's head leaves something to read. */
static void reader_follow(struct message_reader *reader, u64 head) {
    if (head + 1 < reader->next) {
        reader->resyncs++;
        reader->next = head; // the newest message of the writer's new life
        return;
    }
    if (head - reader->next >= MESSAGE_SLOTS) {
        u64 oldest = head - MESSAGE_SLOTS + 1;
        reader->lost += oldest - reader->next;
        reader->next = oldest;
    }
}

static bool slot_read(struct message_slot *slot, u64 sequence, struct message *out) {
    if (atomic_load_explicit(&slot->sequence, memory_order_acquire) != sequence) {
        return false;
    }
    for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
        out->word[i] = atomic_load_explicit(&slot->word[i], memory_order_relaxed);
    }
    atomic_thread_fence(memory_order_acquire);
    out->sequence = sequence;
    return atomic_load_explicit(&slot->sequence, memory_order_relaxed) == sequence;
}

bool message_take(struct message_reader *reader, struct message_ring *r, struct message *out) {
    u64 head = atomic_load_explicit(&r->head, memory_order_acquire);
    // No honest writer comes near 2^63 messages; below that no sum here can wrap.
    if (head == 0 || head + 1 == reader->next || head >> 63 != 0) {
        return false;
    }
    reader_follow(reader, head);
    for (int i = 0; i < MESSAGE_SLOTS && reader->next <= head; i++) {
        u64 sequence = reader->next++;
        if (slot_read(&r->slot[sequence % MESSAGE_SLOTS], sequence, out)) {
            reader->received++;
            return true;
        }
        reader->lost++; // the writer was here first: only messages a whole ring behind can be lost
    }
    return false;
}

bool message_read(struct message_ring *r, u64 sequence, struct message *out) {
    return sequence != 0 && slot_read(&r->slot[sequence % MESSAGE_SLOTS], sequence, out);
}
