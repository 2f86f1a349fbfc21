// SPDX-License-Identifier: BSD-2-Clause
/*
 * The capability space of a protection domain, agreed between the host tool (which emits INIT_MINT actions)
 * and the runtime (user/microkit/). Pure numbers: the host includes this file too.
 *
 * One CNode of radix PD_CNODE_BITS, guard value 0, guard size 64 - PD_CNODE_BITS, so a slot number is the
 * capability address. Slots 1..393 are where Microkit 2.x puts the same things; the rest is ours.
 *
 *     1  what the domain waits on: its endpoint (Read) if anybody can call it or it has children, else its
 *        notification (Read); with an endpoint, the notification is bound to the TCB
 *     4  its reply object          5  passive domains only: the monitor's notification, badged BIT(index), Write
 *     6  its own TCB               7  its own scheduling context      8  its notification (Read)
 *     10 + channel    what microkit_notify(channel) signals: notification badged BIT(channel of the other
 *                     end), Write; or, when the other end is on another core, the doorbell's send end
 *     74 + channel    what microkit_ppcall(channel) calls: endpoint badged PD_BADGE_CALL | channel of the
 *                     other end, Write + Grant(Reply)
 *     138 + channel   the IRQ handler of an interrupt, or the receive end of a doorbell
 *     202 + child     the TCB of child domain `child`
 *     394 + child     the scheduling context of child domain `child`
 *     512 + slot      what the domain's <cspace> names; the CNode then has radix PD_CNODE_BITS_MORE
 *
 * Badges: the notification word has one bit per channel (0..PD_MAX_CHANNELS-1), set by other domains, by
 * interrupts and by doorbells alike. The endpoint tells who sent by its two top bits.
 */
#pragma once

#define PD_CNODE_BITS      9
#define PD_CNODE_BITS_MORE 10
#define PD_MAX_CHANNELS    62 /* channels and children 0..61: bits 62 and 63 of a badge are taken */
#define PD_MAX_CHILDREN    62

#define PD_SLOT_INPUT        1
#define PD_SLOT_FAULT        2 /* reserved */
#define PD_SLOT_VSPACE       3
#define PD_SLOT_REPLY        4
#define PD_SLOT_MONITOR      5
#define PD_SLOT_TCB          6
#define PD_SLOT_SC           7
#define PD_SLOT_NOTIFICATION 8
#define PD_SLOT_NOTIFY_BASE  10
#define PD_SLOT_CALL_BASE    74
#define PD_SLOT_IRQ_BASE     138
#define PD_SLOT_CHILD_TCB    202
#define PD_SLOT_CHILD_SC     394
#define PD_SLOT_FREE         458 /* first slot nobody uses; the domain may receive capabilities here */
#define PD_SLOT_USER         512
#define PD_USER_CAPS         128

#define PD_BADGE_CALL  (1ull << 63) /* endpoint: a protected call; low bits = receiver's channel */
#define PD_BADGE_FAULT (1ull << 62) /* endpoint: a fault of a child; low bits = child id */

/*
 * The core's monitor (user/init/watch.h) tells domains apart by `index`, 0..61, as in their INIT_WATCH action:
 * fault and timeout endpoints are its endpoint, badged PD_BADGE_FAULT | index; slot 5 is its notification.
 */

/*
 * Variables the tool patches in a domain's ELF, if the symbol is there (8 bytes each unless said). All lie in
 * .data, never in .bss.
 *
 *     microkit_name[64]         the domain's name, zero-terminated
 *     microkit_passive          1 byte: 1 = gives its scheduling context away after init()
 *     microkit_irqs             bit per channel that is an interrupt
 *     microkit_notifications    bit per channel that may be notified
 *     microkit_pps              bit per channel that may be called
 *     rt_doorbells              bit per channel that receives through a doorbell (acknowledged by the runtime)
 *     rt_core_name[32]          the core's name, zero-terminated
 *     rt_console_ring           virtual address of its struct console_ring (abi/console_ring.h); 0 = none
 *     rt_stats_page             virtual address of its struct rt_stats (user/rt/stats.h), one page; 0 = none
 *     rt_period_us, rt_budget_us, rt_deadline_us   of its <task>; 0 = not given
 *     rt_timebase_hz            frequency of the time CSR; 10000000 unless patched
 * and, for the console program and monitor of core 0 (user/console/console.h):
 *     console_uart              virtual address of the ns16550 registers
 *     console_rings, console_ring_count    consecutive pages, one struct console_ring each
 *     console_stats, console_stats_count   consecutive pages, one struct rt_stats each
 *
 * The IPC buffer is the page-aligned object `__sel4_ipc_buffer_obj` in the domain's own image, or a page that the
 * tool puts there if the image has none; the tool takes its address from the symbol and gives the frame of that
 * page to the TCB. TLS and stack are set up by start-up code: the tool gives pc = ELF entry, sp = 0. A program
 * without the symbol `rt_stack_top` is taken for one linked with Microkit's own library, and gets a stack and sp.
 */
