// SPDX-License-Identifier: BSD-2-Clause
/*
 * At every tick, asks the dictionary for the next word and sends it to the recorder, which is on another kernel: the
 * letters through shared memory, the news by a notification. After the last one has been recorded the run is over.
 */
#include <microkit.h>

#include <stdint.h>
#include <stdlib.h>

enum { TICK = 1, DICTIONARY = 2, RECORDER = 3, NOWHERE = 9 };

char *mail;
uint64_t mail_bytes;

static unsigned asked;
static int last;

void init(void) {
    microkit_dbg_puts("mail, in bytes: ");
    microkit_dbg_put32((uint32_t)mail_bytes);
    microkit_dbg_puts("\n");
    microkit_notify(NOWHERE); /* a mistake, which is said and does no harm */
}

static void ask(void) {
    microkit_mr_set(0, asked++);
    microkit_msginfo answer = microkit_ppcall(DICTIONARY, microkit_msginfo_new(0, 1));
    uint64_t letters = microkit_msginfo_get_count(answer);
    last = microkit_msginfo_get_label(answer) == 0;
    for (uint64_t i = 0; i < letters && i + 1 < mail_bytes; i++) {
        mail[i] = (char)microkit_mr_get((seL4_Uint8)i);
    }
    mail[letters] = '\0';
    microkit_deferred_notify(RECORDER);
}

void notified(microkit_channel ch) {
    if (ch == TICK && !last) {
        ask();
    } else if (ch == RECORDER && last) {
        microkit_dbg_puts("all words are recorded\n");
        /* Microkit's systems do not end. Where there is a C library, its exit() ends a run of ours. */
        exit(0);
    }
}
