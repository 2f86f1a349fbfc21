// SPDX-License-Identifier: BSD-2-Clause
/* No name of the architecture is deprecated. */
#pragma once

#include <sel4/types.h>
