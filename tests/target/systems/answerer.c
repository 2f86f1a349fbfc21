// SPDX-License-Identifier: BSD-2-Clause
/* Restart test, core beta, whose kernel is damaged from outside: counts its lives, and what it hears in each. */
#include <microkit.h>

#include "tests/target/systems/restart.h"
#include "user/rt/rt.h"

volatile struct diary *diary;

static u64 life;       /* of the image: as built, whatever the life before wrote there */
static u64 heard = 40; /* likewise */

void init(void) {
    life = diary->lives + 1;
    rt_log("life %lu begins: own %lu", life, heard);
    if (life <= LIVES) {
        diary->lives = life;
    }
}

void notified(microkit_channel ch) {
    (void)ch;
    heard++;
    if (life <= LIVES && ++diary->answers[life] == ANSWERS) {
        rt_log("life %lu has answered, own %lu", life, heard);
    }
}
