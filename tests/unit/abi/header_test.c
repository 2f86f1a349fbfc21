// SPDX-License-Identifier: BSD-2-Clause
/* The helper functions in the kernel's generated header. Its layouts assert themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "abi/gen/fuzz_table.h"
#include "abi/gen/names.h"
#include "abi/gen/sel4_abi.h"

/* Every label that is somebody's method has a place of its own; all others share place 0. */
static void test_method_index(void **state) {
    (void)state;
    bool used[METHOD_TABLE_LENGTH] = {false};

    for (size_t i = 0; i < ARRAY_LENGTH(fuzz_methods); i++) {
        unsigned index = method_index(fuzz_methods[i].label);
        assert_in_range(index, 1, METHOD_TABLE_LENGTH - 1);
        assert_false(used[index]);
        used[index] = true;
    }
    for (size_t i = 1; i < METHOD_TABLE_LENGTH; i++) {
        assert_true(used[i]);
    }
    const u64 unknown[] = {0, 47, 127, 129, 1ull << 32, (1ull << 52) - 1, 128 + (1ull << 32)};
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++) {
        assert_int_equal(method_index(unknown[i]), 0);
    }
}

static void test_message_info(void **state) {
    (void)state;
    assert_int_equal(sel4_msginfo(1, 0, 0, 0), 0x1000);
    assert_int_equal(sel4_msginfo(0, 1, 0, 0), 0x200);
    assert_int_equal(sel4_msginfo(0, 0, 1, 0), 0x80);
    assert_int_equal(sel4_msginfo(0, 0, 0, 1), 1);
    u64 info = sel4_msginfo(6, 5, 2, 119);
    assert_int_equal(sel4_msginfo_label(info), 6);
    assert_int_equal(sel4_msginfo_caps_unwrapped(info), 5);
    assert_int_equal(sel4_msginfo_extra_caps(info), 2);
    assert_int_equal(sel4_msginfo_length(info), 119);
    assert_int_equal(sel4_msginfo_label(~0ull), (1ull << 52) - 1);
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(sel4_syscall_name(-5), "Send");
    assert_string_equal(sel4_syscall_name(5), "unknown system call");
    assert_string_equal(sel4_method_name(METHOD_UNTYPED_RETYPE), "Untyped.Retype");
    assert_string_equal(sel4_method_name(128), "IRQControl.IssueDoorbell");
    assert_string_equal(sel4_method_name(47), "unknown method");
    assert_string_equal(sel4_error_name(SEL4_RANGE_ERROR), "RangeError");
    assert_string_equal(sel4_fault_name(SEL4_FAULT_VM), "VMFault");
    assert_string_equal(sel4_lookup_failure_name(4), "GuardMismatch");
    assert_string_equal(sel4_object_type_name(OBJECT_4K_PAGE), "4k page");
    assert_string_equal(sel4_cap_kind_name(SEL4_CAP_DOORBELL), "doorbell");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_method_index),
        cmocka_unit_test(test_message_info),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
