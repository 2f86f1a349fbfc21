// SPDX-License-Identifier: BSD-2-Clause
// Sections and what they share (conform.h).
#include "tests/target/kernel/conform.h"

enum { SECTION_BITS = 23, LOWEST = 1 };

KIT_ROOMS(ROOMS);

static seL4_CPtr quiet, never, section;

static void tell_quiet(seL4_Word notification) {
    for (;;) {
        seL4_Signal(notification);
    }
}

void settle(void) {
    seL4_Word badge;
    seL4_Poll(quiet, &badge);
    seL4_Wait(quiet, &badge);
}

void stop(void) {
    for (;;) {
        seL4_Wait(never, NULL);
    }
}

seL4_CPtr round_robin(void) {
    return kit_sc(5000, 5000);
}

seL4_CPtr helper(unsigned room, unsigned priority, seL4_CPtr sc, void (*entry)(seL4_Word),
                 seL4_Word argument) {
    struct kit_thread thread = {.entry = entry,
                                .argument = argument,
                                .room = room,
                                .priority = priority,
                                .mcp = priority,
                                .sc = sc};
    settle(); // whoever had the room before waits in stop()
    return kit_thread_make(&thread, 1);
}

seL4_IPCBuffer *buffer_of(unsigned room) {
    return (seL4_IPCBuffer *)kit_rooms[room].buffer;
}

static void run(const char *name, void (*check_all)(void)) {
    seL4_CPtr slots = kit_slot_next;

    say(name);
    say("\n");
    check_all();
    CHECK_OK(seL4_CNode_Revoke(CNODE, section, KIT_DEPTH));
    kit_slot_next = slots;
}

int main(void) {
    kit_begin(SECTION_BITS + 1);
    quiet = kit_object(seL4_NotificationObject, 0);
    never = kit_object(seL4_NotificationObject, 0);
    struct kit_thread lowest = {.entry = tell_quiet,
                                .argument = quiet,
                                .room = ROOM_QUIET,
                                .priority = LOWEST,
                                .sc = round_robin()};
    kit_thread_make(&lowest, 1);
    section = kit_object(seL4_UntypedObject, SECTION_BITS);
    kit_arena = section;
    run("capabilities", capabilities);
    run("messages", messages);
    run("replies", replies);
    run("scheduling", scheduling);
    run("spaces", spaces);
    kit_end();
}
