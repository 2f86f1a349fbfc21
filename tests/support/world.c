// SPDX-License-Identifier: BSD-2-Clause
/* The world of tests/support/world.h. */
#include "tests/support/world.h"

#include "tests/support/machine.h"

#define CONTROL_IRQ  1
#define FAVOURED     254
#define BUFFER_VADDR 0x14000
#define SLICE_US     5000
#define PATTERN(i)   (0xa5a5000000000000ull | (u64)(i) << 16 | 0x5a5a)

_Thread_local struct thread root;
_Thread_local struct sel4_bootinfo *info;

static _Thread_local u64 next_slot;
static _Thread_local u64 memory; /* the untyped that objects come from */
static _Thread_local u64 control;
static _Thread_local u64 control_handler;
static _Thread_local struct thread
    favoured; /* who has FAVOURED instead of its own priority; .object NULL: nobody */

/* ---- Registers ---------------------------------------------------------------------------------------------- */

static struct tcb *current(void) {
    assert_non_null(host.running);
    return tcb_of_context(host.running);
}

u64 badge(const struct thread *t) {
    return t->reg[REG_BADGE];
}

u64 label(const struct thread *t) {
    return msginfo_label(t->reg[REG_INFO]);
}

u64 length(const struct thread *t) {
    return msginfo_length(t->reg[REG_INFO]);
}

u64 word(const struct thread *t, unsigned i) {
    return i < ARCH_MESSAGE_REGISTERS ? t->reg[REG_MR0 + i] : t->buffer[BUFFER_MSG + i];
}

static u64 word_of(const struct tcb *tcb, unsigned i) {
    const u64 *buffer = tcb_buffer(tcb, false);

    return i < ARCH_MESSAGE_REGISTERS ? tcb->context.reg[REG_MR0 + i]
           : buffer != NULL           ? buffer[BUFFER_MSG + i]
                                      : 0;
}

u64 answer(unsigned i) {
    return word_of(current(), i);
}

enum thread_state state(const struct thread *t) {
    return (enum thread_state)t->object->state;
}

static void check_words(const struct tcb *tcb, u64 label_expected, struct words words,
                        const char *file, int line) {
    u64 got = tcb->context.reg[REG_INFO];

    _assert_int_equal(msginfo_label(got), label_expected, file, line);
    _assert_int_equal(msginfo_length(got), words.count, file, line);
    for (unsigned i = 0; i < words.count; i++) {
        if (word_of(tcb, i) != words.at[i]) {
            print_error("word %u: ", i);
        }
        _assert_int_equal(word_of(tcb, i), words.at[i], file, line);
    }
}

void check_answer(u64 error, struct words words, const char *file, int line) {
    _assert_int_equal(current()->context.reg[REG_BADGE], 0, file, line);
    check_words(current(), error, words, file, line);
}

void check_message(const struct thread *t, u64 expected, u64 label_expected, struct words words,
                   const char *file, int line) {
    _assert_int_equal(badge(t), expected, file, line);
    check_words(t->object, label_expected, words, file, line);
}

void fill_registers(const struct thread *t) {
    for (unsigned i = 0; i < REG_COUNT; i++) {
        t->reg[i] = PATTERN(i);
    }
}

void check_registers(const struct thread *t, u64 except, const char *file, int line) {
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if ((except >> i) & 1) {
            continue;
        }
        if (t->reg[i] != PATTERN(i)) {
            print_error("register %u: ", i);
        }
        _assert_int_equal(t->reg[i], PATTERN(i), file, line);
    }
}

/* ---- System calls ------------------------------------------------------------------------------------------- */

void message(u64 label_sent, struct words words, struct words caps) {
    struct tcb *tcb = current();
    u64 *buffer = tcb_buffer(tcb, true);

    tcb->context.reg[REG_INFO] = msginfo_make(label_sent, 0, caps.count, words.count);
    for (unsigned i = 0; i < words.count; i++) {
        if (i < ARCH_MESSAGE_REGISTERS) {
            tcb->context.reg[REG_MR0 + i] = words.at[i];
        } else {
            assert_non_null(buffer);
            buffer[BUFFER_MSG + i] = words.at[i];
        }
    }
    for (unsigned i = 0; i < caps.count; i++) {
        assert_non_null(buffer);
        buffer[BUFFER_CAPS + i] = caps.at[i];
    }
}

void syscall_with(s64 number, u64 a0) {
    host.running->reg[REG_CAP] = a0;
    host_syscall(number);
}

u64 invoke(u64 cptr, u64 label_sent, struct words words, struct words caps) {
    struct arch_context *caller = host.running;
    u64 pc = caller->reg[REG_PC];

    message(label_sent, words, caps);
    syscall_with(SYSCALL_CALL, cptr);
    /* A preempted call is one that was not completed although its caller still runs. */
    while (caller->reg[REG_PC] == pc && host.running == caller) {
        host_interrupt();
        assert_ptr_equal(host.running, caller);
        host_syscall(SYSCALL_CALL);
    }
    return msginfo_label(caller->reg[REG_INFO]);
}

void sys_call(u64 cptr, u64 label_sent, struct words words) {
    message(label_sent, words, C());
    syscall_with(SYSCALL_CALL, cptr);
}

void sys_send(u64 cptr, u64 label_sent, struct words words) {
    message(label_sent, words, C());
    syscall_with(SYSCALL_SEND, cptr);
}

void sys_nb_send(u64 cptr, u64 label_sent, struct words words) {
    message(label_sent, words, C());
    syscall_with(SYSCALL_NB_SEND, cptr);
}

void sys_signal(u64 cptr) {
    sys_send(cptr, 0, W());
}

void sys_recv(u64 cptr, u64 reply) {
    host.running->reg[REG_REPLY] = reply;
    syscall_with(SYSCALL_RECV, cptr);
}

void sys_nb_recv(u64 cptr, u64 reply) {
    host.running->reg[REG_REPLY] = reply;
    syscall_with(SYSCALL_NB_RECV, cptr);
}

void sys_wait(u64 cptr) {
    syscall_with(SYSCALL_WAIT, cptr);
}

void sys_nb_wait(u64 cptr) {
    syscall_with(SYSCALL_NB_WAIT, cptr);
}

void sys_reply_recv(u64 cptr, u64 reply, u64 label_sent, struct words words) {
    message(label_sent, words, C());
    host.running->reg[REG_REPLY] = reply;
    syscall_with(SYSCALL_REPLY_RECV, cptr);
}

void sys_yield(void) {
    host_syscall(SYSCALL_YIELD);
}

/* ---- Objects ------------------------------------------------------------------------------------------------ */

struct cslot *slot(u64 cptr) {
    return &kernel.root_cnode[cptr];
}

struct cap cap(u64 cptr) {
    return slot(cptr)->cap;
}

void *object(u64 cptr) {
    return arch_ptr(cap_address(cap(cptr)));
}

u64 free_slots(unsigned count) {
    u64 first = next_slot;

    next_slot += count;
    assert_true(next_slot <= info->empty.end);
    return first;
}

u64 free_slot(void) {
    return free_slots(1);
}

u64 make_many(enum sel4_object_type type, u64 size_bits, unsigned count) {
    u64 first = free_slots(count);

    as(&root);
    for (unsigned done = 0; done < count;) {
        unsigned now = count - done > 256 ? 256 : count - done;

        assert_int_equal(invoke(memory, METHOD_UNTYPED_RETYPE,
                                W(type, size_bits, 0, 0, first + done, now), C(ROOT_CNODE)),
                         SEL4_NO_ERROR);
        done += now;
    }
    return first;
}

u64 make(enum sel4_object_type type, u64 size_bits) {
    return make_many(type, size_bits, 1);
}

u64 mint(u64 cptr, u64 rights, u64 badge_given) {
    u64 dest = free_slot();

    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_MINT,
                            W(dest, 64, cptr, 64, rights, badge_given), C(ROOT_CNODE)),
                     SEL4_NO_ERROR);
    return dest;
}

u64 copy(u64 cptr) {
    u64 dest = free_slot();

    as(&root);
    assert_int_equal(invoke(ROOT_CNODE, METHOD_CNODE_COPY, W(dest, 64, cptr, 64, SEL4_RIGHTS_ALL),
                            C(ROOT_CNODE)),
                     SEL4_NO_ERROR);
    return dest;
}

u64 sched_context(u64 budget_us, u64 period_us, u64 flags) {
    u64 sc = make(OBJECT_SCHED_CONTEXT, 8);

    assert_int_equal(invoke(info->sched_control.start, METHOD_SCHED_CONTROL_CONFIGURE_FLAGS,
                            W(budget_us, period_us, 4, 0, flags), C(sc)),
                     SEL4_NO_ERROR);
    return sc;
}

u64 device_untyped(void) {
    return machine_untyped(info, true);
}

/* ---- Threads ------------------------------------------------------------------------------------------------ */

static struct thread thread_of(u64 tcb, u64 frame, u64 sc, u64 reply, u8 priority) {
    struct tcb *it = object(tcb);

    return (struct thread){.tcb = tcb,
                           .sc = sc,
                           .frame = frame,
                           .reply = reply,
                           .priority = priority,
                           .object = it,
                           .context = sc != 0 ? object(sc) : NULL,
                           .buffer = object(frame),
                           .reg = it->context.reg};
}

static struct thread thread_build(u8 priority, u64 sc) {
    u64 tcb = make(OBJECT_TCB, 0);
    u64 frame = make(OBJECT_4K_PAGE, 0);
    u64 reply = make(OBJECT_REPLY, 0);

    assert_int_equal(
        invoke(tcb, METHOD_TCB_CONFIGURE, W(0, 0, BUFFER_VADDR), C(ROOT_CNODE, ROOT_VSPACE, frame)),
        SEL4_NO_ERROR);
    assert_int_equal(
        invoke(tcb, METHOD_TCB_SET_SCHED_PARAMS, W(priority, priority), C(ROOT_TCB, sc, 0)),
        SEL4_NO_ERROR);
    return thread_of(tcb, frame, sc, reply, priority);
}

struct thread thread_new(u8 priority) {
    return thread_build(priority, sched_context(SLICE_US, SLICE_US, 0));
}

static void resume(const struct thread *t) {
    assert_int_equal(invoke(t->tcb, METHOD_TCB_RESUME, W(), C()), SEL4_NO_ERROR);
}

struct thread thread_make(u8 priority) {
    struct thread t = thread_new(priority);

    resume(&t);
    return t;
}

struct thread thread_passive(u8 priority) {
    struct thread t = thread_build(priority, 0);

    resume(&t);
    return t;
}

void thread_set_fault_handler(const struct thread *t, u64 endpoint) {
    as(&root);
    assert_int_equal(
        invoke(t->tcb, METHOD_TCB_SET_SPACE, W(0, 0), C(endpoint, ROOT_CNODE, ROOT_VSPACE)),
        SEL4_NO_ERROR);
}

void thread_set_timeout_handler(const struct thread *t, u64 endpoint) {
    as(&root);
    assert_int_equal(invoke(t->tcb, METHOD_TCB_SET_TIMEOUT_ENDPOINT, W(), C(endpoint)),
                     SEL4_NO_ERROR);
}

/* ---- Who runs ----------------------------------------------------------------------------------------------- */

bool running(const struct thread *t) {
    return host.running == &t->object->context;
}

/* The root's registers and buffer are the test's to look at: what it does for `as` leaves them alone. */
static void root_does(s64 number, u64 a0, u64 info_word, u64 mr0) {
    u64 kept[REG_COUNT];
    u64 kept_cap = root.buffer[BUFFER_CAPS];

    memcpy(kept, root.reg, sizeof kept);
    root.reg[REG_INFO] = info_word;
    root.reg[REG_MR0] = mr0;
    root.reg[REG_CAP] = a0;
    root.buffer[BUFFER_CAPS] = ROOT_TCB;
    host_syscall(number);
    kept[REG_PC] = root.reg[REG_PC];
    memcpy(root.reg, kept, sizeof kept);
    root.buffer[BUFFER_CAPS] = kept_cap;
}

void rest(void) {
    assert_true(running(&root));
    root_does(SYSCALL_WAIT, control, 0, 0);
}

bool root_tries_to_return(void) {
    u64 kept = root.reg[REG_BADGE];

    if (running(&root)) {
        return true;
    }
    host_raise(CONTROL_IRQ);
    host_interrupt();
    if (!running(&root)) {
        return false;
    }
    root.reg[REG_BADGE] = kept;
    root_does(SYSCALL_SEND, control_handler, msginfo_make(METHOD_IRQ_HANDLER_ACK, 0, 0, 0), 0);
    return running(&root);
}

void root_returns(void) {
    assert_true(root_tries_to_return());
}

static void set_priority(u64 tcb, u8 priority) {
    root_does(SYSCALL_SEND, tcb, msginfo_make(METHOD_TCB_SET_PRIORITY, 0, 1, 1), priority);
}

void as(const struct thread *t) {
    if (running(t)) {
        return;
    }
    root_returns();
    if (favoured.object != NULL && cap_is(cap(favoured.tcb), CAP_THREAD)) {
        set_priority(favoured.tcb, favoured.priority);
        favoured.object = NULL;
    }
    if (t->object == root.object) {
        return;
    }
    favoured = *t;
    set_priority(t->tcb, FAVOURED);
    rest();
    assert_true(running(t));
}

/* ---- Boot --------------------------------------------------------------------------------------------------- */

void world_boot(const struct host_options *options) {
    static const struct host_options usual = {.check_interval = 1, .partition_flags = BOOT_WALLS};

    host_boot(options != NULL ? options : &usual);
    info = object(SEL4_INIT_SLOT_BOOTINFO_FRAME);
    favoured.object = NULL;
    next_slot = info->empty.start;
    memory = machine_untyped(info, false);
    root =
        thread_of(ROOT_TCB, SEL4_INIT_SLOT_IPC_BUFFER_FRAME, SEL4_INIT_SLOT_SCHED_CONTEXT, 0, 255);
    control = make(OBJECT_NOTIFICATION, 0);
    control_handler = free_slot();
    assert_int_equal(invoke(SEL4_INIT_SLOT_IRQ_CONTROL, METHOD_IRQ_CONTROL_GET,
                            W(CONTROL_IRQ, control_handler, 64), C(ROOT_CNODE)),
                     SEL4_NO_ERROR);
    assert_int_equal(invoke(control_handler, METHOD_IRQ_HANDLER_SET_NOTIFICATION, W(), C(control)),
                     SEL4_NO_ERROR);
    root.reply = make(OBJECT_REPLY, 0);
}

void check_world(void) {
    const char *problem = check_all();

    if (problem != NULL) {
        fail_msg("%s", problem);
    }
}
