// SPDX-License-Identifier: BSD-2-Clause
/*
 * The init task's memory against a model of Untyped.Retype: the kernel's allocation mark, alignment,
 * device rules and empty slots, as SEL4-ABI section 7 has them. The model refuses what seL4 would refuse;
 * the test checks that nothing is ever refused, that every device frame is exactly the one asked for, in
 * any order, and that RAM is used up before "no RAM" is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <sel4/sel4.h>

/* The unit under test, included so that each test starts it anew. */
#include "user/init/memory.c"

#define SLOTS       8192
#define FIRST_GIVEN 100
#define FIRST_EMPTY 1000

enum { KIND_NONE, KIND_RAM, KIND_DEVICE, KIND_OTHER };

/* What a slot holds, in the model. */
static struct {
    u32 kind;
    u64 base;
    u32 bits;
    u64 mark; /* bytes given out */
    seL4_Word type;
} slots[SLOTS];

static seL4_IPCBuffer buffer;
static seL4_BootInfo info;
static u32 refusals;

/* Log2 of an object's size, transcribed from SEL4-ABI section 6. */
static u32 model_bits(u64 type, u64 size_bits) {
    static const u32 fixed[] = {0, 11, 4, 6, 0, 0, 5, 30, 12, 21, 12};
    assert_true(type <= 10);
    return fixed[type] != 0 ? fixed[type] : (u32)size_bits + (type == 4 ? 5 : 0);
}

static u32 model_retype(u64 untyped, u64 type, u64 size_bits, u64 offset, u64 count) {
    u32 bits = model_bits(type, size_bits);
    u64 start = align_up(slots[untyped].base + slots[untyped].mark, bits);
    u64 end = slots[untyped].base + BIT(slots[untyped].bits);
    if (slots[untyped].kind != KIND_RAM && slots[untyped].kind != KIND_DEVICE) {
        return 2;
    }
    if (start + count * BIT(bits) > end) {
        return 10;
    }
    bool page = type == 7 || type == 8 || type == 9;
    if (slots[untyped].kind == KIND_DEVICE && !page && type != 0) {
        return 1;
    }
    for (u64 i = 0; i < count; i++) {
        if (offset + i >= SLOTS || slots[offset + i].kind != KIND_NONE) {
            return 8;
        }
        slots[offset + i].kind = type == 0 ? slots[untyped].kind : KIND_OTHER;
        slots[offset + i].base = start + i * BIT(bits);
        slots[offset + i].bits = bits;
        slots[offset + i].mark = 0;
        slots[offset + i].type = type;
    }
    slots[untyped].mark = start + count * BIT(bits) - slots[untyped].base;
    return 0;
}

void mock_kernel(struct mock_registers *r) {
    u64 label = r->info >> 12;
    u32 error = 3;
    assert_int_equal((s64)r->number, -1);
    if (label == 1) {
        assert_int_equal(r->mr[2], 0);
        assert_int_equal(r->mr[3], 0);
        error = model_retype(r->cap, r->mr[0], r->mr[1], buffer.msg[4], buffer.msg[5]);
        refusals += error != 0;
    } else if (label == 19) {
        memset(&slots[r->mr[0]], 0, sizeof(slots[0]));
        error = 0;
    }
    r->cap = 0;
    r->info = (u64)error << 12;
}

static void give(u64 base, u32 bits, bool device) {
    seL4_CPtr slot = info.untyped.end++;
    seL4_UntypedDesc *d = &info.untypedList[slot - info.untyped.start];
    *d = (seL4_UntypedDesc){.paddr = base, .sizeBits = (u8)bits, .isDevice = device};
    slots[slot].kind = device ? KIND_DEVICE : KIND_RAM;
    slots[slot].base = base;
    slots[slot].bits = bits;
}

static void model_begin(void) {
    memset(slots, 0, sizeof(slots));
    memset(&info, 0, sizeof(info));
    rams = 0;
    pieces = 0;
    refusals = 0;
    info.untyped.start = FIRST_GIVEN;
    info.untyped.end = FIRST_GIVEN;
    info.empty.start = FIRST_EMPTY;
    info.empty.end = SLOTS;
    seL4_SetIPCBuffer(&buffer);
}

static u64 next_random(u64 *seed) {
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed >> 33;
}

static void device_frames_in_any_order(void **state) {
    (void)state;
    static const struct {
        u64 base;
        u32 bits;
    } wanted[] = {
        {0x10000000, 12},
        {0x1000f000, 12},
        {0x10001000, 12},
        {0x10200000, 21},
        {0x10000000 + (40 << 12), 12},
        {0x40000000, 30},
        {0x88003000, 12},
        {0x88001000, 12},
        {0x88002000, 12},
        {0x8fe00000, 21},
    };
    for (u64 seed = 1; seed < 100; seed++) {
        u64 random = seed;
        u32 order[ARRAY_LENGTH(wanted)];
        model_begin();
        give(0x10000000, 28, true);
        give(0x40000000, 30, true);
        /* A pair region without its first page, as the kernel gives it. */
        give(0x88001000, 12, true);
        give(0x88002000, 13, true);
        give(0x8fe00000, 21, true);
        memory_begin(&info, FIRST_EMPTY + 100);
        for (u32 i = 0; i < ARRAY_LENGTH(wanted); i++) {
            u32 j = (u32)(next_random(&random) % (i + 1));
            order[i] = order[j];
            order[j] = i;
        }
        for (u32 i = 0; i < ARRAY_LENGTH(wanted); i++) {
            seL4_CPtr slot = FIRST_EMPTY + i;
            u32 w = order[i];
            assert_int_equal(memory_device_frame(slot, wanted[w].base, wanted[w].bits), 0);
            assert_int_equal(slots[slot].base, wanted[w].base);
            assert_int_equal(slots[slot].bits, wanted[w].bits);
            assert_int_equal(slots[slot].type, wanted[w].bits == 12   ? 8
                                               : wanted[w].bits == 21 ? 9
                                                                      : 7);
        }
        assert_int_equal(refusals, 0);
        assert_int_equal(memory_device_frame(FIRST_EMPTY + 50, 0x10000000, 12), MEMORY_NO_DEVICE);
        assert_int_equal(memory_device_frame(FIRST_EMPTY + 50, 0x10000000, 21), MEMORY_NO_DEVICE);
        assert_int_equal(memory_device_frame(FIRST_EMPTY + 50, 0x20000000, 12), MEMORY_NO_DEVICE);
    }
}

/* Random objects until memory ends: never refused, and at the end nothing of the size fits anywhere. */
static void ram_is_used_up(void **state) {
    (void)state;
    static const struct {
        u64 type;
        u32 size_bits;
    } kinds[] = {{1, 0}, {2, 0}, {3, 0}, {4, 9}, {5, 7}, {5, 9}, {6, 0}, {8, 0}, {10, 0}};
    for (u64 seed = 1; seed < 50; seed++) {
        u64 random = seed;
        model_begin();
        give(0x81000000, 12, false);
        give(0x81001000, 12, false);
        give(0x81002000, 13, false);
        give(0x81008000, 15, false);
        give(0x81020000, 17, false);
        memory_begin(&info, SLOTS - 10);
        seL4_CPtr slot = FIRST_EMPTY;
        int error = 0;
        u32 k = 0;
        while (error == 0) {
            k = (u32)(next_random(&random) % ARRAY_LENGTH(kinds));
            error = memory_create(slot++, kinds[k].type, kinds[k].size_bits);
        }
        assert_int_equal(error, MEMORY_NO_RAM);
        assert_int_equal(refusals, 0);
        u32 bits = model_bits(kinds[k].type, kinds[k].size_bits);
        for (u32 s = FIRST_GIVEN; s < info.untyped.end; s++) {
            u64 start = align_up(slots[s].base + slots[s].mark, bits);
            assert_true(start + BIT(bits) > slots[s].base + BIT(slots[s].bits));
        }
    }
}

static void large_untypeds_stay_whole(void **state) {
    (void)state;
    model_begin();
    give(0x82000000, 21, false);
    give(0x81000000, 13, false);
    memory_begin(&info, SLOTS - 10);
    assert_int_equal(memory_create(FIRST_EMPTY, seL4_RISCV_4K_Page, 0), 0);
    assert_int_equal(memory_create(FIRST_EMPTY + 1, seL4_RISCV_4K_Page, 0), 0);
    assert_int_equal(memory_create(FIRST_EMPTY + 2, seL4_RISCV_Mega_Page, 0), 0);
    assert_int_equal(memory_create(FIRST_EMPTY + 3, seL4_EndpointObject, 0), MEMORY_NO_RAM);
}

static void nothing_can_be_made_afterwards(void **state) {
    (void)state;
    model_begin();
    give(0x81000000, 20, false);
    give(0x10000000, 20, true);
    memory_begin(&info, FIRST_EMPTY + 100);
    assert_int_equal(memory_device_frame(FIRST_EMPTY, 0x10003000, 12), 0);
    memory_give_up();
    for (u32 s = 0; s < SLOTS; s++) {
        assert_true(slots[s].kind == KIND_NONE || slots[s].kind == KIND_OTHER);
    }
    assert_int_equal(memory_create(FIRST_EMPTY + 1, seL4_EndpointObject, 0), MEMORY_NO_RAM);
    assert_int_equal(memory_device_frame(FIRST_EMPTY + 1, 0x10004000, 12), MEMORY_NO_DEVICE);
}

static void full_cnode_is_said(void **state) {
    (void)state;
    model_begin();
    give(0x10000000, 28, true);
    memory_begin(&info, SLOTS - 5);
    assert_int_equal(memory_device_frame(FIRST_EMPTY, 0x10003000, 12), MEMORY_NO_SLOTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_frames_in_any_order),
        cmocka_unit_test(ram_is_used_up),
        cmocka_unit_test(large_untypeds_stay_whole),
        cmocka_unit_test(nothing_can_be_made_afterwards),
        cmocka_unit_test(full_cnode_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
