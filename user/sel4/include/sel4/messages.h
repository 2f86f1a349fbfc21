// SPDX-License-Identifier: BSD-2-Clause
/* Places of words in messages. */
#pragma once

#include <sel4/sel4_arch/constants.h>
#include <sel4/shared_types.h>
