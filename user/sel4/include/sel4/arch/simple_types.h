// SPDX-License-Identifier: BSD-2-Clause
/* Integer types of the architecture are those of <sel4/simple_types.h>. */
#pragma once

#include <sel4/macros.h>
