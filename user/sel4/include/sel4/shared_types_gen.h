// SPDX-License-Identifier: BSD-2-Clause
/* Bit-field types and their accessors. */
#pragma once

#include <sel4/gen/types.h>
