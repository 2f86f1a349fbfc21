// SPDX-License-Identifier: BSD-2-Clause
/* Assertions that exist in debug builds only. */
#pragma once

#include <sel4/assert.h>
