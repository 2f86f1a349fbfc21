// SPDX-License-Identifier: BSD-2-Clause
// What the tool emits is what the kernel accepts: the kernel's own checks of boot records and its own digest,
// compiled in here, judge the tool's.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "abi/core_config.h"
#include "arch/boot_check.c"
#include "lib/digest.c"
#include "tests/fuzz/tools/inputs.c"

// The kernel's loops state their bounds; here nobody counts on it.
void bound_exceeded(const char *id, u64 bound) {
    fprintf(stderr, "loop %s turned more than %llu times\n", id, (unsigned long long)bound);
    abort();
}

// The fuzzers' seed: two cores, a device, a shared region, a channel.
static struct system *system_make(struct arena *arena) {
    size_t text_bytes, tree_bytes;
    const char *text = (const char *)input_seed(INPUT_SYSTEM, &text_bytes);
    const u8 *tree = input_seed(INPUT_TREE, &tree_bytes);
    struct diagnostics *diags = diagnostics_new(arena);
    struct system *system =
        model_build(arena, diags, document_parse(arena, diags, "seed.system", text, text_bytes));
    check_file(arena, diags, system);
    assert_true(machine_read(arena, diags, system, tree, tree_bytes));
    check_machine(arena, diags, system);
    place_all(arena, diags, system, 1u << 20);
    pmp_fit(arena, diags, system);
    assert_int_equal(diagnostics_errors(diags), 0);
    return system;
}

static void test_digests_agree(void **state) {
    (void)state;
    u8 data[300];
    for (unsigned i = 0; i < sizeof(data); i++) {
        data[i] = (u8)(i * 37 + 11);
    }
    for (unsigned bytes = 0; bytes <= sizeof(data); bytes++) {
        assert_int_equal(digest(data, bytes), digest_of(data, bytes));
    }
}

static void test_records_are_accepted(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct system *system = system_make(arena);
    struct partition_layout layout = {.tree_bytes = 100, .user_virtual_base = 0x10000};
    for (unsigned i = 0; i < system->core_count; i++) {
        struct bytes record = emit_record(arena, system, &system->cores[i], &layout);
        u8 page[BOOT_RECORD_SIZE] ALIGNED(8) = {0};
        memcpy(page, record.data, record.size);
        assert_null(boot_record_check((struct boot_record *)page));
        page[record.size - 1] ^= 1; // and the check does look
        assert_non_null(boot_record_check((struct boot_record *)page));
    }
    arena_free(arena);
}

// Both ends of a pair tell the same story.
static void test_peers_match(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct system *system = system_make(arena);
    struct partition_layout layout = {.tree_bytes = 100};
    const struct boot_peer *peer[2];
    for (unsigned i = 0; i < 2; i++) {
        struct bytes record = emit_record(arena, system, &system->cores[i], &layout);
        peer[i] = boot_record_find(record.data, BOOT_PEER, NULL);
        assert_non_null(peer[i]);
        assert_null(boot_record_find(record.data, BOOT_PEER, peer[i]));
    }
    for (unsigned i = 0; i < 2; i++) {
        const struct boot_peer *a = peer[i], *b = peer[1 - i];
        assert_int_equal(a->core, 1 - i);
        assert_int_equal(a->side, i);
        assert_int_equal(a->pair.base, b->pair.base);
        assert_int_equal(a->send_lines, b->receive_lines);
        assert_int_equal(a->doorbell_value, b->receive_id);
        assert_int_equal(a->doorbell, 0x28000000 + 4096 * (1 - i));
    }
    assert_int_equal(peer[0]->send_lines + peer[1]->send_lines, 2);
    arena_free(arena);
}

static void test_config(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct system *system = system_make(arena);
    system->cores[0].domains = 3;
    struct bytes bytes = emit_config(arena, system, &system->cores[0]);
    const struct core_config *config = (const struct core_config *)bytes.data;
    assert_int_equal(config->magic, CORE_CONFIG_MAGIC);
    assert_int_equal(config->length, bytes.size);
    assert_in_range(config->schedule_length, 2, CORE_CONFIG_MAX_SCHEDULE);
    assert_int_equal(config->length,
                     sizeof(*config) + config->schedule_length * sizeof(struct domain_slot));
    assert_int_equal(config->doorbell_max_rate_per_s, 10);
    const struct domain_slot *slot = (const struct domain_slot *)(config + 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(slot[i].domain, i);
        assert_int_not_equal(slot[i].duration_ticks, 0);
    }
    assert_int_equal(slot[3].duration_ticks, 0);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests_agree),
        cmocka_unit_test(test_records_are_accepted),
        cmocka_unit_test(test_peers_match),
        cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
