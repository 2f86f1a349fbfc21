// SPDX-License-Identifier: BSD-2-Clause
// Calls, reply objects, donated contexts, faults and their answers: manual chapters 4 to 6, SEL4-ABI sections 1 and 9.
#include "tests/target/kernel/conform.h"

// Helpers that call, or serve, through these. What they got is told in `seen`.
static seL4_CPtr endpoint[3], reply[3];
static volatile seL4_Word seen[ROOMS], done[ROOMS];

static void begin(void) {
    for (int i = 0; i < ROOMS; i++) {
        seen[i] = 0;
        done[i] = 0;
    }
    for (int i = 0; i < 3; i++) {
        endpoint[i] = kit_object(seL4_EndpointObject, 0);
        reply[i] = kit_object(seL4_ReplyObject, 0);
    }
}

static void call_once(seL4_Word cap) {
    seL4_MessageInfo_t tag = seL4_Call(cap, info(0, 0, 1));
    seen[ROOM_A] = seL4_MessageInfo_get_label(tag);
    done[ROOM_A]++;
    stop();
}

// A passive server of level `at`: calls the next one, if there is one, and answers with what it was told plus one.
static unsigned levels;
static void serve(seL4_Word at) {
    seL4_Word badge;
    seL4_Recv(endpoint[at], &badge, reply[at]);
    for (;;) {
        seL4_Word label = 1;
        done[ROOM_B + at]++;
        if (at + 1 < levels) {
            label += seL4_MessageInfo_get_label(seL4_Call(endpoint[at + 1], info(0, 0, 0)));
        } else {
            seL4_Word never = seL4_GetUserData();
            if (never != 0) {
                seL4_Wait(never, NULL);
            }
        }
        seen[ROOM_B + at] = label;
        seL4_ReplyRecv(endpoint[at], info(label, 0, 0), &badge, reply[at]);
    }
}

// Servers are launched with a context that is taken away once they wait.
static seL4_CPtr server[3];
static void launch(unsigned count, seL4_CPtr last_waits_for) {
    levels = count;
    for (unsigned i = 0; i < count; i++) {
        seL4_CPtr sc = round_robin();
        buffer_of(ROOM_B + i)->userData = i + 1 == count ? last_waits_for : 0;
        server[i] = helper(ROOM_B + i, 150 + i, sc, serve, i);
        settle();
        CHECK_OK(seL4_SchedContext_Unbind(sc));
    }
}

/* ---- Calls --------------------------------------------------------------------------------------- */

static void chain_answers(void) {
    begin();
    launch(3, 0);
    helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    settle();
    CHECK_EQUAL(done[ROOM_A], 1);
    CHECK_EQUAL(seen[ROOM_A], 3);
}

// Needs Grant or GrantReply to be answered: else the caller is suspended, the message is delivered all the same.
static void call_without_grant(void) {
    seL4_Word badge;
    begin();
    seL4_CPtr tcb =
        helper(ROOM_A, 100, round_robin(), call_once, kit_mint(endpoint[0], seL4_CanWrite, 6));
    seL4_MessageInfo_t tag = seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK_EQUAL(tag.words[0], 1);
    CHECK_EQUAL(badge, 6);
    seL4_Send(reply[0], info(9, 0, 0)); // nobody waits for it
    settle();
    CHECK_EQUAL(done[ROOM_A], 0);
    CHECK_OK(seL4_TCB_Resume(tcb)); // it calls again
    settle();
    seL4_NBRecv(endpoint[0], &badge, reply[0]);
    CHECK_EQUAL(badge, 6);
    // Wait takes a call, too, and nobody can answer it.
    tcb = helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    settle();
    CHECK_EQUAL(seL4_Wait(endpoint[0], &badge).words[0], 1);
    CHECK_OK(seL4_TCB_Resume(tcb));
    settle();
    CHECK_EQUAL(seL4_NBRecv(endpoint[0], &badge, reply[0]).words[0], 1);
    seL4_Send(reply[0], info(5, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_A], 5);
}

static void reply_objects(void) {
    seL4_Word badge;
    seL4_CPtr copy, tcb;
    begin();
    copy = kit_mint(reply[0], seL4_NoRights, 0); // without Grant it answers, too
    CHECK_ERROR(seL4_CNode_Copy(CNODE, copy, KIT_DEPTH, CNODE, reply[0], KIT_DEPTH, seL4_AllRights),
                seL4_DeleteFirst);
    tcb = helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK_OK(seL4_CNode_Delete(CNODE, reply[0], KIT_DEPTH)); // not the last one
    seL4_Send(copy, info(3, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_A], 3);
    seL4_Send(copy, info(4, 0, 0)); // free: no effect
    CHECK_EQUAL(seL4_Call(copy, info(4, 0, 0)).words[0], 0);
    // Moved while somebody waits for it.
    tcb = helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    seL4_Recv(endpoint[0], &badge, copy);
    CHECK_OK(seL4_CNode_Move(CNODE, reply[0], KIT_DEPTH, CNODE, copy, KIT_DEPTH));
    seL4_Send(reply[0], info(7, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_A], 7);
    // Deleted while somebody waits for it: the caller is stopped; resumed, it calls again.
    tcb = helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK_OK(seL4_CNode_Delete(CNODE, reply[0], KIT_DEPTH));
    settle();
    seL4_NBRecv(endpoint[0], &badge, reply[1]);
    CHECK_EQUAL(badge, 0);
    CHECK_OK(seL4_TCB_Resume(tcb));
    settle();
    CHECK_EQUAL(seL4_NBRecv(endpoint[0], &badge, reply[1]).words[0], 1);
    // Suspended: the reply object is free, and its answer goes nowhere.
    CHECK_OK(seL4_TCB_Suspend(tcb));
    seL4_Send(reply[1], info(8, 0, 0));
    settle();
    CHECK_EQUAL(done[ROOM_A], 2);
    // Offered again while somebody waits for it: that one is never answered.
    tcb = helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    seL4_Recv(endpoint[0], &badge, reply[1]);
    seL4_NBRecv(endpoint[1], &badge, reply[1]);
    seL4_Send(reply[1], info(8, 0, 0));
    settle();
    CHECK_EQUAL(done[ROOM_A], 2);
}

/* ---- Whose time ---------------------------------------------------------------------------------- */

// client -> 0 -> 1 -> 2, which waits: the client's context is there. Returns the client.
static seL4_CPtr gate, client, client_sc;
static void chain_stands(void) {
    begin();
    gate = kit_object(seL4_NotificationObject, 0);
    launch(3, gate);
    client_sc = round_robin();
    client = helper(ROOM_A, 100, client_sc, call_once, endpoint[0]);
    settle();
    CHECK_EQUAL(done[ROOM_D], 1);
    CHECK_EQUAL(done[ROOM_A], 0);
    // It is bound: to the last server.
    CHECK_ERROR(seL4_SchedContext_Bind(client_sc, kit_object(seL4_TCBObject, 0)),
                seL4_IllegalOperation);
}

// Who has the client's context? 0..2 a server, 3 the client, 4 nobody. It is taken away.
static unsigned holder(void) {
    for (unsigned i = 0; i < 4; i++) {
        if (seL4_SchedContext_UnbindObject(client_sc, i < 3 ? server[i] : client) == 0) {
            return i;
        }
    }
    return 4;
}

static void context_travels(void) {
    chain_stands();
    CHECK_EQUAL(holder(), 2);
    // The reply objects still know the way: answered, the context goes to whoever waited, whoever has it now.
    CHECK_OK(seL4_SchedContext_Bind(client_sc, kit_object(seL4_TCBObject, 0)));
    seL4_Send(reply[2], info(10, 0, 0));
    settle();
    CHECK_EQUAL(done[ROOM_A], 1);
    CHECK_EQUAL(seen[ROOM_A], 12);
    CHECK_EQUAL(holder(), 3);
}

static void top_reply_deleted(void) {
    chain_stands();
    CHECK_OK(seL4_CNode_Delete(CNODE, reply[2], KIT_DEPTH));
    CHECK_EQUAL(holder(), 1); // returned to the caller, which is stopped
    CHECK_OK(seL4_SchedContext_Bind(client_sc, server[1]));
    CHECK_OK(seL4_TCB_Suspend(server[1]));
    seL4_Send(reply[1], info(20, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_A], 21);
    CHECK_EQUAL(holder(), 3);
}

static void middle_reply_deleted(void) {
    chain_stands();
    CHECK_OK(seL4_CNode_Delete(CNODE, reply[1], KIT_DEPTH)); // server 0 is stopped
    CHECK_EQUAL(done[ROOM_A], 0);
    seL4_Signal(gate);
    settle();
    CHECK_EQUAL(seen[ROOM_D], 1);
    CHECK_EQUAL(holder(), 1); // the one below is out of the way, and nobody answers further
    CHECK_EQUAL(done[ROOM_A], 0);
}

static void caller_suspended(void) {
    chain_stands();
    CHECK_OK(seL4_TCB_Suspend(client));
    seL4_Signal(gate);
    settle();
    CHECK_EQUAL(done[ROOM_A], 0);
    CHECK_EQUAL(holder(), 0); // the last who could be answered
    chain_stands();
    CHECK_OK(seL4_TCB_Suspend(server[1]));
    seL4_Signal(gate);
    settle();
    CHECK_EQUAL(holder(), 2);
}

static void server_deleted(void) {
    chain_stands();
    CHECK_OK(seL4_CNode_Delete(CNODE, server[2], KIT_DEPTH));
    CHECK_EQUAL(holder(), 4);
    seL4_Send(reply[2], info(30, 0, 0)); // the reply object is still there
    settle();
    CHECK_EQUAL(seen[ROOM_A], 32);
    CHECK_EQUAL(holder(), 3);
}

static void context_deleted(void) {
    chain_stands();
    CHECK_OK(seL4_CNode_Delete(CNODE, client_sc, KIT_DEPTH));
    client_sc = round_robin();
    CHECK_OK(seL4_SchedContext_Bind(client_sc, server[2]));
    seL4_Signal(gate);
    settle();
    CHECK_EQUAL(seen[ROOM_D], 1);
    CHECK_EQUAL(seen[ROOM_C], 0); // answered, without time
    CHECK_EQUAL(holder(), 2);
}

static void context_unbound(void) {
    chain_stands();
    CHECK_OK(seL4_SchedContext_Unbind(client_sc));
    seL4_CPtr other = kit_object(seL4_TCBObject, 0);
    CHECK_OK(seL4_SchedContext_Bind(client_sc, other));
    seL4_Send(reply[2], info(1, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_C], 0);
    CHECK_OK(seL4_SchedContext_UnbindObject(client_sc, other)); // nobody took it
}

// Not only calls lend: the sending half of NBSendRecv and NBSendWait does, for good.
static void receive_and_note(seL4_Word room) {
    seL4_Word badge;
    seL4_Recv(endpoint[0], &badge, reply[0]);
    seen[room] = badge;
    done[room]++;
    stop();
}

static void send_and_wait(seL4_Word how) {
    seL4_Word badge = 0;
    if (how == 0) {
        seL4_NBSendRecv(kit_slot_next - 1, info(0, 0, 0), endpoint[1], &badge, reply[1]);
    } else {
        seL4_NBSendWait(kit_slot_next - 1, info(0, 0, 0), endpoint[2], &badge);
    }
    seen[ROOM_A] = badge;
    stop();
}

static void sends_lend(void) {
    for (seL4_Word how = 0; how < 2; how++) {
        begin();
        seL4_CPtr launch_sc = round_robin(), sc = round_robin();
        seL4_CPtr receiver = helper(ROOM_B, 120, launch_sc, receive_and_note, ROOM_B);
        settle();
        CHECK_OK(seL4_SchedContext_Unbind(launch_sc));
        seL4_CPtr sender = helper(ROOM_A, 100, sc, send_and_wait, how);
        kit_mint(endpoint[0], seL4_AllRights, 50 + how);
        settle();
        CHECK_EQUAL(seen[ROOM_B], 50 + how);
        CHECK_OK(seL4_SchedContext_UnbindObject(sc, receiver));
        // The sender waits without time; what it is sent is delivered all the same.
        CHECK_OK(seL4_SchedContext_Bind(sc, sender));
        seL4_NBSend(kit_mint(endpoint[1 + how], seL4_AllRights, 60), info(0, 0, 0));
        settle();
        CHECK_EQUAL(seen[ROOM_A], 60);
    }
}

static void wait_and_note(seL4_Word notification) {
    for (;;) {
        seL4_Word badge = 0;
        seL4_Wait(notification, &badge);
        seen[ROOM_A] = badge;
        done[ROOM_A]++;
    }
}

static void receive_bound(seL4_Word unused) {
    (void)unused;
    for (;;) {
        seL4_Word badge = 0;
        seL4_Recv(endpoint[0], &badge, reply[0]);
        seen[ROOM_A] = badge;
        done[ROOM_A]++;
    }
}

// A notification's context is lent with the signal, and returned when the thread waits again.
static void notifications_lend(void) {
    for (int is_bound = 0; is_bound < 2; is_bound++) {
        begin();
        seL4_CPtr notification = kit_object(seL4_NotificationObject, 0), sc = round_robin();
        seL4_CPtr signaller = kit_mint(notification, seL4_CanWrite, 0x77);
        CHECK_OK(seL4_SchedContext_Bind(sc, notification));
        CHECK_ERROR(seL4_SchedContext_Bind(sc, kit_object(seL4_NotificationObject, 0)),
                    seL4_IllegalOperation);
        // It may have a thread as well, which gives it back when it waits.
        seL4_CPtr tcb =
            helper(ROOM_A, 100, sc, is_bound ? receive_bound : wait_and_note, notification);
        if (is_bound) {
            CHECK_OK(seL4_TCB_BindNotification(tcb, notification));
        }
        settle();
        CHECK_ERROR(seL4_SchedContext_UnbindObject(sc, tcb), seL4_IllegalOperation);
        for (seL4_Word i = 1; i < 4; i++) {
            seL4_Signal(signaller);
            settle();
            CHECK_EQUAL(done[ROOM_A], i);
            CHECK_EQUAL(seen[ROOM_A], 0x77);
            CHECK_ERROR(seL4_SchedContext_UnbindObject(sc, tcb), seL4_IllegalOperation);
        }
        CHECK_OK(seL4_SchedContext_UnbindObject(sc, notification));
        seL4_Signal(signaller); // delivered, but there is no time to go on
        settle();
        CHECK_EQUAL(done[ROOM_A], 3);
        CHECK_OK(seL4_SchedContext_Bind(sc, tcb));
        settle();
        CHECK_EQUAL(done[ROOM_A], 4);
    }
}

// A passive server says that it is ready, and waits, in one call; only then its context may be taken away.
static void ready_then_serve(seL4_Word ready) {
    seL4_Word badge;
    seL4_MessageInfo_t tag = seL4_NBSendRecv(ready, info(0, 0, 0), endpoint[0], &badge, reply[0]);
    for (;;) {
        seL4_Word label = seL4_MessageInfo_get_length(tag) + 40;
        tag = seL4_ReplyRecv(endpoint[0], info(label, 0, 0), &badge, reply[0]);
    }
}

static void ready_then_wait(seL4_Word ready) {
    seL4_Word badge;
    seL4_NBSendWait(ready, info(0, 0, 0), endpoint[1], &badge);
    seen[ROOM_B] = badge;
    stop();
}

static void passive_servers_launch(void) {
    seL4_Word badge = 0;
    begin();
    seL4_CPtr notification = kit_object(seL4_NotificationObject, 0);
    seL4_CPtr ready = kit_mint(notification, seL4_CanWrite, 0x21), sc = round_robin();
    helper(ROOM_B, 150, sc, ready_then_serve, ready);
    seL4_Wait(notification, &badge);
    CHECK_EQUAL(badge, 0x21);
    settle();
    CHECK_OK(seL4_SchedContext_Unbind(sc));
    helper(ROOM_A, 100, round_robin(), call_once, endpoint[0]);
    settle();
    CHECK_EQUAL(seen[ROOM_A], 41);
    sc = round_robin();
    seL4_CPtr tcb = helper(ROOM_B, 150, sc, ready_then_wait, ready);
    seL4_Wait(notification, &badge);
    settle();
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, tcb));
    // A plain send does not lend: the message is there, the time is not.
    seL4_NBSend(kit_mint(endpoint[1], seL4_AllRights, 8), info(0, 0, 0));
    settle();
    CHECK_EQUAL(seen[ROOM_B], 0);
    CHECK_OK(seL4_SchedContext_Bind(sc, tcb));
    settle();
    CHECK_EQUAL(seen[ROOM_B], 8);
}

// Who revokes the memory of its own thread is gone in the middle of it, and nobody else is harmed.
static void revoke(seL4_Word untyped) {
    seL4_CNode_Revoke(CNODE, untyped, KIT_DEPTH);
    done[ROOM_A]++;
    stop();
}

static void own_memory_revoked(void) {
    begin();
    seL4_CPtr all = kit_arena, memory = kit_object(seL4_UntypedObject, 16), sc = round_robin();
    kit_arena = memory;
    seL4_CPtr others = kit_objects(seL4_EndpointObject, 0, 64);
    helper(ROOM_A, 100, sc, revoke, memory);
    kit_arena = all;
    settle();
    CHECK_EQUAL(done[ROOM_A], 0);
    CHECK_OK(seL4_CNode_Revoke(CNODE, memory, KIT_DEPTH)); // what it did not come to
    CHECK_ERROR(seL4_CNode_Move(CNODE, others, KIT_DEPTH, CNODE, others + 1, KIT_DEPTH),
                seL4_FailedLookup);
    CHECK_OK(seL4_Untyped_Retype(memory, seL4_UntypedObject, 16, CNODE, 0, 0, others, 1));
    CHECK_OK(seL4_SchedContext_Bind(sc, kit_object(seL4_TCBObject, 0)));
}

/* ---- Faults -------------------------------------------------------------------------------------- */

#define NOWHERE 0x50000000ul

static void touch(seL4_Word address) {
    seen[ROOM_A] = *(volatile seL4_Word *)address;
    done[ROOM_A]++;
    stop();
}

static void trap_twice(seL4_Word unused) {
    (void)unused;
    register seL4_Word a0 __asm__("a0") = 5;
    register seL4_Word a7 __asm__("a7") = (seL4_Word)-200;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
    seen[ROOM_A] = a0;
    __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" : : : "memory");
    done[ROOM_A]++;
    stop();
}

static seL4_CPtr faulty(void (*entry)(seL4_Word), seL4_Word argument, seL4_CPtr handler) {
    struct kit_thread thread = {.entry = entry,
                                .argument = argument,
                                .room = ROOM_A,
                                .priority = 100,
                                .mcp = 100,
                                .sc = round_robin(),
                                .fault_endpoint = handler};
    settle();
    return kit_thread_make(&thread, 1);
}

// Mapping a page is the answer to a VM fault; the answer's contents do not matter.
static void page_faults(void) {
    seL4_Word badge;
    begin();
    faulty(touch, NOWHERE + 8, kit_mint(endpoint[0], seL4_AllRights, 0xf0));
    seL4_MessageInfo_t tag = seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK_EQUAL(badge, 0xf0);
    CHECK(seL4_isVMFault_tag(tag));
    CHECK_EQUAL(seL4_MessageInfo_get_length(tag), seL4_VMFault_Length);
    seL4_Fault_t fault = seL4_getFault(tag);
    CHECK_EQUAL(seL4_Fault_VMFault_get_Addr(fault), NOWHERE + 8);
    CHECK_EQUAL(seL4_Fault_VMFault_get_FSR(fault), 5);
    CHECK_EQUAL(seL4_Fault_VMFault_get_PrefetchFault(fault), 0);
    seL4_Send(reply[0], info(1234, 0, 0)); // tried again whatever the label: it faults again
    tag = seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK(seL4_isVMFault_tag(tag));
    CHECK_OK(kit_map(kit_object(seL4_RISCV_4K_Page, 0), VSPACE, NOWHERE));
    seL4_Send(reply[0], info(0, 0, 0));
    settle();
    CHECK_EQUAL(done[ROOM_A], 1);
    CHECK_EQUAL(seen[ROOM_A], 0);
}

static void answers_set_registers(void) {
    seL4_Word badge;
    begin();
    seL4_CPtr tcb = faulty(trap_twice, 0, endpoint[0]);
    seL4_MessageInfo_t tag = seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK(seL4_isUnknownSyscall_tag(tag));
    CHECK_EQUAL(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)-200);
    CHECK_EQUAL(seL4_GetMR(seL4_UnknownSyscall_A0), 5);
    // Length 0: nothing is set, the same call is made again.
    tag = seL4_ReplyRecv(endpoint[0], info(0, 0, 0), &badge, reply[0]);
    CHECK(seL4_isUnknownSyscall_tag(tag));
    // Three words: PC, SP, RA; a0 keeps its value.
    seL4_SetMR(0, seL4_GetMR(0) + 4);
    seL4_SetMR(seL4_UnknownSyscall_A0, 6);
    tag = seL4_ReplyRecv(endpoint[0], info(0, 0, 3), &badge, reply[0]);
    CHECK_EQUAL(seen[ROOM_A], 5);
    CHECK(seL4_isUserException_tag(tag));
    CHECK_EQUAL(seL4_MessageInfo_get_length(tag), 4);
    CHECK_EQUAL(seL4_GetMR(seL4_UserException_Number), 3);
    CHECK_EQUAL(seL4_GetMR(seL4_UserException_Code), 0);
    // Label 1: it stays where it is; Resume tries again.
    seL4_Send(reply[0], info(1, 0, 0));
    settle();
    seL4_NBRecv(endpoint[0], &badge, reply[0]);
    CHECK_EQUAL(badge, 0);
    CHECK_EQUAL(done[ROOM_A], 0);
    CHECK_OK(seL4_TCB_Resume(tcb));
    tag = seL4_Recv(endpoint[0], &badge, reply[0]);
    CHECK(seL4_isUserException_tag(tag));
    seL4_SetMR(0, seL4_GetMR(0) + 4);
    seL4_Send(reply[0], info(0, 0, 2));
    settle();
    CHECK_EQUAL(done[ROOM_A], 1);
}

// A passive handler runs on the time of whoever faulted.
static void handle(seL4_Word unused) {
    seL4_Word badge;
    (void)unused;
    seL4_MessageInfo_t tag = seL4_Recv(endpoint[0], &badge, reply[0]);
    for (;;) {
        done[ROOM_B]++;
        seL4_SetMR(0, seL4_GetMR(0) + 4);
        tag = seL4_ReplyRecv(endpoint[0], info(0, 0, seL4_isUserException_tag(tag) ? 2 : 10),
                             &badge, reply[0]);
    }
}

static void passive_handlers(void) {
    begin();
    seL4_CPtr sc = round_robin();
    helper(ROOM_B, 90, sc, handle, 0);
    settle();
    CHECK_OK(seL4_SchedContext_Unbind(sc));
    faulty(trap_twice, 0, endpoint[0]);
    settle();
    CHECK_EQUAL(done[ROOM_B], 2);
    CHECK_EQUAL(done[ROOM_A], 1);
}

// Without a handler, or with one that cannot be answered: it stops. Resumed, it tries again.
static void nobody_hears(void) {
    seL4_Word badge;
    begin();
    seL4_CPtr tcb = faulty(touch, 0x60000000, 0);
    settle();
    CHECK_EQUAL(done[ROOM_A], 0);
    CHECK_OK(seL4_TCB_SetSpace(tcb, endpoint[0], CNODE, 0, VSPACE, 0));
    CHECK_OK(seL4_TCB_Resume(tcb));
    settle();
    CHECK_EQUAL(seL4_NBRecv(endpoint[0], &badge, reply[0]).words[0],
                (seL4_Word)seL4_Fault_VMFault << 12 | 4);
    // The endpoint goes while the fault waits to be heard: it stops, too.
    seL4_Send(reply[0], info(0, 0, 0));
    settle();
    CHECK_OK(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, VSPACE, 0));
    CHECK_OK(seL4_CNode_Delete(CNODE, endpoint[0], KIT_DEPTH));
    settle();
    CHECK_EQUAL(done[ROOM_A], 0);
}

void replies(void) {
    chain_answers();
    call_without_grant();
    reply_objects();
    context_travels();
    top_reply_deleted();
    middle_reply_deleted();
    caller_suspended();
    server_deleted();
    context_deleted();
    context_unbound();
    sends_lend();
    notifications_lend();
    passive_servers_launch();
    own_memory_revoked();
    page_faults();
    answers_set_registers();
    passive_handlers();
    nobody_hears();
}
