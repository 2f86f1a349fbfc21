// SPDX-License-Identifier: BSD-2-Clause
/*
 * A reference model of the kernel, written to be read: what seL4's manual (MCS) and SEL4-ABI.md say
 * a program can see, in plain arrays and indices. It knows no kernel header; only the numbers of the
 * user interface (abi/gen/sel4_abi.h).
 *
 *   tree.c      capabilities, their derivation tree (an explicit parent for each), objects and their end
 *   messages.c  endpoints, notifications, reply objects, faults, message transfer
 *   time.c      scheduling contexts, refills, domains, who runs
 *   memory.c    address spaces: frames, page tables, ASIDs
 *   methods.c   what each invocation checks, answers and does
 *   calls.c     the eleven system calls
 *
 * lockstep.c runs it beside the kernel. Everything is global: there is one model, as there is one kernel.
 *
 * An object is the index of its row in the table of its kind; NOBODY is no object. A slot is an index into
 * `slots`: first the slots of all CNodes, then five for each thread, then one for each interrupt line.
 *
 * Lines are device interrupts first, then receive ends of doorbells. There is one peer, whose part the test plays:
 * model_ring() is what it sends, model_peer_takes() how it takes what was sent to it.
 */
#pragma once

#include "abi/gen/sel4_abi.h"
#include "lib/types.h"

#define NOBODY (-1)

enum {
    NODES = 12,
    NODE_SLOTS = 256,
    THREADS = 14,
    ENDPOINTS = 14,
    NOTIFICATIONS = 14,
    CONTEXTS = 14,
    REPLIES = 14,
    FRAMES = 24,
    TABLES = 24,
    TABLE_ENTRIES = 512,
    POOLS = 4,
    POOL_ENTRIES = 512,
    DOMAINS = 3,
    SCHEDULE = 8,
    PEER = 2,            /* core of the one peer */
    CORES = 2,           /* there are as many */
    BELLS = 67,          /* lines to the peer, and from it */
    DEVICES = 3,         /* interrupt lines 1 to 3; row 0 is line 1 */
    LINES = DEVICES + 3, /* … and doorbell lines; line_irq() says which */
    HELD = 5,            /* slots of a thread */
    SLOTS = NODES * NODE_SLOTS + THREADS * HELD + LINES,
    REFILLS = 32,
    NAME_BYTES = 24,
    LEVELS = 256,
    FRAME_WORDS = 256, /* the first half of a page: buffers lie at its start or 1 KiB behind */
};

/* Words of an IPC buffer. */
enum {
    AT_MSG = 1,
    AT_CAPS = 122,
    AT_RECEIVE_CNODE = 125,
    AT_RECEIVE_INDEX = 126,
    AT_RECEIVE_DEPTH = 127
};

/* The slots of a thread. */
enum { HELD_CSPACE, HELD_VSPACE, HELD_BUFFER, HELD_FAULT_HANDLER, HELD_TIMEOUT_HANDLER };

enum m_thread_state { INACTIVE, RUNNABLE, RECEIVING, SENDING, AWAITING_REPLY, AWAITING_SIGNAL };
enum m_thread_place { NOWHERE, READY, RELEASE, OBJECT };

/* ---- Capabilities ------------------------------------------------------------------------------------------- */

struct m_cap {
    int kind;   /* enum sel4_cap_kind */
    int object; /* row in the table of its kind; line of an IRQ handler */
    u64 rights; /* endpoint, notification, reply; of a frame: Read and Write as it may be mapped */
    u64 badge;  /* … or line of a doorbell */
    u64 guard;
    unsigned guard_bits;
    u64 address; /* untyped: where the memory begins, how large it is, how much was handed out */
    unsigned size_bits;
    u64 used;
    bool device; /* untyped, frame */
    u64 asid;    /* frame, page table: mapped in this address space (0: not), … */
    u64 vaddr;   /* … at this address; a root at 0 */
};

struct m_slot {
    struct m_cap cap;
    int parent;    /* slot that this capability was derived from; NOBODY: none */
    bool original; /* made by Retype, or with a new badge: what is derived from it is its child */
};

/* ---- Objects ------------------------------------------------------------------------------------------------ */

struct m_node {
    bool alive;
    u64 address;
    unsigned radix;
};

struct m_fault {
    int kind;         /* enum sel4_fault */
    u64 word[3];      /* as in the message, behind the instruction pointer */
    unsigned lookups; /* cap fault: words of the lookup failure */
    u64 lookup[4];
};

struct m_thread {
    bool alive;
    u64 address;
    u64 reg[32];
    u64 priority;
    u64 mcp;
    u64 flags;
    int domain;
    int state;
    int place;
    int waits_on; /* endpoint or notification */
    u64 send_badge;
    bool send_grant;
    bool send_grant_reply;
    bool send_call;
    int reply; /* it waits for this reply, or offered this object for receiving */
    int context;
    int notification; /* bound */
    u64 buffer_address;
    struct m_fault fault;
    int yielded_to; /* context */
    bool yield_answer;
    char name[NAME_BYTES]; /* for debugging, ends with a zero */
    u64 release_time;      /* in place RELEASE: by when, … */
    u64 arrival;           /* … and in order of arrival */
};

/* Waiting threads: higher priorities first, then in order of arrival. */
struct m_queue {
    int thread[THREADS];
    int count;
};

struct m_endpoint {
    bool alive;
    u64 address;
    struct m_queue queue; /* all sending or all receiving */
};

struct m_notification {
    bool alive;
    u64 address;
    struct m_queue queue;
    bool active;
    u64 word;
    int bound;
    int context;
};

struct m_refill {
    u64 time;
    u64 amount;
};

struct m_context {
    bool alive;
    u64 address;
    unsigned size_bits;
    u64 period; /* 0: round robin */
    u64 budget;
    u64 consumed;
    u64 badge;
    bool sporadic;
    int max; /* refills; 0: never configured */
    struct m_refill refill[REFILLS];
    int count;
    int thread;
    int notification;
    int yielder;        /* thread that yielded to this context and waits for it */
    int stack[REPLIES]; /* reply objects the context was lent over; the last one is the top */
    int depth;
};

struct m_reply {
    bool alive;
    u64 address;
    int caller;
    int context; /* in whose stack it is */
};

struct m_frame {
    bool alive;
    u64 address;
    u64 word[FRAME_WORDS];
};

enum m_entry_kind { ENTRY_NOTHING, ENTRY_TO_TABLE, ENTRY_TO_FRAME };

struct m_entry {
    int kind;
    u64 address; /* of the table or frame */
    bool read;
    bool write;
    bool execute;
};

struct m_table {
    bool alive;
    u64 address;
    struct m_entry entry[TABLE_ENTRIES];
};

/* Of the ASIDs from `first` on: whose they are. */
struct m_pool {
    bool alive;
    u64 address;
    u64 first;
    int root[POOL_ENTRIES]; /* table; NOBODY: free */
};

/* A device is pending until it is taken; a doorbell is held until it can be delivered. */
struct m_line {
    bool active;
    bool masked;
    bool pending;
};

struct m_domain_slot {
    int domain;
    u64 duration;
};

extern struct m_slot slots[SLOTS];
extern struct m_node nodes[NODES];
extern struct m_thread threads[THREADS];
extern struct m_endpoint endpoints[ENDPOINTS];
extern struct m_notification notifications[NOTIFICATIONS];
extern struct m_context contexts[CONTEXTS];
extern struct m_reply replies[REPLIES];
extern struct m_frame frames[FRAMES];
extern struct m_table tables[TABLES];
extern struct m_pool pools[POOLS];
extern struct m_line lines[LINES];

struct m_state {
    u64 now;             /* ticks */
    u64 alarm;           /* when the timer fires */
    int current;         /* who runs */
    int current_context; /* whose budget time now counts against */
    u64 stint_start;     /* since when it has not been charged */
    int woken;           /* the one thread woken in this entry and not yet queued; see time.c */
    bool crowd;          /* more than one was woken */
    bool slice_over;     /* this entry found the head refill used up */
    u64 arrivals;
    int domain; /* whose time it is, until when, and the schedule that says so */
    u64 domain_end;
    int schedule_index;
    int schedule_start;
    struct m_domain_slot schedule[SCHEDULE];
    bool bell_issued[BELLS]; /* there is a capability to send on this line */
    u64 bell_sent[2];        /* sent, and not yet taken by the peer; as the peer sees it */
    bool bell_rung;          /* since the peer last looked */
    u64 changes; /* of the derivation tree: tells who compares that there is something to look at */
    u64 map_changes; /* of page tables and ASID pools, likewise */
    bool order_open; /* in this entry threads are woken in an order that no rule gives */
    u64 freed_replies; /* … with their endpoint a receiver was woken that had offered these reply objects */
    u64 left_endpoints; /* … a receiver that waited on these went down with its reply object */
    bool ambiguous;     /* … and it mattered, so the model knows no more */
    bool full;          /* an object did not fit into the tables: likewise */
};

extern struct m_state m;

#define MIN_BUDGET   200 /* ticks: twice the kernel's worst case */
#define MAX_US       (~0ull / 10 / 8)
#define TICKS_PER_US 10
#define FOREVER      (BIT(56) - 1) /* ticks: a domain's slot that never ends */
#define BELL_IRQ     (4096 + PEER * 1024)

/* The number of an interrupt line. Doorbell lines from the first, the middle and the last of a word. */
static inline u64 line_irq(int line) {
    static const u64 bell[LINES - DEVICES] = {0, 63, 64};

    return line < DEVICES ? (u64)line + 1 : BELL_IRQ + bell[line - DEVICES];
}

/* ---- tree.c ------------------------------------------------------------------------------------------------- */

static inline int node_slot(int node, u64 index) {
    return node * NODE_SLOTS + (int)index;
}

static inline int held_slot(int thread, int which) {
    return NODES * NODE_SLOTS + thread * HELD + which;
}

static inline int line_slot(int line) {
    return NODES * NODE_SLOTS + THREADS * HELD + line;
}

static inline bool slot_empty(int slot) {
    return slots[slot].cap.kind == SEL4_CAP_NULL;
}

struct m_lookup {
    int slot; /* NOBODY: not found */
    unsigned left;
    unsigned words;
    u64 word[4]; /* of the lookup failure */
};

void tree_reset(void);
void tree_add(int parent, int slot, struct m_cap cap, bool original); /* right behind the parent */
void tree_copy(int source, int slot, struct m_cap cap);
void tree_move(int source, int dest, struct m_cap cap);
void tree_swap(int a, struct m_cap for_b, int b, struct m_cap for_a);
bool tree_has_children(int slot);
bool tree_is_last(int slot); /* no other capability to its object */
void tree_delete(int slot);
void tree_revoke(int slot);
bool cap_same(struct m_cap a, struct m_cap b);
struct m_lookup tree_resolve(struct m_cap root, u64 address, unsigned bits);
struct m_lookup tree_lookup(int thread, u64 cptr);
struct m_lookup tree_lookup_exact(struct m_cap root, u64 index, unsigned depth);
struct m_cap cap_masked(struct m_cap cap, u64 rights);
/* kind becomes null if the data cannot be set; `moving`: the capability keeps its children */
struct m_cap cap_with_data(struct m_cap cap, u64 data, bool moving);
enum sel4_error cap_derived(int slot, struct m_cap cap, struct m_cap *out);
unsigned type_bits(u64 type, u64 size_bits);
/* Make an object and return its capability; m.full if there is no row left. */
struct m_cap object_new(u64 type, u64 size_bits, u64 address, bool device);

/* ---- messages.c --------------------------------------------------------------------------------------------- */

struct m_send {
    bool block;
    bool call;
    bool donate;
    bool grant;
    bool grant_reply;
    u64 badge;
};

u64 *thread_buffer(int thread, bool write); /* NULL: none */
bool thread_set_word(int thread, unsigned index, u64 value);
void thread_done(int thread); /* its system call is complete */
void thread_wait(int thread, int state);
void thread_run(int thread); /* runnable from now on */
void thread_cancel(int thread);
void thread_suspended(int thread);
void thread_resumed(int thread);
void thread_prioritise(int thread, u64 priority);
void queue_remove(struct m_queue *queue, int thread);
bool message_send(int endpoint, int sender, struct m_send how); /* false: nobody took it */
void message_receive(int endpoint, int receiver, bool block, int reply);
void endpoint_flush(int endpoint); /* all waiters start again */
void endpoint_flush_badge(int endpoint, u64 badge);
void signal_send(int notification, u64 badge);
void signal_receive(int notification, int thread, bool block);
void notification_flush(int notification);
void reply_answer(int reply, int replier, bool grant);
void reply_detach(int reply); /* out of whatever stack it is in */
void reply_destroyed(int reply);
void fault_raise(int thread);
bool timeout_raise(int thread);

/* ---- time.c ------------------------------------------------------------------------------------------------- */

void time_reset(void);
bool time_charge(void);         /* true: the head refill is used up */
void time_charge_and_end(void); /* at the end of the entry */
void time_end_if_over(void);
void time_end_slice(void);
void time_wake(int thread);
void time_dequeue(int thread);
void time_compete(int thread);
void time_schedule(void); /* the end of every entry */
void time_release_due(void);
void time_domain_due(void); /* the next domain's turn, if it has come */
void time_unblocked(int context);
void time_yield(int thread);
bool time_refill_ready(int context);
void context_bind(int context, int thread);
void context_unbind(int context);
void context_leave_stack(int context); /* answers of the calls that lent it return no time */
void context_donate(int context, int thread);
void context_lend(int notification, int thread);
void context_return(int notification, int thread);
void context_configure(int context, int max, u64 budget, u64 period, u64 badge, bool sporadic);
void context_yield_done(int context);
bool context_yield_to(int context, int caller, bool answer);
u64 context_take_consumed_us(int context);

void time_domain_set(int thread, int domain);
void time_domain_start(int index);

/* ---- memory.c ----------------------------------------------------------------------------------------------- */

unsigned frame_bits(struct m_cap frame);
int space_root(u64 asid);             /* the table, or NOBODY */
bool is_root(struct m_cap table);     /* it stands for an address space */
int table_at(u64 address);            /* row, or NOBODY */
void frame_unmap(struct m_cap frame); /* where the capability says it is mapped, if it is */
void table_unmap(struct m_cap table); /* likewise */
void table_destroyed(struct m_cap table);
void pool_destroyed(int pool);
struct m_call;
enum sel4_error page_table_map(struct m_call *call);
enum sel4_error page_table_unmap(struct m_call *call);
enum sel4_error page_map(struct m_call *call);
enum sel4_error page_unmap(struct m_call *call);
enum sel4_error page_get_address(struct m_call *call);
enum sel4_error make_pool(struct m_call *call);
enum sel4_error assign_asid(struct m_call *call);

/* ---- methods.c ---------------------------------------------------------------------------------------------- */

struct m_call {
    int caller;
    int slot;
    struct m_cap cap;
    u64 label;
    u64 length;
    int extra[3]; /* slots */
    int extras;
    bool call;
    bool first_phase;
    u64 word[6]; /* of the answer */
    unsigned words;
    bool answered; /* the method wrote the answer itself */
};

enum sel4_error method_invoke(struct m_call *call);
u64 call_argument(const struct m_call *call, unsigned i);
struct m_cap call_extra(const struct m_call *call, int i);
enum sel4_error call_refuse(struct m_call *call, enum sel4_error error, u64 word);
enum sel4_error call_refuse_range(struct m_call *call, u64 min, u64 max);
enum sel4_error call_refuse_lookup(struct m_call *call, bool source, struct m_lookup failure);
enum sel4_error call_find_empty(struct m_call *call, struct m_cap root, u64 index, u64 depth,
                                int *slot);

/* ---- calls.c: the entries ------------------------------------------------------------------------------------ */

void model_syscall(s64 number);
void model_fault_vm(u64 address, bool instruction, u64 fsr);
void model_fault_exception(u64 number);
void model_interrupt(int line);
void model_ring(unsigned bells); /* the peer sends on doorbell lines: bit i is line DEVICES + i */
void model_peer_takes(void);
void model_advance(u64 ticks);
void model_settle(void); /* timer interrupts that are due now */
