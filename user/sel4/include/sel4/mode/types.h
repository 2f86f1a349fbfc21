// SPDX-License-Identifier: BSD-2-Clause
/* Types of 64-bit machines. */
#pragma once

#include <sel4/simple_types.h>
