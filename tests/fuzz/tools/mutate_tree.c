// SPDX-License-Identifier: BSD-2-Clause
// How libFuzzer changes a device tree. Bytes inserted or removed anywhere break a flattened tree's offsets, and libfdt's
// check refuses it before the tool has read a word. So most changes are made to the tree's nodes and properties, and
// the result is a tree again; one in four is libFuzzer's own, of bytes.
#include <libfdt.h>
#include <string.h>

#include "lib/types.h"

#define ROOM      65536
#define MAX_EDITS 4

size_t LLVMFuzzerMutate(u8 *data, size_t bytes, size_t room);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t bytes, size_t room, unsigned seed);

static u8 tree[ROOM];
static u64 state;

// xorshift64* (Vigna 2016).
static u32 chance(u32 below) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (u32)((state * 0x2545f4914f6cdd1dull >> 32) % below);
}

static int node_choose(void) {
    int node = 0;
    for (u32 steps = chance(64); steps > 0; steps--) {
        int next = fdt_next_node(tree, node, NULL);
        node = next < 0 ? 0 : next;
    }
    return node;
}

// A property of the node, or an error as libfdt has it.
static int property_choose(int node) {
    int property = fdt_first_property_offset(tree, node);
    for (u32 steps = chance(8); steps > 0 && property >= 0; steps--) {
        int next = fdt_next_property_offset(tree, property);
        property = next < 0 ? property : next;
    }
    return property;
}

struct property {
    char name[64];
    u8 value[512];
    int length;
};

// Out of the tree, since changing the tree moves what lies in it.
static bool property_take(int node, struct property *taken) {
    const char *name;
    int at = property_choose(node);
    const void *value = at < 0 ? NULL : fdt_getprop_by_offset(tree, at, &name, &taken->length);
    if (!value || taken->length > (int)sizeof(taken->value) ||
        strlen(name) >= sizeof(taken->name)) {
        return false;
    }
    strcpy(taken->name, name);
    memcpy(taken->value, value, (size_t)taken->length);
    return true;
}

// One cell of the value becomes a number on the edge of something.
static void cell_set(struct property *property) {
    static const u32 NASTY[] = {0, 1, 2, 3, 4, 9, 10, 11, 0x7fffffff, 0x80000000, 0xffffffff};
    fdt32_t cell = cpu_to_fdt32(NASTY[chance(ARRAY_LENGTH(NASTY))]);
    if (property->length >= 4) {
        memcpy(property->value + 4 * chance((u32)property->length / 4), &cell, sizeof(cell));
    }
}

static void value_change(struct property *property) {
    static const char *const STRINGS[] = {
        "disabled", "okay", "riscv,plic0", "riscv,aclint-sswi", "riscv,imsics", "cpu", "memory"};
    switch (chance(5)) {
    case 0:
        cell_set(property);
        break;
    case 1: {
        const char *text = STRINGS[chance(ARRAY_LENGTH(STRINGS))];
        property->length = (int)strlen(text) + 1;
        memcpy(property->value, text, (size_t)property->length);
        break;
    }
    case 2:
        property->length = (int)chance((u32)property->length + 1);
        break;
    default:
        property->length = (int)LLVMFuzzerMutate(property->value, (size_t)property->length,
                                                 sizeof(property->value));
        break;
    }
}

static void node_add(void) {
    static const char *const NAMES[] = {"cpu@2", "cpu@7",    "serial@1",
                                        "core2", "cluster1", "thread0"};
    fdt_add_subnode(tree, node_choose(), NAMES[chance(ARRAY_LENGTH(NAMES))]);
}

static void edit(void) {
    struct property property;
    int from = node_choose();
    u32 what = chance(16);
    if (what == 0) {
        fdt_del_node(tree, from);
    } else if (what == 1) {
        node_add();
    } else if (!property_take(from, &property)) {
        return;
    } else if (what < 4) {
        fdt_delprop(tree, from, property.name);
    } else if (what < 7) {
        fdt_setprop(tree, node_choose(), property.name, property.value, property.length);
    } else {
        value_change(&property);
        fdt_setprop(tree, from, property.name, property.value, property.length);
    }
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t bytes, size_t room, unsigned seed) {
    state = seed * 2ull + 1;
    bool whole = bytes >= sizeof(struct fdt_header) && fdt_check_full(data, bytes) == 0;
    if (chance(4) == 0 || !whole || fdt_open_into(data, tree, ROOM) != 0) {
        return LLVMFuzzerMutate(data, bytes, room);
    }
    for (u32 edits = 1 + chance(MAX_EDITS); edits > 0; edits--) {
        edit();
    }
    fdt_set_boot_cpuid_phys(tree, chance(8) ? fdt_boot_cpuid_phys(data) : chance(3));
    fdt_pack(tree);
    if (fdt_totalsize(tree) > room) {
        return LLVMFuzzerMutate(data, bytes, room);
    }
    memcpy(data, tree, fdt_totalsize(tree));
    return fdt_totalsize(tree);
}
