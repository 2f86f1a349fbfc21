// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stands in for <microkit.h> and user/rt/rt.h when the demo's domains are compiled for the host
 * (demo_test.c). Each domain is compiled on its own with DOMAIN defined to its name; the few calls that
 * it makes go to one function table with that name in front, so the test knows who called.
 */
#pragma once

#include <stdio.h>

#include "lib/types.h"

typedef unsigned int microkit_channel;

enum fake_domain {
    FAKE_PLANT,
    FAKE_FILTERS,
    FAKE_CONTROL,
    FAKE_GATEWAY,
    FAKE_OBSERVER,
    FAKE_BURST,
    FAKE_DOMAINS
};

/* In demo_test.c. */
void fake_notify(enum fake_domain from, microkit_channel ch);
void fake_value(enum fake_domain from, const char *name, s64 value);
void fake_periodic(enum fake_domain from, void (*job)(void *), void *argument);
NORETURN void fake_exit(enum fake_domain from, int status);
u64 fake_now(void);
u64 fake_release(void);
u64 fake_deadline(enum fake_domain of);
void fake_log(enum fake_domain from, const char *format, ...) PRINTF(2, 3);

#define microkit_notify(ch)           fake_notify(DOMAIN, ch)
#define rt_now()                      fake_now()
#define rt_release()                  fake_release()
#define rt_deadline_ticks()           fake_deadline(DOMAIN)
#define rt_period_ticks()             50000ull
#define rt_ticks_from_us(us)          ((u64)(us)*10)
#define rt_periodic(job, argument)    fake_periodic(DOMAIN, job, argument)
#define rt_job_begin(release)         ((void)(release))
#define rt_job_end()                  ((void)0)
#define rt_measure_consumption()      ((void)0)
#define rt_channel_take(ch, sequence) ((void)(ch), (void)(sequence))
#define rt_value_set(i, name, value)  fake_value(DOMAIN, name, value)
#define rt_exit(status)               fake_exit(DOMAIN, status)
#define rt_log(...)                   fake_log(DOMAIN, __VA_ARGS__)

/* What the runtime calls; renamed per domain by the build. */
void init(void);
void notified(microkit_channel ch);
