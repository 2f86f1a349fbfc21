// SPDX-License-Identifier: BSD-2-Clause
/* The boot information page has nothing of the architecture. */
#pragma once

#include <sel4/bootinfo_types.h>
