// SPDX-License-Identifier: BSD-2-Clause
/*
 * On another core, hence another kernel: prints what the client sends, and answers. It cannot tell that the other
 * end is not beside it.
 */
#include <microkit.h>

#define CLIENT 3

const char *mail;

void init(void) {
    microkit_dbg_puts("waiting for mail\n");
}

void notified(microkit_channel ch) {
    microkit_dbg_puts(mail[0] != '\0' ? "word: " : "no more words");
    microkit_dbg_puts(mail);
    microkit_dbg_puts("\n");
    microkit_notify(ch);
}
