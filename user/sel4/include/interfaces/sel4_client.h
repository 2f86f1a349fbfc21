// SPDX-License-Identifier: BSD-2-Clause
/* One function per method of the kernel's objects. */
#pragma once

#include <sel4/gen/client.h>
