// SPDX-License-Identifier: BSD-2-Clause
/* Sizes and limits of the architecture. */
#pragma once

#include <sel4/sel4_arch/constants.h>
