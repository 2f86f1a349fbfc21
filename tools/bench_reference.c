// SPDX-License-Identifier: BSD-2-Clause
// Figures of seL4 and aims of Skerry, row by row.
//
// seL4 16.0.0 (commit 1326364b), MCS, RV64, release, fastpath on, gcc 12.2 -O2, one hart, QEMU virt,
// -icount shift=0: instructions of user mode, kernel and firmware between two readings of `cycle` around
// libsel4's function; 128 runs after 16 warm-ups; minimum = median = maximum unless said.
#include "tools/bench.h"

#include <string.h>

const struct bench_reference BENCH_REFERENCES[] = {
    {"null.nbsend-empty", "Null call: NBSend to an empty slot", 489, 120},
    {"ntfn.poll-empty", "Poll an empty notification", 396, 110},
    {"ntfn.poll-signalled", "Poll a signalled notification", 404, 115},
    {"ntfn.signal", "Signal, no waiter", 566, 125},
    {"ep.nbsend", "NBSend to an endpoint without receiver", 588, 130},
    {"ep.call-unknown", "Call on a TCB with an unknown label (error answer)", 643, 260},
    {"ipc.call-leg", "Call leg, passive server, 0 words, FPU off", 289, 180},
    {"ipc.call-leg-vspace", "Call leg, other VSpace", 289, 180},
    {"ipc.reply-leg", "ReplyRecv leg, passive server, 0 words, FPU off", 365, 210},
    {"ipc.reply-leg-vspace", "ReplyRecv leg, other VSpace", 365, 210},
    {"ipc.passive-0", "Round trip passive, 0 words, FPU off", 657, 385},
    {"ipc.passive-4", "Round trip passive, 4 words, FPU off", 700, 405},
    {"ipc.passive-0-fpu", "Round trip passive, 0 words, FPU enabled", 830, 405},
    {"ipc.passive-10", "Round trip passive, 10 words", 3105, 600},
    {"ipc.active-0-fpu", "Round trip to an active server, 0 words, FPU on", 3622, 650},
    {"ipc.active-0", "Round trip to an active server, 0 words, FPU off", 3450, 650},
    {"ntfn.signal-high", "Signal to a higher-priority waiter until it runs", 1231, 380},
    {"ntfn.signal-high-back", "Signal to a higher-priority waiter and back", 2387, 760},
    {"ntfn.signal-low", "Signal to a lower-priority waiter, no switch", 1054, 300},
    {"sched.yield-alone", "Yield alone", 961, 300},
    {"sched.yield-peer", "Yield to a peer, one way", 1011, 380},
    {"fault.exception", "User exception to active handler", 1269, 480},
    {"fault.exception-reply", "Exception reply to resumed thread", 1764, 480},
    {"fault.timeout", "Budget expiry to timeout handler running", 1417, 600},
    {"fault.timeout-reply", "Timeout reply to resumed thread", 1699, 560},
    {"irq.user", "Device interrupt to user thread, with switch", 864, 400},
    {"retype.tcb", "Retype one TCB", 1157, 520},
    {"retype.endpoint", "Retype one endpoint", 1151, 520},
    {"retype.frame", "Retype one 4 KiB frame", 1164, 520},
    {"retype.endpoints-100", "Retype 100 endpoints in one call", 7191, 3600},
    {"delete.tcb", "Delete the last cap of a TCB", 2788, 1000},
    {"cnode.copy", "CNode copy", 1030, 400},
    {"cnode.mint", "CNode mint", 1051, 410},
    {"cnode.move", "CNode move", 902, 360},
    {"cnode.delete-copy", "CNode delete a copy", 979, 380},
    {"cnode.delete-empty", "CNode delete empty", 804, 300},
    {"cnode.revoke-childless", "CNode revoke childless", 840, 320},
    {"revoke.minted-100", "Revoke an endpoint with 100 minted caps", 35461, 9000},
    {"revoke.endpoints-100", "Revoke an untyped with 100 endpoints", 46196, 11000},
    {"revoke.tcbs-100", "Revoke an untyped with 100 TCBs", 199811, 60000},
    {"page.map", "Page map 4 KiB", 857, 400},
    {"page.remap", "Page remap 4 KiB", 878, 400},
    {"page.unmap", "Page unmap 4 KiB", 805, 380},
    {"page.address", "Page GetAddress", 653, 260},
    {"table.map", "Page table map", 796, 380},
    {"table.unmap", "Page table unmap (clears 4 KiB)", 2427, 520},
    {"tcb.set-priority", "SetPriority of a blocked thread", 766, 320},
    {"sc.configure", "SC configure", 771, 360},
    {"sc.bind", "SC bind", 746, 320},
    {"sc.unbind", "SC unbind", 664, 300},
    {"sc.consumed", "SC consumed", 650, 280},
    {"tcb.read-registers", "ReadRegisters, 32 words", 1217, 480},
    {"tcb.write-registers", "WriteRegisters, 32 words", 1192, 480},
    {"tcb.suspend", "Suspend a ready thread", 748, 320},
    {"tcb.resume", "Resume a lower-priority thread", 1180, 400},
    {"ipc.passive-0-fpu-used", "Round trip passive, 0 words, both use the FPU", 0, 0},
    {"ipc.cap-transfer", "Round trip with one capability", 0, 0},
    {"irq.user-back", "Device interrupt, until the interrupted thread goes on", 0, 0},
    {"irq.from-user", "Alarm to user thread, user mode interrupted", 0, 0},
    {"irq.from-idle", "Alarm to user thread, hart idle", 0, 0},
    {"irq.from-retype", "Alarm to user thread, inside Retype of 64 TCBs", 0, 0},
    {"irq.from-revoke", "Alarm to user thread, inside Revoke of 64 TCBs", 0, 0},
    {"sched.jitter", "Replenishment after the earliest, period 1 ms", 0, 0},
    {NULL, NULL, 0, 0}};

const struct bench_reference *bench_reference_find(const char *row) {
    const struct bench_reference *reference = BENCH_REFERENCES;
    while (reference->row && strcmp(reference->row, row)) {
        reference++;
    }
    return reference->row ? reference : NULL;
}
