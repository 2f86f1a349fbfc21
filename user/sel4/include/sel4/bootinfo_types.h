// SPDX-License-Identifier: BSD-2-Clause
/* The boot information page. */
#pragma once

#include <sel4/gen/bootinfo.h>
