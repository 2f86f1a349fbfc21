// SPDX-License-Identifier: BSD-2-Clause
// A tiny multi-server system: a pager, a passive server, two clients in address spaces of their own.
//
//     client A ─┐ Call: number, words  ┌─ passive server: runs on its callers' time, sums what it gets,
//     client B ─┴──────────────────────┘  and sends a capability to each caller's own notification with the answer
//         │ VM fault                      │ signal through the received capability
//     pager (the root task): maps a frame where a client touched nothing   <──┘
//
// In the end everything is revoked at once, and the memory is there again in one piece.
#include "examples/root_tasks/kit.h"

enum { ROOM_A, ROOM_B, ROOM_SERVER, ROOM_COUNT };
enum { PRIORITY_CLIENT = 100, PRIORITY_SERVER = 120, PRIORITY_PAGER = 150 };

// A client's CSpace: a CNode of 16 slots.
enum { SLOT_SERVER = 1, SLOT_DONE = 2, SLOT_CNODE = 3, SLOT_GIFT = 4, CLIENT_RADIX = 4 };

#define ARENA_BITS  22
#define HEAP        0x50000000ul
#define HEAP_PAGES  24
#define PAGE_BYTES  4096ul
#define NOWHERE     0x60000000ul
#define PAGER_BADGE 0x100ul
#define SERVER_US   300ul // what the server spins for each caller
#define WORDS       20    // of a request: more than travel in registers
#define CALLS       5

KIT_ROOMS(ROOM_COUNT);

// The server's address space is the root task's, so it can see these.
static seL4_CPtr server_endpoint, server_reply, server_ready, gifts[2];

/* ---- Clients ------------------------------------------------------------------------------------- */

static seL4_Word client_call(seL4_Word first) {
    seL4_Word sum = 0;
    for (int i = 0; i < WORDS; i++) {
        seL4_SetMR(i, first + i);
    }
    seL4_SetCapReceivePath(SLOT_CNODE, SLOT_GIFT, KIT_DEPTH); // its guard fills all but the radix
    seL4_MessageInfo_t info = seL4_Call(SLOT_SERVER, seL4_MessageInfo_new(7, 0, 0, WORDS));
    if (seL4_MessageInfo_get_label(info) != 8 || seL4_MessageInfo_get_length(info) != 5) {
        return 0;
    }
    for (int i = 0; i < 5; i++) {
        sum += seL4_GetMR(i);
    }
    if (seL4_MessageInfo_get_extraCaps(info) == 1) {
        seL4_Signal(SLOT_GIFT); // the capability that came with the answer
    }
    return sum;
}

// Fills its heap, which does not exist yet; then sums it up through the server. Runs in its own CSpace and VSpace.
static void client(seL4_Word who) {
    volatile seL4_Word *heap = (volatile seL4_Word *)HEAP;
    seL4_Word words = PAGE_BYTES / sizeof(seL4_Word), good = 1;
    for (seL4_Word page = HEAP_PAGES; page-- > 0;) {
        good &= heap[page * words] == 0; // fresh memory
        heap[page * words + 1] = page + who;
    }
    for (seL4_Word page = 0; page < HEAP_PAGES; page++) {
        good &= heap[page * words + 1] == page + who;
    }
    for (seL4_Word call = 0; call < CALLS; call++) {
        seL4_Word first = 1000 * who + call;
        good &= client_call(first) == WORDS * first + WORDS * (WORDS - 1) / 2;
    }
    seL4_SetMR(0, who);
    seL4_SetMR(1, good);
    seL4_Send(SLOT_DONE, seL4_MessageInfo_new(0, 0, 0, 2));
    for (;;) {
        *(volatile seL4_Word *)NOWHERE = 0; // a fault that the pager does not serve
    }
}

/* ---- The passive server -------------------------------------------------------------------------- */

// One answer: the sum, spread over five words, and a capability to the caller's notification.
static seL4_MessageInfo_t serve(seL4_MessageInfo_t info, seL4_Word badge) {
    seL4_Word sum = 0, length = seL4_MessageInfo_get_length(info);
    for (seL4_Word i = 0; i < length; i++) {
        sum += seL4_GetMR((int)i);
    }
    spin_us(SERVER_US);
    for (int i = 0; i < 5; i++) {
        seL4_SetMR(i, i < 4 ? sum / 5 : sum - sum / 5 * 4);
    }
    seL4_SetCap(0, gifts[badge - 1]);
    return seL4_MessageInfo_new(8, 0, 1, 5);
}

static void server(seL4_Word unused) {
    (void)unused;
    seL4_Word badge;
    // Says that it is ready and waits, in one call; then its context is taken away.
    seL4_MessageInfo_t info = seL4_NBSendRecv(server_ready, seL4_MessageInfo_new(0, 0, 0, 0),
                                              server_endpoint, &badge, server_reply);
    for (;;) {
        info = seL4_ReplyRecv(server_endpoint, serve(info, badge), &badge, server_reply);
    }
}

static void server_start(void) {
    server_endpoint = kit_object(seL4_EndpointObject, 0);
    server_reply = kit_object(seL4_ReplyObject, 0);
    server_ready = kit_object(seL4_NotificationObject, 0);
    seL4_CPtr sc = kit_sc(10000, 10000);
    struct kit_thread thread = {.entry = server,
                                .room = ROOM_SERVER,
                                .priority = PRIORITY_SERVER,
                                .mcp = PRIORITY_SERVER,
                                .sc = sc};
    kit_thread_make(&thread, 1);
    seL4_Word badge;
    seL4_Wait(server_ready, &badge);
    CHECK_OK(seL4_SchedContext_Unbind(sc));
}

/* ---- The pager ----------------------------------------------------------------------------------- */

struct client_parts {
    seL4_CPtr vspace, cnode, sc, tcb, gift;
    unsigned faults, done;
};

static void give(seL4_CPtr cnode, seL4_Word slot, seL4_CPtr cap, seL4_CapRights_t rights,
                 seL4_Word badge) {
    CHECK_OK(seL4_CNode_Mint(cnode, slot, CLIENT_RADIX, CNODE, cap, KIT_DEPTH, rights, badge));
}

static void client_start(struct client_parts *parts, unsigned room, seL4_CPtr pager) {
    seL4_Word who = room + 1;
    parts->vspace = kit_vspace_clone();
    parts->cnode = kit_object(seL4_CapTableObject, CLIENT_RADIX);
    parts->sc = kit_sc(5000, 5000);
    gifts[room] = kit_mint(parts->gift, seL4_CanWrite, 1ul << room);
    give(parts->cnode, SLOT_SERVER, server_endpoint, seL4_CapRights_new(1, 0, 0, 1), who);
    give(parts->cnode, SLOT_DONE, pager, seL4_CanWrite, who);
    give(parts->cnode, SLOT_CNODE, parts->cnode, seL4_AllRights, 64 - CLIENT_RADIX);
    seL4_CPtr guarded = kit_mint(parts->cnode, seL4_AllRights, 64 - CLIENT_RADIX);
    struct kit_thread thread = {.entry = client,
                                .argument = who,
                                .room = room,
                                .priority = PRIORITY_CLIENT,
                                .mcp = PRIORITY_CLIENT,
                                .sc = parts->sc,
                                .fault_endpoint =
                                    kit_mint(pager, seL4_AllRights, PAGER_BADGE + who),
                                .cspace = guarded,
                                .vspace = parts->vspace};
    parts->tcb = kit_thread_make(&thread, 1);
}

// Returns whether the client goes on.
static int page_in(struct client_parts *parts, seL4_MessageInfo_t info) {
    seL4_Word address = seL4_GetMR(seL4_VMFault_Addr);
    CHECK_EQUAL(seL4_MessageInfo_get_label(info), seL4_Fault_VMFault);
    CHECK_EQUAL(seL4_GetMR(seL4_VMFault_PrefetchFault), 0);
    if (address < HEAP || address >= HEAP + HEAP_PAGES * PAGE_BYTES) {
        CHECK_EQUAL(address, NOWHERE);
        CHECK_EQUAL(seL4_GetMR(seL4_VMFault_FSR), 7);
        return 0;
    }
    CHECK_EQUAL(seL4_GetMR(seL4_VMFault_FSR), 5); // the first access is a load
    parts->faults++;
    CHECK_OK(
        kit_map(kit_object(seL4_RISCV_4K_Page, 0), parts->vspace, address & ~(PAGE_BYTES - 1)));
    return 1;
}

// Until both clients are done and have made the fault that nobody serves.
static void pager_run(struct client_parts *clients, seL4_CPtr pager, seL4_CPtr reply) {
    for (unsigned ended = 0; ended < 2;) {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(pager, &badge, reply);
        if (badge < PAGER_BADGE) {
            CHECK_EQUAL(seL4_GetMR(0), badge);
            CHECK_EQUAL(seL4_GetMR(1), 1);
            clients[badge - 1].done++;
        } else if (page_in(&clients[badge - PAGER_BADGE - 1], info)) {
            seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
        } else {
            ended++;
        }
    }
}

/* ---- The end ------------------------------------------------------------------------------------- */

static void revoke_all(const struct client_parts *clients, seL4_CPtr pager) {
    CHECK_OK(seL4_CNode_Revoke(CNODE, kit_arena, KIT_DEPTH));
    CHECK_EQUAL(seL4_TCB_Suspend(clients[0].tcb), seL4_InvalidCapability);
    CHECK_EQUAL(seL4_SchedContext_Consumed(clients[1].sc).error, seL4_InvalidCapability);
    CHECK_EQUAL(seL4_CNode_Delete(clients[0].cnode, SLOT_DONE, CLIENT_RADIX),
                seL4_InvalidCapability);
    seL4_NBSend(pager, seL4_MessageInfo_new(0, 0, 0, 0)); // an empty slot by now: nothing happens
    seL4_CPtr whole = kit_object(seL4_UntypedObject, ARENA_BITS);
    CHECK_OK(seL4_CNode_Delete(CNODE, whole, KIT_DEPTH));
}

int main(void) {
    kit_begin(ARENA_BITS);
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY_PAGER));
    seL4_CPtr pager = kit_object(seL4_EndpointObject, 0), reply = kit_object(seL4_ReplyObject, 0);
    seL4_CPtr gift = kit_object(seL4_NotificationObject, 0);
    struct client_parts clients[2] = {{.gift = gift}, {.gift = gift}};
    server_start();
    client_start(&clients[0], ROOM_A, pager);
    client_start(&clients[1], ROOM_B, pager);
    pager_run(clients, pager, reply);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQUAL(clients[i].faults, HEAP_PAGES);
        CHECK_EQUAL(clients[i].done, 1);
        // The server's work was done on its callers' time.
        CHECK(seL4_SchedContext_Consumed(clients[i].sc).consumed >= CALLS * SERVER_US);
    }
    seL4_Word badge = 0;
    seL4_Poll(gift, &badge);
    CHECK_EQUAL(badge, 3); // both clients used what they were given
    revoke_all(clients, pager);
    kit_end();
}
