// SPDX-License-Identifier: BSD-2-Clause
/* Faults of the architecture are decoded with all others. */
#pragma once

#include <sel4/faults.h>
