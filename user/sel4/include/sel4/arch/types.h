// SPDX-License-Identifier: BSD-2-Clause
/* Capability addresses of objects that RISC-V has. */
#pragma once

#include <sel4/gen/abi.h>
#include <sel4/simple_types.h>

typedef seL4_CPtr seL4_RISCV_Page;
typedef seL4_CPtr seL4_RISCV_PageTable;
typedef seL4_CPtr seL4_RISCV_ASIDControl;
typedef seL4_CPtr seL4_RISCV_ASIDPool;
