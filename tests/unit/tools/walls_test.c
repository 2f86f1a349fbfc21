// SPDX-License-Identifier: BSD-2-Clause
// Laws of walls and placement, over many random inputs:
//   pmp_cover  blocks are naturally aligned powers of two, disjoint, and cover exactly the pages asked for
//   place_all  owners of RAM are aligned to their size, disjoint and inside RAM, or something is reported
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tools/place.h"
#include "tools/pmp.h"
#include "tools/units.h"

#define PAGE   4096ull
#define PAGES  256u // of the small address space in which covers are tried
#define ROUNDS 2000u

static u64 state_of_chance = 88172645463325252ull;

static u64 chance(u64 below) {
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return state_of_chance % below;
}

static void test_cover(void **state) {
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct range ranges[6], blocks[PAGES];
        unsigned char wanted[PAGES] = {0}, covered[PAGES] = {0};
        unsigned count = 1 + (unsigned)chance(6);
        for (unsigned i = 0; i < count; i++) {
            u64 first = chance(PAGES), pages = 1 + chance(PAGES - first > 40 ? 40 : PAGES - first);
            ranges[i] = (struct range){first * PAGE, pages * PAGE};
            memset(wanted + first, 1, pages);
        }
        unsigned needed = pmp_cover(ranges, count, blocks, PAGES);
        assert_true(needed <= PAGES);
        for (unsigned i = 0; i < needed; i++) {
            assert_true(is_power_of_two(blocks[i].size));
            assert_int_equal(blocks[i].base % blocks[i].size, 0);
            for (u64 page = blocks[i].base / PAGE; page < (blocks[i].base + blocks[i].size) / PAGE;
                 page++) {
                assert_int_equal(covered[page]++, 0);
            }
        }
        assert_memory_equal(wanted, covered, PAGES);
    }
}

static void test_cover_is_small(void **state) {
    (void)state;
    struct range blocks[8];
    struct range neighbours[] = {{0x10002000, PAGE}, {0x10003000, PAGE}};
    assert_int_equal(pmp_cover(neighbours, 2, blocks, 8), 1);
    struct range imsics[] = {{0x28001000, PAGE}, {0x28002000, PAGE}, {0x28003000, PAGE}};
    assert_int_equal(pmp_cover(imsics, 3, blocks, 8), 2);
    struct range all[] = {
        {0x28000000, PAGE}, {0x28001000, PAGE}, {0x28002000, PAGE}, {0x28003000, PAGE}};
    assert_int_equal(pmp_cover(all, 4, blocks, 8), 1);
    // More blocks than room: counted all the same.
    struct range odd[] = {{0x1000, 0xe000}};
    assert_int_equal(pmp_cover(odd, 1, blocks, 2), 6);
}

/* ---- Placement --------------------------------------------------------------------------------- */

// A system of random cores on random RAM; nodes carry no values, so everything has its fallback.
static struct system *system_random(struct arena *arena) {
    struct system *system = ARENA_NEW(arena, struct system);
    struct node *node = ARENA_NEW(arena, struct node);
    node->element = &ELEMENT_TABLE[ELEMENT_CHANNEL]; // an element with hardly any attributes
    node->values = ARENA_ARRAY(arena, struct value, node->element->attribute_count + 1);
    node->values[0].at.file = node->at.file = "random";
    system->node = node;
    system->core_count = 1 + (unsigned)chance(MAX_CORES);
    system->machine.ram = (struct range){0x80000000, (64ull << 20) << chance(3)};
    for (unsigned i = 0; i < system->core_count; i++) {
        struct core *core = &system->cores[i];
        *core = (struct core){.node = node,
                              .memory_node = node,
                              .name = "core",
                              .index = i,
                              .memory_bytes = (1ull << 20) << chance(6),
                              .domain_count = (unsigned)chance(20)};
    }
    system->regions = ARENA_ARRAY(arena, struct region, 4);
    for (; system->core_count > 1 && system->region_count < 4; system->region_count++) {
        unsigned a = (unsigned)chance(system->core_count),
                 b = (unsigned)chance(system->core_count - 1);
        system->regions[system->region_count] =
            (struct region){.node = node,
                            .name = "region",
                            .size = PAGE * (1 + chance(64)),
                            .page_bits = 12,
                            .share = {&system->cores[a], &system->cores[b >= a ? b + 1 : b]}};
    }
    return system;
}

static unsigned owners_of(const struct system *system, struct range *owners) {
    unsigned count = 0;
    owners[count++] = system->firmware;
    owners[count++] = system->firmware_tree;
    owners[count++] = system->package;
    for (unsigned i = 0; i < system->core_count; i++) {
        if (system->cores[i].placed) {
            owners[count++] = system->cores[i].ram;
        }
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        if (system->pairs[i].placed) {
            owners[count++] = (struct range){system->pairs[i].base, system->pairs[i].bytes};
        }
    }
    return count;
}

static bool all_placed(const struct system *system) {
    bool all = system->package.base != 0;
    for (unsigned i = 0; i < system->core_count; i++) {
        all &= system->cores[i].placed;
    }
    for (unsigned i = 0; i < system->pair_count; i++) {
        all &= system->pairs[i].placed;
    }
    return all;
}

static void regions_check(const struct system *system) {
    for (unsigned i = 0; i < system->region_count; i++) {
        const struct region *region = &system->regions[i];
        const struct pair *pair =
            pair_of((struct system *)system, region->share[0], region->share[1]);
        assert_non_null(pair);
        struct range own = {region->base, region->size};
        assert_true(region->base >= pair->base + PAGE);
        assert_true(region->base + region->size <= pair->base + pair->bytes);
        for (unsigned j = 0; j < i; j++) {
            struct range other = {system->regions[j].base, system->regions[j].size};
            assert_false(ranges_overlap(own, other));
        }
        for (unsigned j = 0; j < system->core_count; j++) {
            assert_false(ranges_overlap(own, system->cores[j].log));
        }
    }
}

static void test_place(void **state) {
    (void)state;
    unsigned complete = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena *arena = arena_new();
        struct diagnostics *diags = diagnostics_new(arena);
        struct system *system = system_random(arena);
        place_all(arena, diags, system, chance(8u << 20));
        bool all = all_placed(system);
        assert_int_equal(all, diagnostics_errors(diags) == 0);
        struct range owners[MAX_CORES + MAX_PAIRS + 3];
        unsigned count = all ? owners_of(system, owners) : 0;
        for (unsigned i = 0; i < count; i++) {
            assert_int_equal(owners[i].base % owners[i].size, 0);
            assert_true(owners[i].base >= system->machine.ram.base);
            assert_true(owners[i].base + owners[i].size <=
                        system->machine.ram.base + system->machine.ram.size);
            for (unsigned j = 0; j < i; j++) {
                assert_false(ranges_overlap(owners[i], owners[j]));
            }
        }
        if (all) {
            complete++;
            regions_check(system);
        }
        arena_free(arena);
    }
    // Both outcomes must have been seen, or the laws above said nothing.
    assert_in_range(complete, ROUNDS / 10, ROUNDS - ROUNDS / 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cover),
        cmocka_unit_test(test_cover_is_small),
        cmocka_unit_test(test_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
