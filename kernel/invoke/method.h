// SPDX-License-Identifier: BSD-2-Clause
/* One row of the generated dispatch table (abi/gen/dispatch). */
#pragma once

#include "kernel/invoke/invocation.h"

enum method_flags { METHOD_ALL_REGISTERS = 1 };

struct method {
    u8 kind;   /* enum cap_kind the method belongs to */
    u8 length; /* message words it needs */
    u8 caps;   /* extra capabilities it needs */
    u8 flags;
    enum sel4_error (*decode)(struct invocation *inv);
    enum act_result (*act)(struct invocation *inv);
};

/* The method with this label, or NULL. */
const struct method *method_find(u64 label);
