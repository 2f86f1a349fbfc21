// SPDX-License-Identifier: BSD-2-Clause
// Objects, threads and series of the lab.
#include "benchmarks/lab.h"

#include <string.h>

#include "benchmarks/marks.h"
#include "benchmarks/output.h"
#include "user/start/root.h"

#define PAGE_BYTES   4096ul
#define DEVICE_PAGES 0x40000000ul // where device frames are mapped
#define SYSCON       0x100000ul
#define RTC          0x101000ul
#define UART         0x10000000ul
#define POWER_OFF    0x5555u
#define ARENA_BITS   23
#define STACK_BYTES  4096
#define SMALL_BYTES  128
#define TLS_BYTES    256
#define GROUPS       512 // of rows: as many marks

// Patched by the tool: which experiments run, and how often. The magic is what it looks for.
struct control {
    char magic[16];
    char only[64]; // name of a row, or empty: all
    unsigned warm_ups, runs;
    unsigned marks; // of every row, not only of `only`
};
volatile struct control lab_control = {"skerry-lab-ctrl", "", WARM_UPS, RUNS, 0};

extern char __executable_first[] __asm__("_start");
extern char image_end[] __asm__("_end");

static struct {
    seL4_BootInfo *info;
    seL4_CPtr arena;
    seL4_CPtr slot_lasting; // from here on slots are an experiment's
    seL4_CPtr slot_next;
    seL4_CPtr device_next; // device untyped of the low devices
    seL4_Word overhead;
    volatile seL4_Uint8 *uart;
    volatile unsigned *rtc;
    volatile unsigned *syscon;
    unsigned threads, small_threads;
    int marking;         // samples of a row that the tool wants to see are being taken
    unsigned groups;     // begun
    unsigned unfinished; // series of the present group
} lab;

static char stacks[LAB_THREADS][STACK_BYTES] __attribute__((aligned(16)));
static char thread_local_memory[LAB_THREADS][TLS_BYTES] __attribute__((aligned(64)));
static char buffers[LAB_THREADS][PAGE_BYTES] __attribute__((aligned(4096)));
static char small_stacks[SMALL_THREADS][SMALL_BYTES] __attribute__((aligned(16)));

/* ---- Series -------------------------------------------------------------------------------------- */

// The tool looks for these two by name. The first has a place for each group.
MARKS(lab_sample_begins, "512");
MARKS(lab_sample_ends, "1");

static void mark(unsigned group) {
    if (lab.marking && group < GROUPS) {
        mark_call(lab_sample_begins, group);
    }
}

void lab_mark_begin(void) {
    mark(lab.groups);
}

void lab_mark_begin_of(const struct series *series) {
    mark(series->group);
}

void lab_mark_end(void) {
    if (lab.marking) {
        mark_call(lab_sample_ends, 0);
    }
}

const char *lab_only(void) {
    return (const char *)lab_control.only;
}

unsigned lab_runs(void) {
    return lab_control.warm_ups + lab_control.runs;
}

int lab_traced(void) {
    return lab_control.marks != 0;
}

void series_begin(struct series *series, const char *name) {
    series->name = name;
    series->runs = series->count = 0;
    series->overhead = lab.overhead;
    series->from = 0;
    series->to = 1;
    series->unit = series->input = NULL;
    lab.groups += !lab.unfinished++;
    series->group = lab.groups;
    lab.marking |= lab_control.marks || !strcmp(lab_only(), name);
}

void series_begin_at(struct series *series, const char *name, int from, int to) {
    series_begin(series, name);
    series->from = from;
    series->to = to;
}

void series_apart(struct series *series) {
    series->group = ++lab.groups;
}

void series_input(struct series *series, const char *what, seL4_Word first, seL4_Word step) {
    series->input = what;
    series->input_first = first + lab_control.warm_ups * step;
    series->input_step = step;
}

void series_add(struct series *series, seL4_Word instructions) {
    if (series->runs++ >= lab_control.warm_ups && series->count < RUNS) {
        series->sample[series->count++] = instructions - series->overhead;
    }
}

static void sort(seL4_Word *list, unsigned count) {
    for (unsigned i = 1; i < count; i++) {
        seL4_Word value = list[i];
        unsigned at = i;
        for (; at && list[at - 1] > value; at--) {
            list[at] = list[at - 1];
        }
        list[at] = value;
    }
}

static void put_field(const char *name, seL4_Word number) {
    put_text(name);
    put_number(number);
}

static void put_samples(const struct series *series) {
    put_text(" samples=");
    for (unsigned i = 0; i < series->count;) {
        unsigned from = i;
        while (i < series->count && series->sample[i] == series->sample[from]) {
            i++;
        }
        put_text(from ? "," : "");
        put_number(series->sample[from]);
        if (i - from > 1) {
            put_field("x", i - from);
        }
    }
}

static unsigned largest(const struct series *series) {
    unsigned at = 0;
    for (unsigned i = 1; i < series->count; i++) {
        at = series->sample[i] > series->sample[at] ? i : at;
    }
    return at;
}

static void put_signed(int number) {
    put_text(number < 0 ? "-" : "");
    put_number((seL4_Word)(number < 0 ? -number : number));
}

// How the tool finds the samples in a trace.
static void put_marks(const struct series *series) {
    put_field(" group=", series->group);
    put_text(" from=");
    put_signed(series->from);
    put_text(" to=");
    put_signed(series->to);
}

static void put_input(const struct series *series) {
    put_field(" input=", largest(series));
    if (series->input) {
        put_text(" what=");
        put_text(series->input);
        put_field(" at=", series->input_first + largest(series) * series->input_step);
    }
    if (series->unit) {
        put_text(" unit=");
        put_text(series->unit);
    }
}

static void series_put(const struct series *series) {
    static seL4_Word sorted[RUNS];
    lab.marking = 0;
    lab.unfinished--;
    for (unsigned i = 0; i < series->count; i++) {
        sorted[i] = series->sample[i];
    }
    sort(sorted, series->count);
    put_field(" n=", series->count);
    if (series->count) {
        put_field(" min=", sorted[0]);
        put_field(" median=", sorted[series->count / 2]);
        put_field(" p99=", sorted[series->count * 99 / 100]);
        put_field(" max=", sorted[series->count - 1]);
        put_input(series);
        put_marks(series);
        put_samples(series);
    }
    put_text("\n");
}

void series_end(const struct series *series) {
    put_text("row ");
    put_text(series->name);
    series_put(series);
}

void series_end_with(const struct series *series, unsigned parameter) {
    put_text("row ");
    put_text(series->name);
    put_field("-", parameter);
    series_put(series);
}

/* ---- Objects ------------------------------------------------------------------------------------- */

void must(seL4_Error error, const char *what) {
    if (error != seL4_NoError) {
        put_text("error ");
        put_text(what);
        put_field(" answered ", (seL4_Word)error);
        put_text("\n");
        lab_end(1);
    }
}

seL4_CPtr slots_take(unsigned count) {
    seL4_CPtr first = lab.slot_next;
    lab.slot_next += count;
    if (lab.slot_next > lab.info->empty.end) {
        must(seL4_NotEnoughMemory, "slots");
    }
    return first;
}

seL4_CPtr objects_make(seL4_CPtr untyped, seL4_Word type, seL4_Word bits, unsigned count) {
    seL4_CPtr first = slots_take(count);
    must(seL4_Untyped_Retype(untyped, type, bits, seL4_CapInitThreadCNode, 0, 0, first, count),
         "Retype");
    return first;
}

seL4_CPtr object_make(seL4_Word type, seL4_Word bits) {
    return objects_make(lab.arena, type, bits, 1);
}

seL4_CPtr lab_schedcontrol(void) {
    return lab.info->schedcontrol.start;
}

void sc_configure(seL4_CPtr sc, seL4_Time budget_us, seL4_Time period_us) {
    must(seL4_SchedControl_Configure(lab_schedcontrol(), sc, budget_us, period_us, 0, 0),
         "SchedControl.Configure");
}

seL4_CPtr sc_make(seL4_Time budget_us, seL4_Time period_us) {
    seL4_CPtr sc = object_make(seL4_SchedContextObject, 8);
    sc_configure(sc, budget_us, period_us);
    return sc;
}

void frame_map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word address) {
    seL4_Error error = seL4_RISCV_Page_Map(frame, vspace, address, seL4_AllRights, 0);
    for (int level = 0; error == seL4_FailedLookup && level < 2; level++) {
        seL4_CPtr table = object_make(seL4_RISCV_PageTableObject, 0);
        must(seL4_RISCV_PageTable_Map(table, vspace, address, 0), "PageTable.Map");
        error = seL4_RISCV_Page_Map(frame, vspace, address, seL4_AllRights, 0);
    }
    must(error, "Page.Map");
}

static seL4_Word image_first(void) {
    return (seL4_Word)__executable_first & ~(PAGE_BYTES - 1);
}

static seL4_CPtr frame_of(const void *address) {
    return lab.info->userImageFrames.start + ((seL4_Word)address - image_first()) / PAGE_BYTES;
}

seL4_CPtr vspace_clone(void) {
    seL4_CPtr root = object_make(seL4_RISCV_PageTableObject, 0);
    must(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root), "ASIDPool.Assign");
    for (seL4_Word at = image_first(); at < (seL4_Word)image_end; at += PAGE_BYTES) {
        seL4_CPtr copy = slots_take(1);
        must(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, DEPTH, seL4_CapInitThreadCNode,
                             frame_of((void *)at), DEPTH, seL4_AllRights),
             "CNode.Copy");
        frame_map(copy, root, at);
    }
    return root;
}

/* ---- Setting up ---------------------------------------------------------------------------------- */

static seL4_CPtr untyped_with(seL4_Word physical) {
    for (seL4_Word i = 0; i < lab.info->untyped.end - lab.info->untyped.start; i++) {
        const seL4_UntypedDesc *untyped = &lab.info->untypedList[i];
        if (untyped->isDevice && physical >= untyped->paddr &&
            physical - untyped->paddr < 1ul << untyped->sizeBits) {
            return lab.info->untyped.start + i;
        }
    }
    must(seL4_FailedLookup, "untyped of a device");
    return 0;
}

static seL4_CPtr arena_make(void) {
    for (seL4_Word i = 0; i < lab.info->untyped.end - lab.info->untyped.start; i++) {
        const seL4_UntypedDesc *untyped = &lab.info->untypedList[i];
        if (!untyped->isDevice && untyped->sizeBits > ARENA_BITS) {
            lab.arena = lab.info->untyped.start + i; // for the page tables of the devices
            return objects_make(lab.info->untyped.start + i, seL4_UntypedObject, ARENA_BITS, 1);
        }
    }
    must(seL4_FailedLookup, "untyped memory");
    return 0;
}

static void *device_map(seL4_CPtr untyped, seL4_Word address) {
    seL4_CPtr frame = objects_make(untyped, seL4_RISCV_4K_Page, 0, 1);
    frame_map(frame, seL4_CapInitThreadVSpace, address);
    return (void *)address;
}

// The finisher and the clock lie one after the other, a megabyte into an untyped: objects are made from an
// untyped in ascending order.
static void devices_map(void) {
    lab.uart = device_map(untyped_with(UART), DEVICE_PAGES);
    output_begin(lab.uart);
    seL4_CPtr low = untyped_with(SYSCON);
    objects_make(low, seL4_UntypedObject, 20, 1);
    lab.syscon = device_map(low, DEVICE_PAGES + PAGE_BYTES);
    lab.rtc = device_map(low, DEVICE_PAGES + 2 * PAGE_BYTES);
}

static void overhead_measure(void) {
    static struct series empty;
    series_begin(&empty, "lab.overhead");
    empty.overhead = 0;
    for (unsigned run = 0; run < lab_runs(); run++) {
        seL4_Word from = cycles();
        seL4_Word to = cycles();
        series_add(&empty, to - from);
    }
    series_end(&empty);
    lab.overhead = empty.sample[0];
}

void lab_begin(seL4_BootInfo *info) {
    lab.info = info;
    lab.slot_next = info->empty.start;
    seL4_CPtr arena = arena_make();
    devices_map();
    lab.arena = arena;
    lab.slot_lasting = lab.slot_next;
    put_text("lab begins\n");
    lab_priority(PRIORITY_LAB);
    sc_configure(seL4_CapInitThreadSC, LAB_BUDGET_US, LAB_BUDGET_US);
    overhead_measure();
}

void lab_clear(void) {
    must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, lab.arena, DEPTH), "Revoke");
    for (seL4_CPtr slot = lab.slot_lasting; slot < lab.slot_next; slot++) {
        must(seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, DEPTH), "Delete");
    }
    lab.slot_next = lab.slot_lasting;
    lab.threads = lab.small_threads = 0;
    lab_flags(0);
    lab_priority(PRIORITY_LAB);
}

void lab_end(int status) {
    put_text("@skerry exit ");
    put_signed(status);
    put_text("\n");
    if (lab.syscon) {
        *lab.syscon = POWER_OFF;
    }
    for (;;) {
        seL4_Yield();
    }
}

volatile seL4_Uint8 *lab_uart(void) {
    return lab.uart;
}

volatile unsigned *lab_clock(void) {
    return lab.rtc;
}

/* ---- Threads ------------------------------------------------------------------------------------- */

static seL4_Word global_pointer(void) {
    seL4_Word gp;
    __asm__("mv %0, gp" : "=r"(gp));
    return gp;
}

static void registers_write(seL4_CPtr tcb, void (*entry)(void), char *stack_top, char *tls,
                            seL4_Bool resume) {
    seL4_UserContext registers = {.pc = (seL4_Word)entry,
                                  .sp = (seL4_Word)stack_top,
                                  .gp = global_pointer(),
                                  .tp = (seL4_Word)tls};
    must(seL4_TCB_WriteRegisters(tcb, resume, 0, sizeof(registers) / sizeof(seL4_Word), &registers),
         "WriteRegisters");
}

// libsel4 keeps the address of a thread's IPC buffer in thread-local memory; so set it in the new thread's.
static void buffer_tell(char *tls, char *buffer) {
    seL4_Word tp;
    __asm__("mv %0, tp" : "=r"(tp));
    *(void **)(tls + ((seL4_Word)&__sel4_ipc_buffer - tp)) = buffer;
}

struct thread thread_prepare(const struct thread_plan *plan) {
    unsigned index = lab.threads++;
    must(index < LAB_THREADS ? seL4_NoError : seL4_NotEnoughMemory, "threads of the lab");
    struct thread thread = {.tcb = object_make(seL4_TCBObject, 0), .index = index};
    seL4_Time budget = plan->budget_us ? plan->budget_us : LAB_BUDGET_US;
    thread.sc = sc_make(budget, plan->budget_us ? plan->period_us : LAB_BUDGET_US);
    must(seL4_TCB_Configure(thread.tcb, seL4_CapInitThreadCNode, 0,
                            plan->vspace ? plan->vspace : seL4_CapInitThreadVSpace, 0,
                            (seL4_Word)buffers[index], frame_of(buffers[index])),
         "TCB.Configure");
    must(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, plan->priority, plan->priority,
                                 thread.sc, plan->fault_endpoint),
         "SetSchedParams");
    seL4_TCB_SetFlags(thread.tcb, 0, plan->flags);
    buffer_tell(thread_local_memory[index], buffers[index]);
    registers_write(thread.tcb, plan->entry, stacks[index] + STACK_BYTES,
                    thread_local_memory[index], 0);
    return thread;
}

struct thread thread_start(const struct thread_plan *plan) {
    struct thread thread = thread_prepare(plan);
    must(seL4_TCB_Resume(thread.tcb), "Resume");
    return thread;
}

void thread_forget(const struct thread *thread) {
    must(seL4_CNode_Delete(seL4_CapInitThreadCNode, thread->tcb, DEPTH), "Delete");
    must(seL4_CNode_Delete(seL4_CapInitThreadCNode, thread->sc, DEPTH), "Delete");
    lab.threads--;
}

seL4_IPCBuffer *thread_buffer(const struct thread *thread) {
    return (seL4_IPCBuffer *)buffers[thread->index];
}

struct thread small_thread_start(void (*entry)(void), seL4_Word priority, seL4_Time budget_us,
                                 seL4_Time period_us) {
    unsigned index = lab.small_threads++;
    must(index < SMALL_THREADS ? seL4_NoError : seL4_NotEnoughMemory, "small threads");
    struct thread thread = {
        .tcb = object_make(seL4_TCBObject, 0), .sc = sc_make(budget_us, period_us), .index = index};
    must(seL4_TCB_Configure(thread.tcb, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0, 0,
                            0),
         "TCB.Configure");
    must(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, priority, priority, thread.sc,
                                 0),
         "SetSchedParams");
    registers_write(thread.tcb, entry, small_stacks[index] + SMALL_BYTES, small_stacks[index], 1);
    return thread;
}

void thread_make_passive(const struct thread *thread) {
    must(seL4_SchedContext_Unbind(thread->sc), "SchedContext.Unbind");
}

void lab_flags(seL4_Word flags) {
    seL4_TCB_SetFlags(seL4_CapInitThreadTCB, ~flags & seL4_TCBFlag_fpuDisabled, flags);
}

void lab_priority(seL4_Word priority) {
    must(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, priority),
         "SetPriority");
}
