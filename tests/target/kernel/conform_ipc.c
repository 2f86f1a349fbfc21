// SPDX-License-Identifier: BSD-2-Clause
// Messages, capability transfer, notifications: manual chapters 4 and 5, SEL4-ABI sections 1 to 4.
#include "tests/target/kernel/conform.h"

static seL4_CPtr endpoint, reply;

/* ---- Words --------------------------------------------------------------------------------------- */

// What a helper sends: words 100, 101, … in all 120 places; the length is what the root task asks for.
static seL4_Word send_info;
static seL4_CPtr send_to;

static void send_words(seL4_Word call) {
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 100 + (seL4_Word)i);
    }
    seL4_MessageInfo_t tag = {{send_info}};
    if (call) {
        tag = seL4_Call(send_to, tag);
        seL4_SetUserData(tag.words[0]);
    } else {
        seL4_Send(send_to, tag);
    }
    stop();
}

static seL4_MessageInfo_t receive_from(seL4_CPtr cap, seL4_Word word, seL4_Word *badge) {
    send_info = word;
    send_to = cap;
    helper(ROOM_A, 100, round_robin(), send_words, 0);
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 0);
    }
    return seL4_Recv(endpoint, badge, reply);
}

static void words_travel(void) {
    static const seL4_Word lengths[] = {0, 1, 4, 5, 119, 120, 121, 127};
    seL4_CPtr badged = kit_mint(endpoint, seL4_AllRights, 0x123456789abcdef0ul);
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        seL4_Word badge, length = lengths[i] < 120 ? lengths[i] : 120;
        seL4_MessageInfo_t tag = receive_from(badged, 0xfffffffffffff000ul | lengths[i], &badge);
        CHECK_EQUAL(tag.words[0], 0xfffffffffffff000ul | length);
        CHECK_EQUAL(badge, 0x123456789abcdef0ul);
        for (seL4_Word word = 0; word < 120; word++) {
            // A register beyond the length keeps what it had: nothing is said about those four.
            if (word < length || word >= 4) {
                CHECK_EQUAL(seL4_GetMR((int)word), word < length ? 100 + word : 0);
            }
        }
    }
}

// The kernel sets capsUnwrapped and extraCaps itself.
static void caps_field_is_the_kernels(void) {
    seL4_Word badge;
    seL4_CPtr no_grant = kit_mint(endpoint, seL4_CanWrite, 3);
    seL4_MessageInfo_t tag = receive_from(no_grant, 7ul << 12 | 7 << 9 | 0 << 7 | 2, &badge);
    CHECK_EQUAL(tag.words[0], 7ul << 12 | 2);
}

static void no_buffer(void) {
    seL4_Word badge;
    send_info = 9;
    send_to = endpoint;
    seL4_CPtr tcb = helper(ROOM_A, 100, 0, send_words, 0);
    // Its words lie in memory that the kernel no longer knows.
    CHECK_OK(seL4_TCB_SetIPCBuffer(tcb, 0, 0));
    CHECK_OK(seL4_SchedContext_Bind(round_robin(), tcb));
    seL4_SetMR(4, 77);
    seL4_MessageInfo_t tag = seL4_Recv(endpoint, &badge, reply);
    CHECK_EQUAL(tag.words[0], 4);
    CHECK_EQUAL(seL4_GetMR(3), 103);
    CHECK_EQUAL(seL4_GetMR(4), 77);
}

static void buffers_refused(void) {
    seL4_CPtr tcb = kit_object(seL4_TCBObject, 0), frame = kit_object(seL4_RISCV_4K_Page, 0);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x1000, endpoint), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x1200, frame), seL4_AlignmentError);
    CHECK_OK(seL4_TCB_SetIPCBuffer(tcb, 0x1c00, frame));
    CHECK_OK(seL4_TCB_SetIPCBuffer(tcb, 0, endpoint)); // 0: none, whatever the capability
    CHECK_ERROR(seL4_TCB_Configure(tcb, endpoint, 0, VSPACE, 0, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, 0, VSPACE, 0, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_Configure(tcb, CNODE, 0, endpoint, 0, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_Configure(tcb, CNODE, 0, 0, 0, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_Configure(tcb, CNODE, 63, VSPACE, 0, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR_1(seL4_TCB_SetSpace(tcb, frame, CNODE, 0, VSPACE, 0), seL4_InvalidCapability, 1);
    seL4_CPtr weak = kit_mint(endpoint, seL4_CanWrite, 0);
    CHECK_ERROR_1(seL4_TCB_SetSpace(tcb, weak, CNODE, 0, VSPACE, 0), seL4_InvalidCapability, 1);
    CHECK_ERROR_1(seL4_TCB_SetTimeoutEndpoint(tcb, weak), seL4_InvalidCapability, 1);
    CHECK_ERROR_1(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 0, 0, 0, weak),
                  seL4_InvalidCapability, 3);
    CHECK_ERROR_1(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 0, 0, frame, 0),
                  seL4_InvalidCapability, 2);
    CHECK_ERROR_1(seL4_TCB_SetSchedParams(tcb, frame, 0, 0, 0, 0), seL4_InvalidCapability, 1);
    CHECK_OK(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, VSPACE, 0));
    CHECK_OK(seL4_TCB_SetTimeoutEndpoint(tcb, 0));
}

/* ---- Rights -------------------------------------------------------------------------------------- */

static void rights(void) {
    seL4_CPtr reader = kit_mint(endpoint, seL4_CanRead, 0),
              none = kit_mint(endpoint, seL4_NoRights, 0);
    seL4_CPtr notification = kit_object(seL4_NotificationObject, 0);
    seL4_CPtr waiter = kit_mint(notification, seL4_CanRead, 1);
    seL4_Word badge = 99;

    // Without Write: refused as an invocation, not a fault. Send says nothing.
    seL4_MessageInfo_t tag = seL4_Call(reader, info(5, 0, 1));
    CHECK_EQUAL(tag.words[0], (seL4_Word)seL4_InvalidCapability << 12 | 1);
    CHECK_EQUAL(seL4_GetMR(0), 0);
    seL4_Send(none, info(0, 0, 0));
    tag = seL4_Call(waiter, info(0, 0, 0));
    CHECK_EQUAL(tag.words[0], (seL4_Word)seL4_InvalidCapability << 12 | 1);
    seL4_Signal(waiter);
    seL4_Poll(notification, &badge);
    CHECK_EQUAL(badge, 0);
    // Call on a notification is a signal with an empty answer.
    tag = seL4_Call(kit_mint(notification, seL4_CanWrite, 4), info(3, 0, 2));
    CHECK_EQUAL(tag.words[0], 0);
    seL4_Signal(kit_mint(notification, seL4_CanWrite, 0x30));
    seL4_Wait(waiter, &badge);
    CHECK_EQUAL(badge, 0x34);
    // An empty slot is no fault when called.
    tag = seL4_Call(kit_slots(1), info(0, 0, 0));
    CHECK_EQUAL(tag.words[0], (seL4_Word)seL4_InvalidCapability << 12 | 1);
}

/* ---- Capabilities -------------------------------------------------------------------------------- */

static seL4_CPtr to_send[3];
static seL4_CPtr landing;

static void send_caps(seL4_Word cap) {
    for (int i = 0; i < 3; i++) {
        seL4_SetCap(i, to_send[i]);
    }
    seL4_Send(cap, (seL4_MessageInfo_t){{send_info}});
    stop();
}

static seL4_Word caps_from(seL4_CPtr cap, unsigned count, seL4_CPtr root, seL4_Word index,
                           seL4_Word depth) {
    seL4_Word badge;
    send_info = info(1, count, 0).words[0];
    helper(ROOM_A, 100, round_robin(), send_caps, cap);
    settle(); // it waits: what it sends is looked at again when it is received
    seL4_SetCapReceivePath(root, index, depth);
    for (int i = 0; i < 3; i++) {
        seL4_SetCap(i, 0xdead);
    }
    return seL4_Recv(endpoint, &badge, reply).words[0] & 0xfff;
}

#define CAPS(unwrapped, count) ((unsigned)(unwrapped) << 9 | (unsigned)(count) << 7)

static void landing_clear(void) {
    seL4_CNode_Delete(CNODE, landing, KIT_DEPTH);
}

static void caps_travel(void) {
    seL4_CPtr full = kit_mint(endpoint, seL4_AllRights, 0);
    seL4_CPtr frame = kit_object(seL4_RISCV_4K_Page, 0), other = kit_object(seL4_EndpointObject, 0);
    seL4_CPtr table = kit_object(seL4_RISCV_PageTableObject, 0), taken = other;
    landing = kit_slots(2);

    to_send[0] = frame;
    CHECK_EQUAL(caps_from(full, 1, CNODE, landing, KIT_DEPTH), CAPS(0, 1));
    CHECK_OK(seL4_CNode_Revoke(CNODE, frame, KIT_DEPTH)); // what came is a copy of it
    CHECK_ERROR(seL4_CNode_Move(CNODE, landing + 1, KIT_DEPTH, CNODE, landing, KIT_DEPTH),
                seL4_FailedLookup);
    // The slot is taken, is none, or is nowhere: the message comes without.
    CHECK_EQUAL(caps_from(full, 1, CNODE, taken, KIT_DEPTH), CAPS(0, 0));
    CHECK_EQUAL(caps_from(full, 1, CNODE, landing, 3), CAPS(0, 0));
    CHECK_EQUAL(caps_from(full, 1, CNODE, landing, 0), CAPS(0, 0));
    CHECK_EQUAL(caps_from(full, 1, CNODE, landing, 65), CAPS(0, 0));
    CHECK_EQUAL(caps_from(full, 1, other, landing, KIT_DEPTH), CAPS(0, 0));
    CHECK_EQUAL(caps_from(full, 1, 1ul << 62, landing, KIT_DEPTH), CAPS(0, 0));
    CHECK_EQUAL(caps_from(full, 1, 0, 0, 0), CAPS(0, 0));
    // Without Grant: words only.
    CHECK_EQUAL(caps_from(kit_mint(endpoint, seL4_NoRead, 1), 1, CNODE, landing, KIT_DEPTH),
                CAPS(0, 1));
    landing_clear();
    CHECK_EQUAL(caps_from(kit_mint(endpoint, seL4_CapRights_new(1, 0, 1, 1), 1), 1, CNODE, landing,
                          KIT_DEPTH),
                CAPS(0, 0));
    // To the very endpoint: unwrapped to its badge. One other is received; the second ends it.
    to_send[0] = kit_mint(endpoint, seL4_NoRights, 11);
    to_send[1] = frame;
    to_send[2] = kit_mint(endpoint, seL4_AllRights, 22);
    CHECK_EQUAL(caps_from(full, 3, CNODE, landing, KIT_DEPTH), CAPS(5, 3));
    CHECK_EQUAL(seL4_GetBadge(0), 11);
    CHECK_EQUAL(seL4_GetBadge(1), 0xdead);
    CHECK_EQUAL(seL4_GetBadge(2), 22);
    landing_clear();
    CHECK_EQUAL(caps_from(full, 3, 0, 0, 0), CAPS(1, 1));
    to_send[0] = frame;
    to_send[1] = other;
    CHECK_EQUAL(caps_from(full, 3, CNODE, landing, KIT_DEPTH), CAPS(0, 1));
    landing_clear();
    // What cannot be derived, and an empty slot: as if it had not been sent.
    to_send[0] = table;
    CHECK_EQUAL(caps_from(full, 1, CNODE, landing, KIT_DEPTH), CAPS(0, 0));
    to_send[0] = seL4_CapIRQControl;
    CHECK_EQUAL(caps_from(full, 1, CNODE, landing, KIT_DEPTH), CAPS(0, 0));
    to_send[0] = kit_slots(1);
    CHECK_EQUAL(caps_from(full, 2, CNODE, landing, KIT_DEPTH), CAPS(0, 0));
    seL4_SetCapReceivePath(0, 0, 0);
}

/* ---- Order --------------------------------------------------------------------------------------- */

static void send_label(seL4_Word label) {
    seL4_Send(send_to, info(label, 0, 0));
    stop();
}

// Senders wait by priority, and first come first served within one; a new priority moves them.
static void senders_by_priority(void) {
    seL4_Word badge;
    send_to = endpoint;
    seL4_CPtr low = helper(ROOM_A, 50, round_robin(), send_label, 1);
    settle();
    helper(ROOM_B, 60, round_robin(), send_label, 2);
    settle();
    helper(ROOM_C, 60, round_robin(), send_label, 3);
    settle();
    helper(ROOM_D, 40, round_robin(), send_label, 4);
    settle();
    CHECK_OK(seL4_TCB_SetPriority(low, seL4_CapInitThreadTCB, 30));
    static const seL4_Word order[] = {2, 3, 4, 1};
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQUAL(seL4_MessageInfo_get_label(seL4_Recv(endpoint, &badge, reply)), order[i]);
    }
}

// Sends with this badge begin again, others wait on.
static void cancelled_sends(void) {
    seL4_CPtr one = kit_mint(endpoint, seL4_AllRights, 1),
              two = kit_mint(endpoint, seL4_AllRights, 2);
    seL4_Word badge;
    send_to = one;
    helper(ROOM_A, 50, round_robin(), send_label, 1);
    settle();
    send_to = two;
    helper(ROOM_B, 60, round_robin(), send_label, 2);
    settle();
    CHECK_OK(seL4_CNode_CancelBadgedSends(CNODE, one, KIT_DEPTH));
    // It is restarted, and sends again through a capability that is gone now: nothing happens.
    CHECK_OK(seL4_CNode_Delete(CNODE, one, KIT_DEPTH));
    settle();
    CHECK_EQUAL(seL4_MessageInfo_get_label(seL4_NBRecv(endpoint, &badge, reply)), 2);
    CHECK_EQUAL(badge, 2);
    seL4_NBRecv(endpoint, &badge, reply);
    CHECK_EQUAL(badge, 0);
}

/* ---- Bound notifications ------------------------------------------------------------------------- */

static void bound(void) {
    seL4_CPtr notification = kit_object(seL4_NotificationObject, 0),
              other = kit_object(seL4_TCBObject, 0);
    seL4_CPtr signaller = kit_mint(notification, seL4_CanWrite, 0x80);
    seL4_Word badge = 0;

    CHECK_ERROR(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, endpoint), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, signaller), seL4_IllegalOperation);
    CHECK_OK(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification));
    CHECK_ERROR(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification),
                seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_BindNotification(other, notification), seL4_IllegalOperation);
    seL4_Signal(signaller);
    seL4_Recv(endpoint, &badge, reply); // taken before any sender
    CHECK_EQUAL(badge, 0x80);
    seL4_NBRecv(endpoint, &badge, reply);
    CHECK_EQUAL(badge, 0);
    seL4_Signal(signaller);
    seL4_Wait(notification, &badge);
    CHECK_EQUAL(badge, 0x80);
    CHECK_OK(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB));
    seL4_Signal(signaller);
    seL4_NBRecv(endpoint, &badge, reply);
    CHECK_EQUAL(badge, 0);
    seL4_Poll(notification, &badge);
    CHECK_EQUAL(badge, 0x80);
}

void messages(void) {
    endpoint = kit_object(seL4_EndpointObject, 0);
    reply = kit_object(seL4_ReplyObject, 0);
    words_travel();
    caps_field_is_the_kernels();
    no_buffer();
    buffers_refused();
    rights();
    caps_travel();
    senders_by_priority();
    cancelled_sends();
    bound();
}
