// SPDX-License-Identifier: BSD-2-Clause
/*
 * A passive server: the protected procedure finds a word, by its number, in a region that the tool filled from
 * words.txt, and answers with its letters, a message register each. The label says whether there is one.
 */
#include <microkit.h>

#include <stdint.h>

#define MAX_LETTERS 16

const char *words;
uint64_t words_bytes;

void init(void) {
    microkit_dbg_puts("words, in bytes: ");
    microkit_dbg_put32((uint32_t)words_bytes);
    microkit_dbg_puts("\n");
}

void notified(microkit_channel ch) {
    (void)ch;
}

/* Where word `number` begins; words_bytes if there are not so many. */
static uint64_t word_find(seL4_Word number) {
    uint64_t at = 0;
    while (number != 0 && at < words_bytes) {
        number -= words[at++] == '\n';
    }
    return at;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo) {
    (void)ch;
    seL4_Word count = microkit_msginfo_get_count(msginfo);
    uint64_t at = word_find(count == 1 ? microkit_mr_get(0) : ~0ull);
    seL4_Uint8 letters = 0;
    while (at < words_bytes && words[at] != '\n' && letters < MAX_LETTERS) {
        microkit_mr_set(letters++, (seL4_Word)words[at++]);
    }
    return microkit_msginfo_new(letters != 0, letters);
}
