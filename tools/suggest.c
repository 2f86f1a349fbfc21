// SPDX-License-Identifier: BSD-2-Clause
// Edit distance by Levenshtein's table, one row at a time, with swaps of neighbours counted as one
// (Damerau's optimal string alignment), because that is how fingers slip.
#include "tools/suggest.h"

#include <string.h>

#define LONGEST 63 // words beyond this are never typing slips of ours

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    unsigned row[3][LONGEST + 1];
    for (unsigned j = 0; j <= b_length; j++) {
        row[0][j] = j;
    }
    for (unsigned i = 1; i <= a_length; i++) {
        unsigned *before = row[(i + 1) % 3], *previous = row[(i - 1) % 3], *current = row[i % 3];
        current[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            unsigned change = previous[j - 1] + (a[i - 1] != b[j - 1]);
            current[j] = least(change, 1 + least(previous[j], current[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = least(current[j], before[j - 2] + 1);
            }
        }
    }
    return row[a_length % 3][b_length];
}

struct suggestion suggest_begin(const char *word) {
    // At most a third of the letters may differ: "irqs" for "irq", but not "b" for "a".
    size_t length = strlen(word);
    return (struct suggestion){.word = word, .distance = (unsigned)(length / 3) + 1};
}

void suggest_offer(struct suggestion *suggestion, const char *candidate) {
    size_t word_length = strlen(suggestion->word), length = strlen(candidate);
    if (word_length > LONGEST || length > LONGEST) {
        return;
    }
    unsigned distance = edit_distance(suggestion->word, word_length, candidate, length);
    if (distance < suggestion->distance) {
        suggestion->distance = distance;
        suggestion->nearest = candidate;
    }
}
