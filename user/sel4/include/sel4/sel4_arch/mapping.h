// SPDX-License-Identifier: BSD-2-Clause
/* Level of a missing page table. */
#pragma once

#include <sel4/arch/mapping.h>
