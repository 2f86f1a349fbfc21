// SPDX-License-Identifier: BSD-2-Clause
/*
 * All mutable state of one kernel. There is one per core and nothing else that changes; on the host
 * architecture it is thread-local, so a thread is a core.
 *
 * Fields are grouped by who may touch them: running state (every entry), tables sized at boot by
 * struct core_config (pointers constant afterwards), and facts from the boot record (constant).
 */
#pragma once

#include "abi/boot_record.h"
#include "abi/core_config.h"
#include "abi/pair_region.h"
#include "arch/doorbell.h"
#include "arch/thread_local.h"
#include "kernel/model/tcb.h"
#include "lib/pqueue.h"

#define PRIORITIES     256
#define ASID_POOL_BITS 9
#define ASID_POOLS     128
#define MAX_IRQ        96   /* the number of the kernel's timer; sources are 1..95 */
#define DOORBELL_IRQ   4096 /* first irq number of receive ends: 4096 + peer * 1024 + line */

#define NOBODY_READY (-1)

/* One domain's runnable threads: a circular list per priority, and a bitmap to find the highest. */
struct ready_queues {
    s64 top;     /* the highest priority with a thread, NOBODY_READY without */
    u64 summary; /* bit w: bitmap[w] is not 0 */
    u64 bitmap[PRIORITIES / 64];
    struct tcb *head[PRIORITIES]; /* the last one is head->ready_prev */
};

/* An interrupt line or the receive end of a doorbell line. */
enum irq_state { IRQ_INACTIVE = 0, IRQ_ACTIVE = 1, IRQ_TIMER = 2 };

struct irq_line {
    struct cslot notification;
    u8 state;    /* enum irq_state: active from the moment a handler cap exists */
    bool masked; /* delivered and not yet acknowledged */
    bool edge;
};

struct asid_pool {
    struct page_table *root[1 << ASID_POOL_BITS];
};

/* Another kernel, as seen from here. */
struct peer {
    bool present;
    u32 send_lines;
    u32 receive_lines;
    u32 receive_words; /* bit w: word w has lines */
    struct pair_way *out;
    struct pair_way *in;
    struct pair_page *page;
    struct doorbell_target target;
    struct irq_line *line;    /* receive_lines entries */
    u32 position;             /* among the BOOT_PEER items: how arch/doorbell.h calls it */
    u32 words_left;           /* bit w: word w of `held` has to be looked at again */
    u64 unmasked[PAIR_WORDS]; /* lines that may be delivered: active, bound and acknowledged */
    u64 held[PAIR_WORDS];     /* taken from the pair page and not yet delivered */
    u64 issued[PAIR_WORDS];   /* send lines that have a capability */
    ticks_t window_ticks;     /* doorbell_max_rate: length of a window; 0 = no limit */
    ticks_t window_start;     /* of the current window … */
    u32 window_count;         /* … and the interrupts taken in it */
};

/* Numbers of the system calls are -1 … -11; faults have the place that is left. */
#define FAST_FAULTS     0
#define FAST_INTERRUPTS 12
#define FAST_CALLS      13

enum entry_kind {
    ENTRY_SYSCALL,
    ENTRY_FAULT,
    ENTRY_TIMER,
    ENTRY_DEVICE,
    ENTRY_DOORBELL,
    ENTRY_KINDS
};

struct kernel {
    /* Running state. */
    struct tcb *current;   /* who runs; NULL while the core is idle */
    struct tcb *candidate; /* woken during this entry and not yet queued; see mcs/schedule.h */
    bool crowd;            /* more than one was woken during this entry: none is the candidate */
    union {
        struct {
            bool reschedule;  /* the ready queues must be looked at; so if there is a candidate */
            bool slice_over;  /* the running context used up its head refill during this entry */
            bool need_whole;  /* the system call waits for all registers of its caller */
            bool timer_stale; /* what decides the timer deadline changed */
        };
        u32 attention; /* not 0: one of them; 0: who entered the kernel goes on */
    };
    bool space_stale; /* what is loaded may not be the running thread's address space any more */
    struct sched_context *current_sc; /* whose budget time now counts against; NULL while idle */
    ticks_t now;                      /* the clock as last read by entry */
    ticks_t stint_start;              /* since when current_sc has not been charged */
    ticks_t timer_deadline;           /* what the timer is set to */
    ticks_t events_deadline;    /* the first deadline but for the end of current_sc's head refill */
    struct ready_queues *ready; /* [config->domains] */
    struct ready_queues *queues; /* those of the current domain */
    struct pqueue release;       /* threads whose head refill lies ahead; key = its time */
    u64 next_seq;                /* order of arrival in priority queues */

    /* Security domains. */
    u8 domain;
    u32 schedule_index;
    u32 schedule_start;
    ticks_t domain_end;
    struct domain_slot *schedule;

    /* Tables. */
    struct asid_pool *asid_pool[ASID_POOLS];
    u64 space_mark;       /* changes when an address space goes away; from 1 on */
    struct irq_line *irq; /* [max_irq + 1] */
    struct peer *peer;    /* [CORE_CONFIG_MAX_PEERS + 1], by the peer's core index */
    u32 peer_positions;   /* bit by peer->position: what arch/doorbell.h may name … */
    u8 peer_at[CORE_CONFIG_MAX_PEERS + 1]; /* … and which core index that is */
    u32 peers_left;      /* bit by core index: peers with lines still to be delivered */
    u32 peers_throttled; /* bit by core index: peers whose rings are shut out for now */
    u64 entries[ENTRY_KINDS];
    u64 check_countdown;
    bool check_partial;         /* it was said that the checker cannot look at all objects */
    bool fastpath_off;          /* tests compare both ways; looked at in debug builds only */
    u64 fast_taken[FAST_CALLS]; /* what a fast path did, by -number; counted in debug builds only */
    u64 work_units; /* of long work since the last look at pending interrupts (preemption_point()) */

    /* Constant after boot. */
    const struct core_config *config;
    const struct boot_partition *partition;
    struct tcb *root_task;
    ticks_t min_budget; /* 2 x kernel WCET */
    u64 ticks_per_us;
    u64 max_us;               /* largest budget or period */
    struct console_ring *log; /* lines of this kernel, or NULL */
    struct cslot *root_cnode;
    u64 *bench_log; /* bench variant: 2 MiB log buffer of the user, or NULL */
    u64 bench_entries;
    ticks_t bench_start; /* utilisation counts from here, with so many kernel entries before */
    u64 bench_start_entries;
    char put_line[128]; /* debug variant: DebugPutChar output up to its newline */
    u32 put_count;
};

extern PER_KERNEL struct kernel kernel;

ALWAYS_INLINE u64 next_seq(void) {
    return kernel.next_seq++;
}
