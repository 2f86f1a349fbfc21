// SPDX-License-Identifier: BSD-2-Clause
/*
 * Restart test, core alpha: signals the other core every period, and ends the run when its third life has answered a few
 * times. Whether it lives is none of its business: a signal to a parked partition is what starts it over.
 */
#include <microkit.h>

#include "tests/target/systems/restart.h"
#include "user/rt/rt.h"

volatile struct diary *diary;

static void job(void *argument) {
    (void)argument;
    if (diary->lives == LIVES && diary->answers[LIVES] >= ANSWERS) {
        rt_log("life %lu answers", diary->lives);
        rt_exit(0);
    }
    microkit_notify(CHANNEL);
}

void init(void) {
    rt_periodic(job, NULL);
}

void notified(microkit_channel ch) {
    (void)ch;
}
