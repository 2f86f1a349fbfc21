// SPDX-License-Identifier: BSD-2-Clause
/* Sizes, limits and fault message words of 64-bit RISC-V. */
#pragma once

#include <sel4/gen/abi.h>

/* No object has this size: Sv39 has three levels. */
#define seL4_TeraPageBits 39
