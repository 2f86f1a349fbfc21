// SPDX-License-Identifier: BSD-2-Clause
/* Object types of seL4_Untyped_Retype. */
#pragma once

#include <sel4/gen/abi.h>
