// SPDX-License-Identifier: BSD-2-Clause
// The latency lab: a root task that runs every experiment, prints its rows, and turns the machine off.
//
// Output, one line each:
//     row NAME n=.. min=.. median=.. p99=.. max=.. input=.. [what=.. at=..] [unit=..] group=.. from=.. to=.. samples=V,VxN,..
// `input` is the index of the first sample with the maximum, `at` the value of what differed from run to run there;
// VxN stands for N equal samples in a row; group, from and to say where the samples are in a trace (lab.h).
// tools/bench_lab.c reads it.
#include "benchmarks/experiments.h"
#include "benchmarks/lab.h"
#include "benchmarks/output.h"
#include "user/start/root.h"

#include <string.h>

// An experiment and the rows it prints (a row with a parameter: its name up to the last "-").
static const struct {
    const char *rows;
    void (*run)(void);
} EXPERIMENTS[] = {
    {"null.nbsend-empty ep.nbsend ep.call-unknown", rows_null},
    {"ntfn.poll-empty ntfn.poll-signalled ntfn.signal", rows_notification_alone},
    {"ntfn.signal-high ntfn.signal-high-back", rows_signal_high},
    {"ntfn.signal-low", rows_signal_low},
    {"ipc.call-leg ipc.reply-leg", rows_legs_same},
    {"ipc.call-leg-vspace ipc.reply-leg-vspace", rows_legs_other},
    {"ipc.passive-0 ipc.passive-4", rows_passive},
    {"ipc.passive-0-fpu", rows_passive_fpu},
    {"ipc.passive-0-fpu-used", rows_passive_fpu_used},
    {"ipc.passive-10", rows_passive_long},
    {"ipc.active-0", rows_active},
    {"ipc.active-0-fpu", rows_active_fpu},
    {"ipc.length", rows_length},
    {"ipc.cap-transfer", rows_cap_transfer},
    {"ipc.caps", rows_caps},
    {"sched.yield-alone sched.yield-peer", rows_yield},
    {"switch.fpu-none switch.fpu-one switch.fpu-both", rows_switch_fpu},
    {"fault.exception fault.exception-reply", rows_exception},
    {"fault.timeout fault.timeout-reply", rows_timeout},
    {"irq.user irq.user-back", rows_interrupt},
    {"irq.from-user irq.from-idle irq.from-retype irq.from-revoke irq.from-revoke-minted irq.from-delete "
     "irq.from-reset irq.from-message irq.from-cap-transfer irq.from-cancel-badged",
     rows_interrupt_where},
    {"sched.jitter", rows_jitter},
    {"retype.tcb retype.endpoint retype.frame", rows_retype},
    {"retype.endpoints-100", rows_retype_many},
    {"delete.tcb", rows_delete_tcb},
    {"cnode.copy cnode.mint cnode.move cnode.delete-copy cnode.delete-empty cnode.revoke-childless",
     rows_cnode},
    {"revoke.minted-100", rows_revoke_minted},
    {"revoke.endpoints-100 revoke.tcbs-100", rows_revoke_untyped},
    {"page.map page.remap page.unmap page.address", rows_page},
    {"table.map table.unmap", rows_table},
    {"tcb.set-priority", rows_priority},
    {"sc.configure sc.bind sc.unbind sc.consumed", rows_sched_context},
    {"tcb.read-registers tcb.write-registers", rows_registers},
    {"tcb.suspend tcb.resume", rows_suspend},
    {"scale.ready", rows_scale_ready},
    {"scale.release-first scale.release-last", rows_scale_release},
    {"scale.waiting", rows_scale_waiting},
    {"scale.senders", rows_scale_senders},
    {"scale.retype", rows_scale_retype},
    {"scale.delete", rows_scale_delete},
    {"scale.revoke", rows_scale_revoke},
    {"memory.object-tcb memory.object-endpoint memory.object-notification memory.object-reply "
     "memory.object-sched-context memory.object-cnode-slot memory.object-page-table",
     rows_bytes},
};

// Whether the row that the tool asked for is among `rows`: a whole word.
static int wanted(const char *rows) {
    const char *only = lab_only();
    size_t length = strlen(only);
    for (const char *at = rows; length && (at = strstr(at, only)); at++) {
        if ((at == rows || at[-1] == ' ') && (at[length] == ' ' || !at[length])) {
            return 1;
        }
    }
    return !length;
}

int main(void) {
    lab_begin(root_boot_info);
    for (unsigned i = 0; i < sizeof(EXPERIMENTS) / sizeof(EXPERIMENTS[0]); i++) {
        if (wanted(EXPERIMENTS[i].rows)) {
            EXPERIMENTS[i].run();
            lab_clear();
        }
    }
    lab_end(0);
}
